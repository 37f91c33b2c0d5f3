"""The admin's pages of monitoring that are no list of rows: health as it is now, and charts of what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from monitoring import graphs, health, heartbeats
from monitoring.dashboard.state import shown
from monitoring.health import Condition, Report
from monitoring.models import Dependency, Heartbeat
from newsforge.lib.admin import badge
from newsforge.lib.retelling import retold

NAMES = {
    "database": gettext_noop("PostgreSQL"),
    "redis": gettext_noop("Redis"),
    "celery_worker": gettext_noop("Celery workers"),
    "celery_beat": gettext_noop("Celery beat"),
    "sweep": gettext_noop("sweep"),
    "queue": gettext_noop("queue"),
    "openai_api": gettext_noop("OpenAI"),
    "anthropic_api": gettext_noop("Anthropic"),
    "memory_usage": gettext_noop("memory"),
    "disk_space": gettext_noop("disk"),
    "migrations": gettext_noop("migrations"),
}


@require_safe
def health_page(request: HttpRequest) -> HttpResponse:
    """Show how everything is at this moment, and since when.

    :raises PermissionDenied: if they may not see dependencies.
    """
    _need(request, "monitoring.view_dependency")
    report = health.look_often(now=timezone.now())
    kept = {each.name: each for each in report.snapshot.looked_at} if report.snapshot else {}
    beats = report.snapshot.heartbeats if report.snapshot else ()
    sweeps = [each.checked_at for name, each in kept.items() if name not in health.PROVIDERS]
    return _page(
        request,
        "admin/monitoring/health.html",
        title=_("Health"),
        at=report.at,
        status=shown(report.status),
        rows=[_line(name, condition, kept.get(name)) for name, condition in report.dependencies.items()],
        swept_at=max(sweeps, default=None),
        beats=[_beat(beat, report) for beat in sorted(beats, key=lambda beat: (beat.kind, beat.name))],
    )


@require_safe
def charts_page(request: HttpRequest) -> HttpResponse:
    """Show what was measured over the last hour, day or month.

    :raises PermissionDenied: if they may not see measures.
    """
    _need(request, "monitoring.view_systemmetric")
    chosen = request.GET.get("span", "")
    chosen = chosen if chosen in graphs.SPANS else "hour"
    now = timezone.now()
    return _page(
        request,
        "admin/monitoring/charts.html",
        title=_("Charts"),
        at=now,
        spans=[(name, span.label, name == chosen) for name, span in graphs.SPANS.items()],
        pictures=graphs.pictures(span=graphs.SPANS[chosen], now=now),
    )


def _line(name: str, condition: Condition, kept: Dependency | None) -> Mapping[str, Any]:
    is_known = kept is not None and kept.status == condition.status
    return {
        "name": _(NAMES.get(name, name)),
        "state": shown(condition.status),
        "latency": condition.latency_ms,
        "detail": retold(condition.detail),
        "since": kept.since if kept is not None and is_known else None,
    }


def _beat(beat: Heartbeat, report: Report) -> Mapping[str, Any]:
    alive = heartbeats.is_fresh(beat, now=report.at)
    state = (
        badge(text=gettext_noop("alive"), state="good") if alive else badge(text=gettext_noop("silent"), state="bad")
    )
    return {"row": beat, "state": state}


def _need(request: HttpRequest, right: str) -> None:
    if not request.user.has_perm(right):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context})
