"""Filters that cost nothing: closed sets need no SELECT DISTINCT, and a span of time needs no drill-down by date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversions.enums import FailureCode, Provider
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


class WrittenBy(ClosedSet):
    """Rows written by one provider."""

    title = _("written by")
    parameter_name = "provider"
    values = tuple(provider.value for provider in Provider)
