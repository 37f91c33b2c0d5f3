"""Filters by what a row amounts to now, instead of by each of its dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class StateNow(admin.SimpleListFilter):
    """Rows in one of several states, each a condition that depends on the time."""

    title = _("status")
    parameter_name = "state"
    states: ClassVar[dict[str, tuple[Promise, Callable[[datetime], Q]]]] = {}

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        """Return the states."""
        return [(name, label) for name, (label, _condition) in self.states.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows in the chosen state."""
        chosen = self.states.get(self.value() or "")
        return queryset.filter(chosen[1](timezone.now())) if chosen else queryset


class TokenState(StateNow):
    """Tokens that open the door, and those that no longer do."""

    states: ClassVar = {
        "valid": (_("valid"), lambda now: Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))),
        "expired": (_("expired"), lambda now: Q(revoked_at=None, expires_at__lte=now)),
        "revoked": (_("revoked"), lambda _now: Q(revoked_at__isnull=False)),
    }


class GrantState(StateNow):
    """Grants that count now, and those that do not yet or no more."""

    states: ClassVar = {
        "running": (_("running"), lambda now: Q(starts_at__lte=now, ends_at__gt=now)),
        "to-come": (_("to come"), lambda now: Q(starts_at__gt=now)),
        "over": (_("over"), lambda now: Q(ends_at__lte=now)),
    }
