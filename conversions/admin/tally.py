"""What hours came to, to be read, and what a month's calls to each model cost, to be taken away."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts import budget
from accounts.admin.monthly_spend import Month
from conversions import tallies
from conversions.models import HourlySpend, HourlyTally
from newsforge.lib.admin import FactAdmin
from newsforge.lib.export import csv_response

COLUMNS = ("month", "provider", "model", "paid_by", "calls", "tokens", "cost_usd", "calls_of_unknown_cost")


class MonthOfHour(Month):
    """Hours of one month of the operator's calendar, of the last twelve."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the hours of the chosen month."""
        chosen = _month(self.value())
        if chosen is None:
            return queryset
        first, end = _span(chosen)
        return queryset.filter(hour__gte=first, hour__lt=end)


@admin.register(HourlyTally)
class HourlyTallyAdmin(FactAdmin[HourlyTally]):
    """Hours of conversions, newest first."""

    list_display = ("hour", "status", "failure_code", "platform", "provider", "count")
    search_fields = ("platform", "provider", "status", "failure_code")
    id_fields = ()
    ordering = ("-hour", "-id")


@admin.register(HourlySpend)
class HourlySpendAdmin(FactAdmin[HourlySpend]):
    """Hours of calls to providers, newest first."""

    list_display = ("hour", "provider", "model", "payer", "calls", "failed", "cost_usd")
    list_filter = (MonthOfHour,)
    search_fields = ("provider", "model")
    id_fields = ()
    ordering = ("-hour", "-id")
    change_list_template = "admin/conversions/hourlyspend/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the month as a file."""
        wrap = self.admin_site.admin_view
        return [path("export/", wrap(self.export), name="conversions_hourlyspend_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Return what a month's calls cost as a CSV file, by model and by whose key; this month's if none is named.

        :raises PermissionDenied: if whoever asks may not see it.
        :raises BadRequest: if the month is no date.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        named = request.GET.get("month")
        month = _month(named) if named else budget.month_of(user=None, now=now)
        if month is None:
            raise BadRequest
        first, end = _span(month)
        spends = tallies.spend_since(month=first, today=first, now=now, until=end)
        rows = [
            (f"{month:%Y-%m}", each.provider, each.model, each.payer, each.calls, each.tokens, each.month_usd,
             each.unpriced)
            for each in spends
        ]  # fmt: skip
        return csv_response(name=f"spend-{month:%Y-%m}", header=COLUMNS, rows=rows)


def _month(text: str | None) -> date | None:
    try:
        day = parse_date(text or "")
    except ValueError:
        return None
    return day.replace(day=1) if day else None


def _span(month: date) -> tuple[datetime, datetime]:
    """Return when a month of the installation's calendar begins, and when the next."""
    after = (month + timedelta(days=31)).replace(day=1)
    zone = timezone.get_default_timezone()
    return datetime.combine(month, time.min, zone), datetime.combine(after, time.min, zone)
