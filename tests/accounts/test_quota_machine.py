"""Any order of reserve, settle, release, grant and reset keeps the counter, the ledger and the limit in agreement."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from accounts import quota
from accounts.models import QuotaEntry, User

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class QuotaMachine(RuleBasedStateMachine):
    open_units = Bundle("open_units")

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.user = User.objects.create_user(
            f"{uuid.uuid4().hex}@acme.example", api_quota_daily=5, last_quota_reset=START
        )
        self.staff = User.objects.create_user(f"{uuid.uuid4().hex}@staff.example")
        self.taken_today: set[uuid.UUID] = set()
        self.kept_today = 0

    @rule(target=open_units, units=st.integers(1, 7))
    def reserve(self, units: int) -> object:
        ids = [uuid.uuid4() for _ in range(units)]
        self.user.refresh_from_db()
        left = quota.standing(user=self.user, now=self.now).left
        try:
            with transaction.atomic():
                quota.reserve(user=self.user, conversion_ids=ids, actor="machine", now=self.now)
        except quota.QuotaExceeded:
            assert units > left
            return multiple()
        assert units <= left
        self.taken_today |= set(ids)
        return multiple(*ids)

    @rule(unit=consumes(open_units))
    def settle(self, unit: uuid.UUID) -> None:
        quota.settle(user_id=self.user.pk, conversion_id=unit, run=1, now=self.now)
        self.kept_today += unit in self.taken_today
        self.taken_today.discard(unit)

    @rule(unit=consumes(open_units))
    def release(self, unit: uuid.UUID) -> None:
        with transaction.atomic():
            quota.release(user_id=self.user.pk, conversion_id=unit, run=1, reason="failed", now=self.now)
        self.taken_today.discard(unit)

    @rule(extra=st.integers(1, 5), hours=st.integers(1, 60))
    def grant(self, extra: int, hours: int) -> None:
        quota.grant(
            user=self.user,
            extra_daily=extra,
            ends_at=self.now + timedelta(hours=hours),
            reason="r",
            by=self.staff,
            now=self.now,
        )

    @rule(hours=st.integers(1, 30), by_beat=st.booleans())
    def time_passes(self, hours: int, by_beat: bool) -> None:
        before = quota.day_of(user=self.user, now=self.now)
        self.now += timedelta(hours=hours)
        if quota.day_of(user=self.user, now=self.now) == before:
            return
        self.user.refresh_from_db()
        if by_beat:
            quota.reset_due(now=self.now)
        else:
            with transaction.atomic():
                quota.reset_if_due(user=self.user, now=self.now)
        self.taken_today.clear()
        self.kept_today = 0

    @invariant()
    def counter_ledger_and_limit_agree(self) -> None:
        self.user.refresh_from_db()
        ledger = QuotaEntry.objects.filter(user=self.user).aggregate(sum=Sum("units"))["sum"] or 0
        standing = quota.standing(user=self.user, now=self.now)
        assert ledger == self.user.api_quota_used == standing.used
        assert standing.used == len(self.taken_today) + self.kept_today
        assert standing.left == max(0, standing.limit - standing.used)


TestQuotaMachine: Any = type("TestQuotaMachine", (TestCase, QuotaMachine.TestCase), {})
TestQuotaMachine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
