"""What is done and what it costs: conversions, the time they take, and the spend, from hourly sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from conversions import tallies
from conversions.enums import Payer, Status
from conversions.tallies import Ends
from newsforge.lib import charts
from newsforge.lib.problem import title_of

DAYS = 14
MOST_FAILURES = 8

STAGE_NAMES = {
    "wait": gettext_noop("waiting"),
    "read": gettext_noop("reading the article"),
    "generate": gettext_noop("writing"),
    "fit": gettext_noop("fitting"),
    "ground": gettext_noop("checking facts"),
    "total": gettext_noop("from claim to post"),
}


def conversions(now: datetime) -> Mapping[str, Any]:
    """Return today's conversions by hour, those of the last days, and why they fail."""
    today = midnight(now)
    yesterday = (now - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    first = midnight(now, days_before=DAYS - 1)
    ends = tallies.ends_since(start=first, failures_since=yesterday, now=now)
    of_today = _by_status(each for each in ends if each.hour >= today)
    ended = of_today[Status.SUCCEEDED] + of_today[Status.FAILED]
    return {
        "today": sum(of_today.values()),
        "succeeded": of_today[Status.SUCCEEDED],
        "failed": of_today[Status.FAILED],
        "cancelled": of_today[Status.CANCELLED],
        "rate": f"{100 * of_today[Status.SUCCEEDED] / ended:.1f}" if ended else None,
        "hours": _hours(ends, today),
        "days": _days(ends, today),
        "failures": _failures(each for each in ends if each.hour >= yesterday),
    }


def stages(now: datetime) -> Mapping[str, Any]:
    """Return how long stages took lately."""
    times = tallies.stage_times(start=now - timedelta(days=1))
    rows = [
        {"name": _(STAGE_NAMES[each.stage]), "posts": each.posts, "p50": _span(each.p50), "p95": _span(each.p95)}
        for each in times
    ]
    return {"rows": rows, "most": tallies.SAMPLE}


def spend(now: datetime) -> Mapping[str, Any]:
    """Return what calls to providers cost today and this month, by model and by whose key."""
    today = midnight(now)
    month = datetime.combine(timezone.localtime(now).date().replace(day=1), time.min, timezone.get_default_timezone())
    rows = [
        row for row in tallies.spend_since(month=month, today=today, now=now) if row.payer != Payer.NOBODY
    ]  # our own writer costs nothing
    return {
        "rows": [
            {
                "provider": row.provider, "model": row.model, "payer": _(row.payer), "calls": row.calls,
                "today": _money(row.today_usd), "month": _money(row.month_usd),
            }
            for row in rows
        ],
        "today": _money(sum((row.today_usd for row in rows), Decimal(0))),
        "month": _money(sum((row.month_usd for row in rows), Decimal(0))),
        "unpriced": sum(row.unpriced for row in rows),
    }  # fmt: skip


def midnight(now: datetime, *, days_before: int = 0) -> datetime:
    """Return when the installation's day began, or one so many days before it."""
    day = timezone.localtime(now, timezone.get_default_timezone()).date() - timedelta(days=days_before)
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def _by_status(ends: Iterable[Ends]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in ends:
        counts[each.status] += each.count
    return counts


def _series(counts: Iterable[Counter[str]]) -> dict[str, list[int]]:
    known = list(counts)
    return {
        _("succeeded"): [each[Status.SUCCEEDED] for each in known],
        _("failed"): [each[Status.FAILED] for each in known],
        _("other"): [each[Status.CANCELLED] + each[Status.PENDING] + each[Status.PROCESSING] for each in known],
    }


def _hours(ends: Iterable[Ends], today: datetime) -> SafeString:
    counts = {today + timedelta(hours=hour): Counter[str]() for hour in range(24)}
    for each in ends:
        if each.hour in counts:
            counts[each.hour][each.status] += each.count
    labels = [f"{hour:%H}" for hour in counts]
    title = _("Conversions of today by hour")
    return charts.bars(title=title, labels=labels, series=_series(counts.values()), every=6)


def _days(ends: Iterable[Ends], today: datetime) -> SafeString:
    days = [today.date() - timedelta(days=before) for before in reversed(range(DAYS))]
    counts = {day: Counter[str]() for day in days}
    for each in ends:
        counts[timezone.localtime(each.hour, timezone.get_default_timezone()).date()][each.status] += each.count
    labels = [f"{day:%m-%d}" for day in days]
    title = _("Conversions of the last 14 days")
    return charts.bars(title=title, labels=labels, series=_series(counts.values()), every=3)


def _failures(ends: Iterable[Ends]) -> list[Mapping[str, Any]]:
    counts: Counter[str] = Counter()
    for each in ends:
        counts[each.failure_code] += each.count
    del counts[""]
    page = reverse("admin:conversions_conversion_changelist")
    return [
        {
            "title": title_of(code=code), "code": code, "count": count,
            "url": f"{page}?{urlencode({'status__exact': 'failed', 'failure_code': code, 'within': 'day'})}",
        }
        for code, count in counts.most_common(MOST_FAILURES)
    ]  # fmt: skip


def _span(ms: int) -> str:
    return f"{ms} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def _money(amount: Decimal) -> str:
    return f"${amount:,.4f}" if 0 < amount < 1 else f"${amount:,.2f}"
