"""What anybody may know of how the service is: in plain words, without details, also while it is not well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from monitoring import health, status
from monitoring.status import PARTS, Standing
from tests.factories import make_dependency, make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def looked_at_anew() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    status.forget()
    health._kept.clear()


def page(language: str = "en") -> str:
    answer = Client(headers={"accept-language": language}).get(reverse("status"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_part_is_told_in_words_with_its_days_and_no_details() -> None:
    make_dependency(name="openai_api", status="unhealthy", detail="503 from db-7.internal")
    body = page()
    assert body.count('class="chart chart-strip"') == len(PARTS)
    assert "part-unhealthy" in body
    assert "db-7.internal" not in body
    assert "서비스 상태" in page("ko")


def test_trouble_is_told_by_what_people_noticed_and_not_by_what_staff_read() -> None:
    now = timezone.now()
    make_incident(summary="Redis on db-7.internal does not answer", opened_at=now - timedelta(days=3),
                  resolved_at=now - timedelta(days=2))  # fmt: skip
    make_incident(kind="disk", fingerprint="sweep/db-7/disk/home", summary="The disk of db-7 is 99 % full")
    make_incident(kind="redis", fingerprint="sweep/redis/old", opened_at=now - timedelta(days=120),
                  resolved_at=now - timedelta(days=100))  # fmt: skip
    body = page()
    assert body.count("Posts came later than usual.") == 1
    assert "db-7" not in body
    assert body.count("cell-failed") == 2


def test_without_redis_the_page_is_there_and_says_what_does_not_work(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    body = page()
    assert "Part of the service does not work right now." in body


def test_without_the_database_what_is_not_known_is_said_to_be_so() -> None:
    states = ("unhealthy", "unknown", "unknown", "unknown")
    standing = Standing(at=timezone.now(), states=states, past=(), since=None)
    with override("en"):
        assert [line["strip"] for line in status.lines(standing)] == [""] * 4
        assert [str(line["words"]) for line in status.lines(standing)][1:] == ["Not known right now"] * 3
        assert "does not work" in status.summary(standing)


def test_a_crowd_costs_one_look(django_assert_num_queries: Any) -> None:
    page()
    with django_assert_num_queries(0):
        page()
