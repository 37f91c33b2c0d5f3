"""What waits, for whom, and for how long; what was left lying."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Func, Min, Q, QuerySet, Value

from conversions.enums import OPEN, Status, Verdict
from conversions.models import Article, Conversion, WebhookDelivery


def waiting_to_be_read(*, unheard_since: datetime, now: datetime) -> QuerySet[Article]:
    """Return articles with open conversions that nobody reads although a worker was told before ``unheard_since``."""
    return Article.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        verdict=Verdict.UNREAD,
        conversions__status=Status.PENDING,
        conversions__woken_at__lt=unheard_since,
        conversions__not_before__lte=now,
    ).distinct()


def waiting_to_be_written(*, unheard_since: datetime, now: datetime) -> QuerySet[Conversion]:
    """Return pending conversions of read articles that nobody took although a worker was told."""
    return Conversion.objects.filter(
        status=Status.PENDING, article__verdict=Verdict.OK, woken_at__lt=unheard_since, not_before__lte=now
    )


class DatabaseStart(Func):
    """When the database came up."""

    template = "pg_postmaster_start_time()"
    output_field = DateTimeField()


def abandoned_by_worker(*, now: datetime, lease: timedelta) -> QuerySet[Conversion]:
    """Return conversions whose worker let its lease run out.

    While the database was away nobody could renew one: after its start the living have a whole ``lease`` to do it, or
    each call that was in flight would be made, and paid for, again.
    """
    up = Conversion.objects.alias(up_since=DatabaseStart()).filter(up_since__lt=now - lease)
    return up.filter(status=Status.PROCESSING, lease_until__lt=now)


def overdue(*, now: datetime, grace: timedelta) -> QuerySet[Conversion]:
    """Return pending conversions whose deadline passed while nobody worked on them."""
    return Conversion.objects.filter(status=Status.PENDING, deadline_at__lt=now - grace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much waits, and for how long the one that waits longest has been due (s, 0 if nothing waits)."""

    pending: int
    processing: int
    oldest_due_s: float
    webhooks: int
    oldest_webhook_s: float


def backlog(*, now: datetime) -> Backlog:
    """Return what is to be done now: conversions that could be worked on, those that are, and webhooks that are due."""
    jobs = Conversion.objects.filter(status__in=OPEN).values_list("status")
    jobs = jobs.annotate(count=Count("pk"), oldest=Min("not_before", filter=Q(not_before__lte=now)))
    hooks = WebhookDelivery.objects.due(now=now).values_list(Value("webhooks"))
    hooks = hooks.annotate(count=Count("pk"), oldest=Min("next_try_at"))
    rows: Iterable[Any] = jobs.union(hooks, all=True)  # one question: the dashboard has many
    found = {what: (count, oldest) for what, count, oldest in rows}
    pending, oldest_due = found.get(Status.PENDING, (0, None))
    processing, _oldest = found.get(Status.PROCESSING, (0, None))
    webhooks, oldest_webhook = found.get("webhooks", (0, None))
    return Backlog(
        pending=pending,
        processing=processing,
        oldest_due_s=_seconds_since(oldest_due, now),
        webhooks=webhooks,
        oldest_webhook_s=_seconds_since(oldest_webhook, now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many conversions could be worked on from one queue, and for how long the first of them has been due (s)."""

    count: int
    oldest_s: float


def waiting_by_queue(*, now: datetime) -> dict[str, Waiting]:
    """Return what is due for those who read and for those who write, by the queue's name."""
    due = Conversion.objects.filter(status=Status.PENDING, not_before__lte=now)
    groups = due.values("article__verdict").annotate(count=Count("pk"), oldest=Min("not_before"))
    found = {queue: Waiting(count=0, oldest_s=0.0) for queue in ("reading", "writing")}
    for group in groups:
        queue = "reading" if group["article__verdict"] == Verdict.UNREAD else "writing"
        age = max(found[queue].oldest_s, _seconds_since(group["oldest"], now))
        found[queue] = Waiting(count=found[queue].count + group["count"], oldest_s=age)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How many conversions came to an end, and how."""

    succeeded: int
    failed: int


def finished_between(*, start: datetime, end: datetime) -> Finished:
    """Return what ended from ``start`` until just before ``end``, of what was asked for within the day before."""
    asked = Conversion.objects.filter(created_at__gte=start - timedelta(days=1))  # by an index
    ended = asked.filter(finished_at__gte=start, finished_at__lt=end)
    counts = ended.aggregate(
        succeeded=Count("pk", filter=Q(status=Status.SUCCEEDED)), failed=Count("pk", filter=Q(status=Status.FAILED))
    )
    return Finished(**counts)


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
