"""Who is alive and how our dependencies are, as they said last."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Case, IntegerField, When
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from monitoring.admin import workers
from monitoring.dashboard.state import shown
from monitoring.enums import State
from monitoring.models import BeatRun, Dependency, Heartbeat
from newsforge.lib.admin import FactAdmin, badge, cut
from newsforge.lib.retelling import retold

SICK_FIRST = Case(
    When(status=State.UNHEALTHY, then=0), When(status=State.DEGRADED, then=1), default=2, output_field=IntegerField()
)
"""The order of how bad it is, which is not that of the letters."""


@admin.register(Dependency)
class DependencyAdmin(FactAdmin[Dependency]):
    """Dependencies as the last sweep found them, the sick first."""

    sentences = ("detail",)
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
        return cut(retold(dependency.detail))


@admin.register(Heartbeat)
class HeartbeatAdmin(FactAdmin[Heartbeat]):
    """Processes, the last heard first."""

    list_display = ("name", "kind", "seen_at", "started_at", "details")
    list_filter = ("kind",)
    search_fields = ("name", "kind")
    ordering = ("-seen_at",)
    id_fields = ()

    def get_urls(self) -> list[URLPattern]:
        """Put the page of queues and workers beside the list."""
        return [*workers.urls(self), *super().get_urls()]


@admin.register(BeatRun)
class BeatRunAdmin(FactAdmin[BeatRun]):
    """What beat sent last and what became of it; the page of queues and workers shows the schedule beside it."""

    list_display = ("task", "state", "started_at", "took_ms", "error", "succeeded_at")
    search_fields = ("task", "error")
    ordering = ("task",)
    id_fields = ()

    @admin.display(description=_("status"), ordering="error")
    def state(self, run: BeatRun) -> SafeString:
        """Return how it ended."""
        return badge(
            text=gettext_noop("failed") if run.error else gettext_noop("succeeded"),
            state="bad" if run.error else "good",
        )
