"""The page of queues, workers and beat's schedule, and the one thing staff do there: end a conversion in its tracks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST

from conversions.selectors import Backlog, any_conversion, backlog, waiting_by_queue
from conversions.services import cancel_conversion
from monitoring import heartbeats, schedule, workers
from monitoring.enums import State
from monitoring.models import Heartbeat
from monitoring.wording import duration
from newsforge.lib.admin import badge
from newsforge.lib.errors import PermanentError
from newsforge.lib.problem import told
from newsforge.lib.sentences import stored

CANCELLED_IN_HAND = stored("cancelled while a worker had it in hand")

ADDRESS = "admin:monitoring_workers"
STANDS = {
    State.HEALTHY: (gettext_noop("in time"), "good"),
    State.DEGRADED: (gettext_noop("late"), "busy"),
    State.UNHEALTHY: (gettext_noop("failed"), "bad"),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: messages nobody has taken (None if the broker is silent), and what the database knows to be due."""

    name: str
    depth: int | None
    due: int | None
    oldest: str


def urls(page: admin.ModelAdmin[Heartbeat]) -> list[URLPattern]:
    """Return the page's addresses; they stand before those of single heartbeats."""

    def look(request: HttpRequest) -> HttpResponse:
        return _look(page, request)

    def cancel(request: HttpRequest, conversion_id: UUID) -> HttpResponse:
        return _cancel(page, request, conversion_id)

    site = page.admin_site
    return [
        path("workers/", site.admin_view(require_GET(look)), name="monitoring_workers"),
        path(
            "workers/cancel/<uuid:conversion_id>/", site.admin_view(require_POST(cancel)), name="monitoring_cancel_work"
        ),
    ]


def _look(page: admin.ModelAdmin[Heartbeat], request: HttpRequest) -> HttpResponse:
    if not page.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    beats = list(Heartbeat.objects.filter(kind="worker").order_by("name"))
    seen = workers.look(names=[beat.name for beat in beats if heartbeats.is_fresh(beat, now=now)])
    context = {
        **page.admin_site.each_context(request),
        "title": _("Queues, workers and schedule"),
        "opts": page.opts,
        "queues": list(_queues(seen, now)),
        "broker_answers": seen.depths is not None,
        "workers": [(beat, _life(beat, seen, now), beat.details) for beat in beats],
        "jobs": [(job, _since(job.since, now)) for job in seen.hands.jobs],
        "may_cancel": request.user.has_perm("conversions.change_conversion"),
        "entries": [(entry, *_said(entry, now)) for entry in schedule.entries(now=now)],
    }
    return TemplateResponse(request, "admin/monitoring/workers.html", context)


def _cancel(page: admin.ModelAdmin[Heartbeat], request: HttpRequest, conversion_id: UUID) -> HttpResponse:
    """End the conversion a task works on: its message does nothing then, and its worker may no longer keep a post."""
    if not request.user.has_perm("conversions.change_conversion"):
        raise PermissionDenied
    try:
        conversion = any_conversion(conversion_id=conversion_id)
        done = cancel_conversion(conversion=conversion, actor=str(request.user), now=timezone.now())
    except PermanentError as refusal:
        page.message_user(request, told(refusal), messages.WARNING)
    else:
        of_conversions = page.admin_site.get_model_admin(type(done))
        of_conversions.log_change(request, done, CANCELLED_IN_HAND)
        page.message_user(request, _("The conversion is cancelled and its unit given back."), messages.SUCCESS)
    return HttpResponseRedirect(reverse(ADDRESS))


def _queues(seen: workers.Sight, now: datetime) -> Iterator[Queue]:
    due, known = waiting_by_queue(now=now), backlog(now=now)
    for name in (queue.name for queue in settings.CELERY_TASK_QUEUES):
        waits = due.get(name)
        depth = seen.depths.get(name, 0) if seen.depths is not None else None
        oldest = max(waits.oldest_s, _webhooks(name, known)) if waits else 0.0
        yield Queue(name, depth, waits.count if waits else None, _span(oldest) if oldest else "-")


def _webhooks(queue: str, known: Backlog) -> float:
    """Return for how long the first webhook has been due: those who write send them, too."""
    return known.oldest_webhook_s if queue == settings.CELERY_TASK_DEFAULT_QUEUE else 0.0


def _life(beat: Heartbeat, seen: workers.Sight, now: datetime) -> SafeString:
    if not heartbeats.is_fresh(beat, now=now):
        return badge(text=gettext_noop("silent"), state="bad")
    if beat.name in seen.hands.silent:
        return badge(text=gettext_noop("lives, but did not answer within a second"), state="busy")
    return badge(text=gettext_noop("lives"), state="good")


def _said(entry: schedule.Entry, now: datetime) -> tuple[SafeString, str, str]:
    """Return where an entry of the schedule stands, how often it runs, and how long ago it ran."""
    text, state = STANDS[entry.state] if entry.last is not None else (gettext_noop("has not run yet"), "idle")
    stands = badge(text=text, state=state)
    return (
        stands,
        duration(span=entry.every) if entry.every else "-",
        _since(entry.last.started_at if entry.last else None, now),
    )


def _since(moment: datetime | None, now: datetime) -> str:
    return _span((now - moment).total_seconds()) if moment else "-"


def _span(seconds: float) -> str:
    return duration(span=timedelta(seconds=max(0.0, seconds)))
