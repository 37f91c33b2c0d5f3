"""Who is alive and how our dependencies are, as they said last."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Case, IntegerField, When
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from monitoring.dashboard.state import shown
from monitoring.enums import State
from monitoring.models import Dependency, Heartbeat
from newsforge.lib.admin import FactAdmin, cut

SICK_FIRST = Case(
    When(status=State.UNHEALTHY, then=0), When(status=State.DEGRADED, then=1), default=2, output_field=IntegerField()
)
"""The order of how bad it is, which is not that of the letters."""


@admin.register(Dependency)
class DependencyAdmin(FactAdmin[Dependency]):
    """Dependencies as the last sweep found them, the sick first."""

    list_display = ("name", "state", "since", "checked_at", "latency_ms", "why")
    list_filter = ("status",)
    search_fields = ("name", "detail")
    ordering = (SICK_FIRST.asc(), "name")
    id_fields = ()

    @admin.display(description=_("status"), ordering=SICK_FIRST)
    def state(self, dependency: Dependency) -> SafeString:
        """Return the status in words and colour."""
        return shown(State(dependency.status))

    @admin.display(description=_("detail"))
    def why(self, dependency: Dependency) -> SafeString:
        """Return the detail in one line."""
        return cut(dependency.detail)


@admin.register(Heartbeat)
class HeartbeatAdmin(FactAdmin[Heartbeat]):
    """Processes, the last heard first."""

    list_display = ("name", "kind", "seen_at", "started_at", "details")
    list_filter = ("kind",)
    search_fields = ("name", "kind")
    ordering = ("-seen_at",)
    id_fields = ()
