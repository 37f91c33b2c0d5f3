"""What happens to an article after the queue, whatever its site and its readers do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.db.models import Sum
from django.utils import timezone

from accounts.models import QuotaEntry, User
from conversions import reading, services, tasks, tools
from conversions.enums import Platform, Status, Verdict
from conversions.models import Article, Conversion
from tests.faults.server import FaultServer, answer, failing, hang_up

pytestmark = pytest.mark.django_db

PAGE = b"""<!doctype html><html lang="en"><head><title>Suwon opens a 24-hour library</title></head><body><article>
<h1>Suwon opens a 24-hour library for night-shift workers</h1>
<p>Suwon opened a library on Monday that never closes. The city spent 2.4 billion won on the four-storey building.</p>
<p>Mayor Lee Jae-joon said the library was a promise kept to people who work at night. It holds 38,000 books.</p>
<p>The city expects 1,200 visitors a day. Residents may borrow seven books for fourteen days, officials said.</p>
<p>Two librarians and one guard look after the house from ten in the evening until six in the morning every day.</p>
</article></body></html>"""
GOOD = answer(PAGE, kind="text/html; charset=utf-8")


@pytest.fixture
def site(settings: Any) -> Iterator[FaultServer]:
    with FaultServer(GOOD) as server:
        settings.FETCH_ALLOW = f"127.0.0.1:{server.port}"
        tools.http_policy.cache_clear()
        yield server
    tools.http_policy.cache_clear()


def ask(user: User, site: FaultServer, *platforms: Platform) -> tuple[Article, list[Conversion]]:
    wishes = services.Wishes(platforms=platforms or (Platform.X,), provider="extractive")
    source = services.Source(url=f"{site.base_url}/news")
    made = services.request_conversions(user=user, source=source, wishes=wishes, now=timezone.now())
    return Article.objects.get(), made


def read(article: Article) -> tuple[list[Any], float | None]:
    return reading.read(article_id=article.pk, times_up=SoftTimeLimitExceeded)


def states() -> set[tuple[str, str]]:
    return set(Conversion.objects.values_list("status", "failure_code"))


def used(user: User) -> int:
    user.refresh_from_db()
    ledger = QuotaEntry.objects.filter(user=user).aggregate(sum=Sum("units"))["sum"]
    assert ledger == user.api_quota_used
    return user.api_quota_used


def test_one_reading_serves_all_platforms_of_a_request(acme: User, site: FaultServer) -> None:
    article, made = ask(acme, site, Platform.X, Platform.KAKAO, Platform.LINKEDIN)
    ready, wait = read(article)
    assert (ready, wait) == ([each.pk for each in made], None)
    assert read(article) == ([], None)
    assert len(site.received) == 1
    article.refresh_from_db()
    assert (article.verdict, article.lease_until) == (Verdict.OK, None)
    assert article.fetch_ms is not None
    assert article.read_ms is not None
    assert 0 <= article.fetch_ms <= article.read_ms


def test_a_site_in_trouble_is_asked_three_times_and_all_units_come_back(acme: User, site: FaultServer) -> None:
    site.play(hang_up)
    article, _ = ask(acme, site, Platform.X, Platform.KAKAO)
    waits = [read(article)[1] for _ in range(3)]
    assert [wait is None for wait in waits] == [False, False, True]
    assert len(site.received) == 3
    ((status, code),) = states()
    assert (status, bool(code)) == (Status.FAILED, True)
    assert used(acme) == 0


def test_a_site_that_asks_for_patience_gets_it(acme: User, site: FaultServer) -> None:
    site.play(failing(503, {}, headers={"retry-after": "7"}), GOOD)
    article, (made,) = ask(acme, site)
    _, wait = read(article)
    assert wait is not None
    assert wait >= 7
    made.refresh_from_db()
    assert made.not_before > timezone.now() + timedelta(seconds=5)
    tasks.reap_stuck()
    assert len(site.received) == 1
    assert read(article)[0] == [made.pk]


def test_more_patience_than_a_conversion_has_is_a_failure_now(acme: User, site: FaultServer) -> None:
    site.play(failing(503, {}, headers={"retry-after": "86400"}))
    article, _ = ask(acme, site)
    assert read(article) == ([], None)
    ((status, _code),) = states()
    assert status == Status.FAILED
    assert used(acme) == 0


def test_readers_that_die_are_replaced_three_times(acme: User, site: FaultServer) -> None:
    ask(acme, site, Platform.X, Platform.KAKAO)
    for number in range(3):
        died = timezone.now() - timedelta(minutes=1)
        Article.objects.update(claim=number + 1, lease_until=died)
        Conversion.objects.update(woken_at=died)
        tasks.reap_stuck()
    assert states() == {(Status.FAILED, "worker-lost")}
    assert used(acme) == 0


def test_a_retry_gives_all_tries_again(acme: User, site: FaultServer) -> None:
    site.play(hang_up)
    article, (made,) = ask(acme, site)
    for _ in range(3):
        read(article)
    for _ in range(2):
        services.retry_conversion(conversion=made, actor="editor", now=timezone.now())
        assert [read(article)[1] is None for _ in range(3)] == [False, False, True]
    assert len(site.received) == 9
    site.play(GOOD)
    services.retry_conversion(conversion=made, actor="editor", now=timezone.now())
    assert read(article)[0] == [made.pk]
    assert used(acme) == 1


def test_a_reader_of_before_a_retry_writes_nothing_after_it(acme: User, site: FaultServer) -> None:
    """It slept while everybody took it for dead; its claim must not be worth anything again."""
    article, (made,) = ask(acme, site)
    asleep = reading._claim(article.pk, timezone.now() - timedelta(minutes=5))
    assert asleep
    services.cancel_conversion(conversion=made, actor="editor", now=timezone.now())
    services.retry_conversion(conversion=made, actor="editor", now=timezone.now())
    awake = reading._claim(article.pk, timezone.now())
    assert awake
    reading._fail(asleep, reading.ReadingTimedOut())
    assert states() == {(Status.PENDING, "")}
    assert awake.claim > asleep.claim


def test_a_retry_leaves_an_article_to_whoever_reads_it_now(acme: User, site: FaultServer) -> None:
    article, (first, second) = ask(acme, site, Platform.X, Platform.KAKAO)
    reader = reading._claim(article.pk, timezone.now())
    assert reader
    services.cancel_conversion(conversion=first, actor="editor", now=timezone.now())
    services.retry_conversion(conversion=first, actor="editor", now=timezone.now())
    assert reading._claim(article.pk, timezone.now()) is None
    Article.objects.update(lease_until=None)
    assert {str(pk) for pk in read(article)[0]} == {str(first.pk), str(second.pk)}
    assert len(site.received) == 1


def test_a_page_that_takes_too_long_is_told_so(acme: User, site: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: str) -> Any:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(tools, "fetch_page", stopped)  # what Celery raises into whatever runs
    article, _ = ask(acme, site)
    read(article)
    assert states() == {(Status.FAILED, "extraction-timed-out")}
    assert used(acme) == 0
