"""Every read the doors and monitoring need; a stranger's rows are never among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Avg,
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber, TruncDate

from accounts.models import User
from conversions.enums import AttemptState, PromptState, Status, Verdict
from conversions.models import (
    Article,
    Attempt,
    Conversion,
    PostVersion,
    PromptVersion,
    WebhookDelivery,
    WebhookEndpoint,
)
from newsforge.lib.errors import Fault, PermanentError

DUE_AT_ONCE = 500
"""Webhooks one sweep wakes workers for."""

COST_SAMPLE = 1_000
"""Posts whose cost says what one usually costs."""


class NotFound(PermanentError):
    """There is no such row, or it is somebody else's."""

    code = "not-found"
    status_code = 404
    title = "Not found"
    sentence = "There is nothing of yours at this address. Check the id."
    fault = Fault.REQUEST


def conversions_of(*, user: User) -> QuerySet[Conversion]:
    """Return the user's conversions with their articles, unordered."""
    return Conversion.objects.filter(user=user).select_related("article")


def conversion_of(*, user: User, conversion_id: UUID) -> Conversion:
    """Return one conversion of the user's.

    :raises NotFound: if there is none with this id.
    """
    found = conversions_of(user=user).filter(pk=conversion_id).first()
    if found is None:
        raise NotFound
    return found


def any_conversion(*, conversion_id: UUID) -> Conversion:
    """Return one conversion, whosever it is: for staff.

    :raises NotFound: if there is none with this id.
    """
    found = Conversion.objects.select_related("article").filter(pk=conversion_id).first()
    if found is None:
        raise NotFound
    return found


def batch_of(*, user: User, batch_id: UUID) -> list[Conversion]:
    """Return the conversions of one request in the order they were asked for.

    :raises NotFound: if the user made no such request.
    """
    found = list(conversions_of(user=user).filter(batch_id=batch_id).order_by("created_at", "position"))
    if not found:
        raise NotFound
    return found


def answered(*, conversions: Iterable[Conversion]) -> set[UUID]:
    """Return which of these that are worked on have an answer of a provider already."""
    working = [row.pk for row in conversions if row.status == Status.PROCESSING]
    if not working:
        return set()
    found = Attempt.objects.filter(conversion_id__in=working, state=AttemptState.ANSWERED)
    return set(found.values_list("conversion_id", flat=True))


def versions_of(*, conversion: Conversion) -> list[PostVersion]:
    """Return every state of the post's text, the newest first; the only one of a post nobody edited is not a row."""
    if conversion.version > 1 or conversion.status != Status.SUCCEEDED:
        return list(conversion.versions.order_by("-number"))
    only = PostVersion(
        conversion=conversion,
        number=1,
        title=conversion.title,
        text=conversion.content_generated,
        hashtags=conversion.hashtags,
        length=conversion.length or 0,
        limit=conversion.limit,
        findings=conversion.findings,
        author=conversion.provider,
        created_at=conversion.finished_at or conversion.created_at,
    )
    return [only]


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
    jobs = Conversion.objects.filter(status__in=(Status.PENDING, Status.PROCESSING)).values_list("status")
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


