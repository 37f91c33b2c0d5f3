"""What was spent, and what a post usually costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, F, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from accounts.models import User
from conversions.enums import Status
from conversions.models import Attempt, Conversion

COST_SAMPLE = 1_000
"""Posts whose cost says what one usually costs."""


USAGE_GROUPS = ("day", "provider", "model", "platform")

LONGEST_DAYS = 366
"""Of a span whose usage may be asked for."""

LAST_DAY = date.max - timedelta(days=1)
"""The last that has a day after it."""


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
    after = min(end, LAST_DAY) + timedelta(days=1)
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
            created_at__lt=datetime.combine(after, time.min, zone),
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
