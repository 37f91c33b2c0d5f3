from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from accounts import quota
from accounts.models import QuotaEntry, User

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Noon in Seoul."""


@pytest.fixture
def reader() -> User:
    return User.objects.create_user("reader@acme.example", api_quota_daily=3, last_quota_reset=NOON)


def take(user: User, units: int, now: datetime = NOON) -> list[uuid.UUID]:
    ids = [uuid.uuid4() for _ in range(units)]
    with transaction.atomic():
        quota.reserve(user=user, conversion_ids=ids, actor=user.email, now=now)
    return ids


def give_back(user: User, conversion_id: uuid.UUID, now: datetime = NOON) -> None:
    with transaction.atomic():
        quota.release(user_id=user.pk, conversion_id=conversion_id, run=1, reason="failed", now=now)


def counter(user: User) -> int:
    user.refresh_from_db()
    assert (QuotaEntry.objects.filter(user=user).aggregate(sum=Sum("units"))["sum"] or 0) == user.api_quota_used
    return user.api_quota_used


def test_a_batch_is_taken_whole_or_not_at_all(reader: User) -> None:
    take(reader, 2)
    with pytest.raises(quota.QuotaExceeded) as refusal:
        take(reader, 2)
    assert counter(reader) == 2
    assert "1 are left" in refusal.value.detail
    take(reader, 1)
    assert counter(reader) == 3


def test_a_failed_conversion_gives_its_unit_back_once(reader: User) -> None:
    (conversion,) = take(reader, 1)
    give_back(reader, conversion)
    assert counter(reader) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        give_back(reader, conversion)
    assert counter(reader) == 0


def test_what_was_settled_is_not_given_back(reader: User) -> None:
    (conversion,) = take(reader, 1)
    quota.settle(user_id=reader.pk, conversion_id=conversion, run=1, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        give_back(reader, conversion)
    assert counter(reader) == 1


def test_a_request_after_midnight_starts_a_new_day_without_beat(reader: User) -> None:
    take(reader, 3)
    before_midnight = datetime(2026, 11, 23, 14, 59, 59, tzinfo=UTC)
    with pytest.raises(quota.QuotaExceeded):
        take(reader, 1, now=before_midnight)
    take(reader, 2, now=before_midnight + timedelta(seconds=1))
    assert counter(reader) == 2


def test_a_unit_of_yesterday_does_not_shrink_today(reader: User) -> None:
    (conversion,) = take(reader, 1)
    tomorrow = NOON + timedelta(days=1)
    take(reader, 1, now=tomorrow)
    give_back(reader, conversion, now=tomorrow)
    assert counter(reader) == 1


def test_a_request_that_reaches_the_counter_after_midnights_reset_gives_its_unit_back(reader: User) -> None:
    """Its own clock says yesterday, the counter it moved is today's."""
    midnight = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    assert quota.reset_due(now=midnight + timedelta(milliseconds=1)) == 1
    (conversion,) = take(reader, 1, now=midnight - timedelta(milliseconds=1))
    assert counter(reader) == 1
    give_back(reader, conversion, now=midnight + timedelta(seconds=1))
    assert counter(reader) == 0


def test_the_day_is_the_users_own(reader: User) -> None:
    reader.time_zone = "America/New_York"
    reader.save()
    take(reader, 3)
    with pytest.raises(quota.QuotaExceeded) as refusal:
        take(reader, 1, now=NOON + timedelta(hours=1))
    assert "2026-11-23 00:00 (America/New_York)" in refusal.value.detail


def test_beat_resets_everybody_whose_day_is_new_and_only_once(reader: User) -> None:
    other = User.objects.create_user("late@globex.example", time_zone="Europe/London", last_quota_reset=NOON)
    take(reader, 3)
    take(other, 1)
    midnight_in_seoul = datetime(2026, 11, 23, 15, 0, 1, tzinfo=UTC)
    assert quota.reset_due(now=midnight_in_seoul) == 1
    assert quota.reset_due(now=midnight_in_seoul) == 0
    assert (counter(reader), counter(other)) == (0, 1)


def test_a_grant_adds_to_the_day_and_ends_by_itself(reader: User) -> None:
    staff = User.objects.create_superuser("staff@newsforge.example")
    friday = NOON + timedelta(hours=2)
    quota.grant(user=reader, extra_daily=2, ends_at=friday, reason="election night", by=staff, now=NOON)
    assert quota.standing(user=reader, now=NOON).limit == 5
    take(reader, 5)
    assert quota.standing(user=reader, now=friday).limit == 3
    with pytest.raises(quota.QuotaExceeded):
        take(reader, 1, now=friday)
    assert counter(reader) == 5


def test_a_reset_by_staff_says_who_and_why(reader: User) -> None:
    take(reader, 3)
    quota.reset_now(user=reader, actor="staff@newsforge.example", reason="our outage", now=NOON + timedelta(minutes=1))
    assert counter(reader) == 0
    line = QuotaEntry.objects.filter(user=reader).latest("pk")
    assert (line.kind, line.units, line.actor, line.reason) == ("reset", -3, "staff@newsforge.example", "our outage")


def test_a_ledger_line_is_never_changed(reader: User) -> None:
    take(reader, 1)
    line = QuotaEntry.objects.get(user=reader)
    line.units = 0
    with pytest.raises(TypeError, match="never changed"):
        line.save()
