"""What an answer says about limits, and what a refusal by one looks like (IETF draft RateLimit headers)."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts import burst, quota
from accounts.models import User
from tests.conversions.conftest import client_of, problem
from tests.conversions.test_api import ARTICLE, DOOR
from tests.factories import make_grant, make_token

RATE = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')


def ask(api: APIClient, *platforms: str) -> Any:
    return api.post(DOOR, {"text": ARTICLE, "platforms": platforms or ("x",)})


def rate(answer: Any) -> tuple[str, int, int]:
    """Name, units left and seconds to the reset; the header is exactly that."""
    found = RATE.fullmatch(answer["RateLimit"])
    assert found, answer["RateLimit"]
    return found[1], int(found[2]), int(found[3])


def seconds_to_midnight(zone: str) -> float:
    now = timezone.now().astimezone(ZoneInfo(zone))
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp() - now.timestamp()


@pytest.fixture
def redis_at(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Send the burst limit to another Redis until the test ends."""

    def go(url: str) -> None:
        settings.REDIS_URL = url
        burst._shared.cache_clear()

    yield go
    burst._shared.cache_clear()


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York"])
def test_every_answer_says_what_is_left_and_until_when(api: APIClient, acme: User, zone: str) -> None:
    User.objects.update(api_quota_daily=7, time_zone=zone)
    left = []
    for answer in (api.get(DOOR), ask(api, "x", "kakao"), api.get(DOOR), ask(api, "nowhere")):
        name, units, seconds = rate(answer)
        assert name == "daily"
        assert answer["RateLimit-Policy"] == '"daily";q=7;w=86400'
        assert abs(seconds - seconds_to_midnight(zone)) < 5
        left.append(units)
    assert left == [7, 5, 5, 5]


def test_a_grant_is_in_the_policy(api: APIClient, acme: User) -> None:
    User.objects.update(api_quota_daily=7)
    make_grant(acme, extra_daily=5)
    answer = api.get(DOOR)
    assert answer["RateLimit-Policy"] == '"daily";q=12;w=86400'
    assert rate(answer)[1] == 12


def test_an_answer_given_again_tells_what_is_left_now(api: APIClient, acme: User) -> None:
    User.objects.update(api_quota_daily=7)
    body, key = {"text": ARTICLE, "platforms": ["x"]}, {"Idempotency-Key": "k"}
    first = api.post(DOOR, body, headers=key)
    ask(api, "kakao", "threads")
    again = api.post(DOOR, body, headers=key)
    assert again["Idempotency-Replayed"] == "true"
    assert (rate(first)[1], rate(again)[1]) == (6, 4)


def test_nobody_is_told_of_no_limit(acme: User) -> None:
    assert "RateLimit" not in APIClient().get(DOOR)


def test_beyond_the_quota_nothing_is_taken_and_the_wait_is_to_the_reset(api: APIClient, acme: User) -> None:
    User.objects.update(api_quota_daily=3)
    assert ask(api, "x", "kakao").status_code == 202
    answer = ask(api, "x", "kakao")
    body = problem(answer, 429, "quota-exceeded")
    assert body["violated-policies"] == ["daily"]
    assert "1 are left" in body["detail"]
    name, left, resets_in = rate(answer)
    assert (name, left) == ("daily", 1)
    assert int(answer["Retry-After"]) >= resets_in
    assert int(answer["Retry-After"]) >= seconds_to_midnight(acme.time_zone)
    assert ask(api, "x").status_code == 202


def test_waiting_as_long_as_told_is_enough(api: APIClient, acme: User) -> None:
    User.objects.update(api_quota_daily=1)
    ask(api)
    wait = int(ask(api)["Retry-After"])
    acme.refresh_from_db()
    assert quota.standing(user=acme, now=timezone.now() + timedelta(seconds=wait)).left == 1


def test_other_refusals_name_no_policy(api: APIClient, acme: User) -> None:
    assert "violated-policies" not in problem(ask(api, "nowhere"), 400, "invalid-request")


def test_a_burst_is_refused_with_its_own_policy_and_ends_by_waiting(
    api: APIClient, acme: User, settings: Settings
) -> None:
    settings.BURST_SIZE, settings.BURST_PER_MINUTE = 4, 60
    answers = [api.get(DOOR) for _ in range(7)]
    statuses = [each.status_code for each in answers]
    assert statuses[:4] == [200] * 4
    assert statuses[-1] == 429
    refusal = answers[-1]
    assert problem(refusal, 429, "throttled")["violated-policies"] == ["burst"]
    assert refusal["RateLimit-Policy"] == '"burst";q=4;w=4'
    name, left, resets_in = rate(refusal)
    assert (name, left) == ("burst", 0)
    assert int(refusal["Retry-After"]) >= resets_in >= 1
    time.sleep(int(refusal["Retry-After"]))
    assert api.get(DOOR).status_code == 200


def test_a_burst_of_one_token_is_not_another_ones(api: APIClient, acme: User, settings: Settings) -> None:
    settings.BURST_SIZE, settings.BURST_PER_MINUTE = 1, 1
    assert [api.get(DOOR).status_code for _ in range(2)] == [200, 429]
    assert client_of(acme).get(DOOR).status_code == 200


def test_a_refused_burst_costs_no_unit(api: APIClient, acme: User, settings: Settings) -> None:
    settings.BURST_SIZE, settings.BURST_PER_MINUTE = 1, 1
    assert [ask(api).status_code for _ in range(3)] == [202, 429, 429]
    assert quota.standing(user=acme, now=timezone.now()).used == 1


@pytest.mark.django_db(transaction=True)
def test_a_burst_from_many_threads_lets_exactly_its_size_pass(acme: User, settings: Settings) -> None:
    settings.BURST_SIZE, settings.BURST_PER_MINUTE = 5, 1
    token = make_token(acme)[1]

    def knock(_: int) -> int:
        api = APIClient()
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        try:
            return int(api.get(DOOR).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(knock, range(24)))
    assert (statuses.count(200), statuses.count(429)) == (5, 19)


def test_without_redis_requests_pass_and_the_quota_still_holds(
    api: APIClient, acme: User, settings: Settings, redis_at: Callable[[str], None]
) -> None:
    settings.BURST_SIZE, settings.BURST_PER_MINUTE = 1, 1
    User.objects.update(api_quota_daily=3)
    redis_at("redis://:gone@127.0.0.1:1/0")
    began = time.monotonic()
    assert [ask(api).status_code for _ in range(4)] == [202, 202, 202, 429]
    assert time.monotonic() - began < 5


def test_a_frozen_redis_holds_a_request_up_for_a_moment_only(
    api: APIClient, acme: User, settings: Settings, redis_at: Callable[[str], None]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as frozen:  # accepts, and never says a word
        redis_at(f"redis://127.0.0.1:{frozen.getsockname()[1]}/0")
        began = time.monotonic()
        assert api.get(DOOR).status_code == 200
        assert time.monotonic() - began < 3