USAGE_GROUPS = ("day", "provider", "model", "platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What one day, provider, model or platform came to; ``cost_usd`` leaves out the ``unpriced`` calls."""

    group: str
    conversions: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    unpriced: int


def usage_of(*, user: User, start: date, end: date, group_by: str) -> list[UsageRow]:
    """Return what the user's calls to writers came to from ``start`` to ``end``, both included, in the user's days.

    ``conversions`` counts those a group's calls belong to, ``calls`` every call, answered or not.
    """
    zone = ZoneInfo(user.time_zone)
    group = {
        "day": TruncDate("created_at", tzinfo=zone),
        "provider": F("provider"),
        "model": F("model"),
        "platform": F("conversion__target_platform"),
    }[group_by]
    rows = (
        Attempt.objects.filter(
            conversion__user=user,
            created_at__gte=datetime.combine(start, time.min, zone),
            created_at__lt=datetime.combine(end + timedelta(days=1), time.min, zone),
        )
        .annotate(group=group)
        .values("group")
        .annotate(
            conversions=Count("conversion", distinct=True),
            calls=Count("pk"),
            input_tokens=Sum("input_tokens"),
            output_tokens=Sum("output_tokens"),
            unpriced=Count("pk", filter=Q(cost_usd=None)),  # before the name stands for the sum
            cost_usd=Coalesce(Sum("cost_usd"), Decimal(0)),
        )
        .order_by("group")
    )
    return [UsageRow(**cast("dict[str, Any]", {**row, "group": str(row["group"])})) for row in rows]


def usual_costs() -> dict[tuple[str, str], Decimal]:
    """Return what a post for a platform, asked of a provider, cost lately on average (USD).

    "Lately" are the newest thousand priced posts, whatever the day. What none of them was has no entry.
    """
    newest = Conversion.objects.filter(status=Status.SUCCEEDED, cost_usd__isnull=False).order_by("-created_at")
    rows = (
        Conversion.objects.filter(pk__in=newest.values("pk")[:COST_SAMPLE])
        .values_list("target_platform", "requested_provider")
        .annotate(usual=Avg("cost_usd"))
    )
    return {(platform, provider): cost for platform, provider, cost in rows}


def endpoints_of(*, user: User) -> QuerySet[WebhookEndpoint]:
    """Return the user's endpoints, unordered."""
    return WebhookEndpoint.objects.filter(user=user)


def endpoint_of(*, user: User, endpoint_id: UUID) -> WebhookEndpoint:
    """Return one endpoint of the user's.

    :raises NotFound: if there is none with this id.
    """
    found = endpoints_of(user=user).filter(pk=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def deliveries_of(*, endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    """Return what an endpoint was told, or will be, unordered."""
    return WebhookDelivery.objects.filter(endpoint=endpoint)


def delivery_of(*, user: User, delivery_id: UUID) -> WebhookDelivery:
    """Return one delivery to an endpoint of the user's.

    :raises NotFound: if there is none with this id.
    """
    found = WebhookDelivery.objects.select_related("endpoint").filter(endpoint__user=user, pk=delivery_id).first()
    if found is None:
        raise NotFound
    return found


def due_deliveries(*, now: datetime, each_endpoint: int) -> QuerySet[WebhookDelivery, UUID]:
    """Return the ids of deliveries to send now, the longest due first and so many for each endpoint at most.

    An endpoint with thousands waiting takes no other's turn.
    """
    place = Window(RowNumber(), partition_by="endpoint_id", order_by="next_try_at")
    fair = (
        WebhookDelivery.objects.due(now=now)
        .annotate(place=place)
        .filter(place__lte=each_endpoint)
        .order_by("next_try_at")
    )
    return fair.values_list("pk", flat=True)[:DUE_AT_ONCE]


MOST_FAILURES = 1000
"""Of one provider, the latest, that are looked at: in an outage there may be thousands a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCount:
    """How often calls failed in one way, and when the last one did."""

    code: str
    count: int
    last_at: datetime


def failures_of(*, provider: str, since: datetime) -> list[FailureCount]:
    """Return how a provider's latest calls failed, the most frequent way first."""
    failed = Attempt.objects.filter(provider=provider, state=AttemptState.FAILED, created_at__gte=since)
    latest = failed.order_by("-created_at").values_list("failure_code", "created_at")[:MOST_FAILURES]
    times: dict[str, list[datetime]] = {}
    for code, at in latest:
        times.setdefault(code, []).append(at)
    found = [FailureCount(code=code, count=len(each), last_at=each[0]) for code, each in times.items()]
    return sorted(found, key=lambda each: -each.count)


MOST_USES = 1000
"""Conversions of one version that are counted; beyond it is enough to know that there are more."""


def prompt_versions() -> QuerySet[PromptVersion]:
    """Return all versions with ``uses``, how many conversions name each: at most one above ``MOST_USES``.

    ``has_before`` tells whether another version for the same platform and language was active before.
    """
    # A range, not "=": few versions have many conversions, so PostgreSQL would read the whole table for the others.
    named = Conversion.objects.filter(prompt_version__range=(OuterRef("version"), OuterRef("version")))
    uses = named.exclude(prompt_version="").values("prompt_version")[: MOST_USES + 1]
    same = PromptVersion.objects.filter(platform=OuterRef("platform"), language=OuterRef("language"))
    others = same.filter(state=PromptState.RETIRED).exclude(pk=OuterRef("pk"))
    count = Func(ArraySubquery(uses), function="cardinality", output_field=IntegerField())
    return PromptVersion.objects.annotate(uses=count, has_before=Exists(others))
