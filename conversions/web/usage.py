"""What the user's conversions came to: the day's quota, the month's money, and where it went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import budget, quota
from accounts.web.visitor import user_of
from conversions.enums import Platform, Provider
from conversions.selectors import USAGE_GROUPS, UsageRow, usage_of
from conversions.web.forms import UsageForm
from conversions.web.names import PLATFORM_NAMES, PROVIDER_NAMES
from newsforge.lib import charts
from newsforge.lib.export import csv_response

GROUP_NAMES = {
    "day": gettext_lazy("By day"),
    "provider": gettext_lazy("By provider"),
    "model": gettext_lazy("By model"),
    "platform": gettext_lazy("By platform"),
}

TABLES = ("provider", "model", "platform", "day")
"""The short ones first."""

MOST_LABELS = 6
"""Days named below the bars; more do not fit on a phone."""

COLUMNS = ("group", "conversions", "calls", "input_tokens", "output_tokens", "cost_usd", "unpriced")


@require_safe
@login_required
@never_cache
def usage(request: HttpRequest) -> HttpResponse:
    """Show the quota, the budget, and the usage of a span."""
    user, now = user_of(request), timezone.now()
    form = _asked(request, now)
    context = {
        "form": form,
        "standing": quota.standing(user=user, now=now),
        "spent": budget.spent(user=user, now=now),
        "budget": user.monthly_budget_usd,
        "spans": _spans(form.today),
    }
    if not form.is_valid():
        return render(request, "web/usage.html", context, status=422)
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    rows = {group: usage_of(user=user, start=start, end=end, group_by=group) for group in USAGE_GROUPS}
    tables = [(group, GROUP_NAMES[group], [(_name(group, row.group), row) for row in rows[group]]) for group in TABLES]
    span = {"start": start, "end": end, "chart": _chart(rows["day"], start, end), "tables": tables}
    shown = UsageForm(initial={"start": start, "end": end}, today=form.today)
    return render(request, "web/usage.html", {**context, **span, "form": shown, "is_used": bool(rows["day"])})


@require_safe
@login_required
def usage_file(request: HttpRequest, group: str) -> HttpResponseBase:
    """Send one of the page's tables as a file."""
    if group not in USAGE_GROUPS:
        raise Http404
    user = user_of(request)
    form = _asked(request, timezone.now())
    if not form.is_valid():
        return redirect("usage")
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    rows = usage_of(user=user, start=start, end=end, group_by=group)
    name = f"newsforge-usage-{group}-{start}-{end}"
    lines = [[getattr(row, column) for column in COLUMNS] for row in rows]
    return csv_response(name=name, header=[group, *COLUMNS[1:]], rows=lines)


def _asked(request: HttpRequest, now: datetime) -> UsageForm:
    return UsageForm(request.GET, today=now.astimezone(ZoneInfo(user_of(request).time_zone)).date())


def _spans(today: date) -> list[tuple[Any, date, date]]:
    """Return the spans one asks for most."""
    last = today.replace(day=1) - timedelta(days=1)
    return [
        (_("this month"), today.replace(day=1), today),
        (_("last month"), last.replace(day=1), last),
        (_("the last 7 days"), today - timedelta(days=6), today),
        (_("the last 90 days"), today - timedelta(days=89), today),
    ]


def _name(group: str, value: str) -> str:
    """Return what a group is called on the page."""
    if group == "day":
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    if group == "provider" and value in set(Provider):
        return str(PROVIDER_NAMES[Provider(value)])
    if group == "platform" and value in set(Platform):
        return _(PLATFORM_NAMES[Platform(value)])
    return value or "–"


def _chart(rows: Sequence[UsageRow], start: date, end: date) -> SafeString:
    """Return what each day cost, days of nothing included."""
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    costs = {row.group: row.cost_usd for row in rows}
    every = -(-len(days) // MOST_LABELS)
    return charts.bars(
        title=_("Cost by day in USD"),
        labels=[f"{day.month}/{day.day}" for day in days],
        series={"USD": [costs.get(day.isoformat(), 0) for day in days]},
        every=every,
    )
