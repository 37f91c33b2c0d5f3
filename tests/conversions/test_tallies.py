"""Hours add up: what was counted before and what is counted now are together what the rows themselves say."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.models import User
from conversions import tallies
from conversions.enums import FINAL, FailureCode, Payer, Platform, Provider, Status
from conversions.models import Attempt, Conversion, HourlySpend, HourlyTally
from conversions.services import cancel_conversion, retry_conversion
from conversions.tasks import tally
from tests.factories import make_article, make_attempt, make_conversion

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)
MONTH = datetime(2026, 10, 31, 15, tzinfo=UTC)
"""In Seoul, the first of November."""


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def fill_days(user: User) -> None:
    """Three weeks of everything that can be: each way to stand, each provider, known and unknown prices."""
    article = make_article(user)
    for number in range(90):
        status = list(Status)[number % 5]
        at = ago(hours=number * 5.5)
        conversion = make_conversion(
            user, article=article, status=status, target_platform=list(Platform)[number % 10], created_at=at,
            **({"failure_code": list(FailureCode)[number % 7]} if status == Status.FAILED else {}),
            **({"finished_at": at + timedelta(seconds=9)} if status in FINAL else {}),
        )  # fmt: skip
        make_attempt(
            conversion, provider=list(Provider)[number % 3], model=f"model-{number % 4}",
            payer=list(Payer)[number % 3], state=("open", "answered", "failed")[number % 3], created_at=at,
            cost_usd=None if number % 7 == 0 else Decimal(number) / 1_000_000,
        )  # fmt: skip


def told_ends(now: datetime = NOW) -> Counter[tuple[str, str]]:
    told: Counter[tuple[str, str]] = Counter()
    for each in tallies.ends_since(start=MONTH, failures_since=MONTH, now=now):
        told[each.status, each.failure_code] += each.count
    return told


def counted_ends() -> Counter[tuple[str, str]]:
    rows = Conversion.objects.filter(created_at__gte=MONTH).values_list("status", "failure_code")
    return Counter({(status, code): count for status, code, count in rows.annotate(Count("pk"))})


def told_spend() -> dict[tuple[str, str, str], tuple[int, int, Decimal]]:
    found = tallies.spend_since(month=MONTH, today=ago(hours=12), now=NOW)
    return {(each.provider, each.model, each.payer): (each.calls, each.tokens, each.month_usd) for each in found}


def counted_spend() -> dict[tuple[str, str, str], tuple[int, int, Decimal]]:
    rows = Attempt.objects.filter(created_at__gte=MONTH).values("provider", "model", "payer")
    sums = rows.annotate(calls=Count("pk"), into=Sum("input_tokens"), out=Sum("output_tokens"), cost=Sum("cost_usd"))
    return {
        (each["provider"], each["model"], each["payer"]): (
            each["calls"], each["into"] + each["out"], each["cost"] or Decimal(0),
        )
        for each in sums
    }  # fmt: skip


def test_they_are_what_the_rows_say_before_and_after_hours_were_counted(acme: User) -> None:
    fill_days(acme)
    assert told_ends() == counted_ends()
    assert told_spend() == counted_spend()
    tallies.fill(now=NOW)
    assert HourlyTally.objects.aggregate(all=Sum("count"))["all"] == Conversion.objects.count()
    assert HourlySpend.objects.aggregate(all=Sum("cost_usd"))["all"] == Attempt.objects.aggregate(all=Sum("cost_usd"))["all"]  # fmt: skip # noqa: E501
    assert told_ends() == counted_ends()
    assert told_spend() == counted_spend()


def test_counting_twice_is_counting_once(acme: User) -> None:
    fill_days(acme)
    tallies.fill(now=ago(hours=1))
    tallies.fill(now=NOW)
    assert told_ends() == counted_ends()
    assert HourlyTally.objects.aggregate(all=Sum("count"))["all"] == Conversion.objects.count()


def test_what_ends_or_is_run_again_long_after_its_hour_was_counted_moves_with_it(acme: User) -> None:
    now = timezone.now()
    old = now - timedelta(days=3)
    waiting = make_conversion(acme, created_at=old)
    failed = make_conversion(acme, status=Status.FAILED, created_at=old, finished_at=old)
    tallies.fill(now=now)
    cancel_conversion(conversion=waiting, actor="staff", now=now)
    retry_conversion(conversion=failed, actor="staff", now=now)
    for _ in range(2):
        told = {each.status: each.count for each in tallies.ends_since(start=old.replace(minute=0, second=0, microsecond=0), failures_since=now, now=now)}  # fmt: skip # noqa: E501
        assert told == {Status.CANCELLED: 1, Status.PENDING: 1}
        tallies.fill(now=now)


def test_an_hour_that_was_counted_is_not_read_again(acme: User) -> None:
    fill_days(acme)
    tallies.fill(now=NOW)
    HourlyTally.objects.filter(hour__lt=ago(days=2), status=Status.SUCCEEDED).update(count=1000)
    assert max(told_ends().values()) >= 1000


def test_the_beat_counts(acme: User) -> None:
    make_conversion(acme)
    tally()
    assert HourlyTally.objects.get().count == 1


def test_stages_are_told_in_order_with_their_percentiles(acme: User) -> None:
    article = make_article(acme, read_ms=120)
    for number in range(1, 101):
        make_conversion(
            acme, article=article, status=Status.SUCCEEDED, finished_at=ago(minutes=number),
            timings={"generate": number * 10, "ground": 4, "fit": 2}, processing_time_ms=number * 10 + 6,
            created_at=ago(minutes=number, seconds=3), started_at=ago(minutes=number),
        )  # fmt: skip
    times = tallies.stage_times(start=ago(days=1))
    assert [each.stage for each in times] == ["wait", "read", "generate", "fit", "ground", "total"]
    assert [(each.p50, each.p95) for each in times] == [(3000, 3000), (120, 120), (500, 950), (2, 2), (4, 4), (506, 956)]  # fmt: skip # noqa: E501


@pytest.mark.parametrize(
    ("fields", "failed", "slow"),
    [
        ({}, 0, 0),
        ({"latency_ms": 21_000}, 0, 1),
        ({"state": "failed", "failure_code": "provider-overloaded"}, 1, 0),
        ({"state": "failed", "failure_code": "bad-key"}, 0, 0),
    ],
)
def test_a_minute_holds_against_a_provider_what_is_its_fault(
    acme: User, fields: dict[str, object], failed: int, slow: int
) -> None:
    make_attempt(make_conversion(acme), created_at=ago(minutes=5, seconds=7), **fields)
    make_attempt(make_conversion(acme), created_at=ago(minutes=90))
    (minute,) = tallies.provider_minutes(start=ago(hours=1))
    assert (minute.calls, minute.failed, minute.slow) == (1, failed, slow)
    assert minute.minute == datetime(2026, 11, 23, 3, 14, tzinfo=UTC)
