"""Filters that cost nothing: closed sets need no SELECT DISTINCT, and a span of time needs no drill-down by date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversions.admin import search
from conversions.enums import FailureCode, Provider
from newsforge.lib.listing import Typed
from newsforge.lib.problem import title_of

SPANS: dict[str, tuple[timedelta, Promise | str]] = {
    "hour": (timedelta(hours=1), _("last hour")),
    "day": (timedelta(days=1), _("last 24 hours")),
    "week": (timedelta(days=7), _("last 7 days")),
    "month": (timedelta(days=30), _("last 30 days")),
}


class CreatedWithin(admin.SimpleListFilter):
    """Rows made within a span that ends now."""

    title = _("created")
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        """Return the spans."""
        return [(name, label) for name, (_span, label) in SPANS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the span."""
        chosen = SPANS.get(self.value() or "")
        return queryset.filter(created_at__gte=timezone.now() - chosen[0]) if chosen else queryset


class ClosedSet(admin.SimpleListFilter):
    """Rows with one value of a closed set."""

    values: ClassVar[tuple[str, ...]] = ()

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        """Return the set."""
        return [(value, value) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with the value."""
        chosen = self.value()
        return queryset.filter(**{str(self.parameter_name): chosen}) if chosen in self.values else queryset


class Failure(ClosedSet):
    """Rows that failed in one way; there are many, so they are offered only once failures are looked at."""

    title = _("failure")
    parameter_name = "failure_code"
    values = tuple(code.value for code in FailureCode)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        """Return the ways to fail, each in words."""
        asked = {request.GET.get(name) for name in ("status__exact", "state__exact")}
        if "failed" not in asked and self.parameter_name not in request.GET:
            return []
        return sorted(((value, f"{title_of(code=value)} ({value})") for value in self.values), key=lambda each: each[1])

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield links that drop the status: the code says it, and one condition finds its index where two do not."""
        said = ["status__exact", "state__exact"]
        for choice, (value, _label) in zip(
            super().choices(changelist), [(None, ""), *self.lookup_choices], strict=True
        ):
            if value is not None:
                choice["query_string"] = changelist.get_query_string({self.parameter_name: value}, said)
            yield choice


class WrittenBy(ClosedSet):
    """Rows written by one provider."""

    title = _("written by")
    parameter_name = "provider"
    values = tuple(provider.value for provider in Provider)


class Between(Typed):
    """Rows made from one day to another, both included, in the time zone the pages are in."""

    title = _("date")
    inputs = {"since": (_("first day"), "date"), "until": (_("last day"), "date")}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of these days."""
        since, until = (_day(self.typed.get(name, "")) for name in ("since", "until"))
        if since is not None:
            queryset = queryset.filter(created_at__gte=_midnight(since))
        if until is not None:
            queryset = queryset.filter(created_at__lt=_midnight(until + timedelta(days=1)))
        return queryset


class OwnedBy(Typed):
    """Rows of the user whose e-mail address, part of it or id is typed; fifty thousand are not listed."""

    title = _("user")
    inputs = {"owner": (_("e-mail or id"), "text")}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of those users."""
        typed = self.typed.get("owner", "")
        return queryset.filter(search.owned_by(model=queryset.model, text=typed)) if typed else queryset


class Flagged(admin.SimpleListFilter):
    """Rows that staff marked to be looked at again."""

    title = _("flagged")
    parameter_name = "flagged"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        """Return the one choice beside all."""
        return [("yes", _("flagged"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the flagged rows."""
        return queryset.filter(flagged_at__isnull=False) if self.value() == "yes" else queryset


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
