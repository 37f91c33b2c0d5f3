"""How the service is now: what waits, who lives, who answers, what is wrong, and whose day is nearly used up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.selectors import near_quota
from conversions import gate, tallies
from conversions.lineup import Place, lineup
from conversions.selectors import backlog
from conversions.tallies import ProviderMinute
from monitoring import health, heartbeats
from monitoring.enums import Severity, State
from monitoring.models import Heartbeat, Incident
from monitoring.wording import duration
from newsforge.lib import charts
from newsforge.lib.admin import badge
from newsforge.lib.breaker import CircuitState
from newsforge.lib.charts import Cell
from newsforge.lib.retelling import retold

MOST = 8
"""Lines of a list; its page has all."""
MINUTES = 60

COLOURS = {State.HEALTHY: "good", State.DEGRADED: "busy", State.UNHEALTHY: "bad"}
LEVELS = {Severity.CRITICAL: "bad", Severity.WARNING: "busy"}
CIRCUITS = {CircuitState.CLOSED: "good", CircuitState.HALF_OPEN: "busy", CircuitState.OPEN: "bad"}
KINDS = {
    "worker": gettext_noop("Celery workers"),
    "beat": gettext_noop("Celery beat"),
    "sweep": gettext_noop("sweep"),
    "web": gettext_noop("web workers"),
}
JUDGED = {"worker": "celery_worker", "beat": "celery_beat", "sweep": "sweep"}
CELLS = {
    "ok": gettext_noop("answered"),
    "slow": gettext_noop("slow, or some failed"),
    "failed": gettext_noop("failed"),
    "none": gettext_noop("no calls"),
}


def shown(status: State) -> SafeString:
    """Return a status in words and colour."""
    return badge(text=status, state=COLOURS[status])


def incidents(now: datetime) -> Mapping[str, Any]:
    """Return what is wrong, the worst first."""
    found = list(Incident.objects.filter(resolved_at=None).order_by("severity", "-opened_at"))
    return {
        "rows": [
            {
                "url": reverse("admin:monitoring_incident_change", args=[each.pk]), "summary": retold(each.summary),
                "level": badge(text=each.severity, state=LEVELS[Severity(each.severity)]),
                "lasts": duration(span=now - each.opened_at), "by": each.acknowledged_by,
            }
            for each in found[:MOST]
        ],
        "count": len(found),
    }  # fmt: skip


def processes(now: datetime) -> Mapping[str, Any]:
    """Return what waits and who works."""
    waiting = backlog(now=now)
    beats = list(Heartbeat.objects.all())
    conditions = health.of_processes(beats, now=now)
    return {
        "backlog": waiting,
        "oldest": duration(span=timedelta(seconds=waiting.oldest_due_s)),
        "oldest_webhook": duration(span=timedelta(seconds=waiting.oldest_webhook_s)),
        "queue": shown(health.of_queue(waiting).status),
        "rows": [_kind(kind, beats, conditions, now) for kind in KINDS],
        "unserved": sorted({queue.name for queue in settings.CELERY_TASK_QUEUES} - _served(beats, now)),
    }


def providers(now: datetime) -> Mapping[str, Any]:
    """Return how each provider's circuit stands and how its last hour went."""
    start = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    minutes = {(each.provider, each.minute): each for each in tallies.provider_minutes(start=start)}
    rows = []
    for place in lineup():
        span = [start + timedelta(minutes=past) for past in range(MINUTES)]
        cells = [_cell(minutes.get((place.provider, at)), at) for at in span]
        title = _("Calls to %(provider)s in the last 60 minutes") % {"provider": place.provider}
        rows.append(
            {
                "name": place.provider, "state": _circuit(place, now), "strip": charts.strip(title=title, cells=cells),
                "calls": sum(minutes[place.provider, at].calls for at in span if (place.provider, at) in minutes),
            }
        )  # fmt: skip
    return {"rows": rows, "legend": [(state, _(text)) for state, text in CELLS.items()]}


def quota(now: datetime) -> Mapping[str, Any]:
    """Return who has nearly used up the day, the nearest first."""
    found = near_quota(now=now, most=MOST + 1)
    rows = [
        {
            "url": reverse("admin:accounts_user_change", args=[each.user_id]),
            "email": each.email,
            "used": each.used,
            "limit": each.limit,
            "bar": charts.ratio(
                title=_("Used today by %(user)s") % {"user": each.email}, part=each.used, whole=each.limit
            ),
        }
        for each in found[:MOST]
    ]
    return {"rows": rows, "more": len(found) > MOST}


def _kind(
    kind: str, beats: Iterable[Heartbeat], conditions: Mapping[str, health.Condition], now: datetime
) -> Mapping[str, Any]:
    mine = [beat for beat in beats if beat.kind == kind]
    alive = sum(heartbeats.is_fresh(beat, now=now) for beat in mine)
    status = conditions[JUDGED[kind]].status if kind in JUDGED else State.HEALTHY if alive else State.UNHEALTHY
    last = max((beat.seen_at for beat in mine), default=None)
    return {"name": _(KINDS[kind]), "alive": alive, "state": shown(status), "seen": last}


def _served(beats: Iterable[Heartbeat], now: datetime) -> set[str]:
    living = (beat for beat in beats if beat.kind == "worker" and heartbeats.is_fresh(beat, now=now))
    return {queue for beat in living for queue in beat.details.get("queues", ())}


def _circuit(place: Place, now: datetime) -> SafeString:
    if not place.is_enabled:
        return badge(text=gettext_noop("disabled"), state="idle")
    if place.paused_until is not None and place.paused_until > now:
        return badge(text=gettext_noop("paused"), state="bad")
    state = gate.circuits().look(circuit=place.circuit).state
    return badge(text=state.replace("_", " "), state=CIRCUITS[state])


def _cell(minute: ProviderMinute | None, at: datetime) -> Cell:
    clock = f"{timezone.localtime(at):%H:%M}"
    if minute is None:
        return Cell(state="none", label=f"{clock} {_(CELLS['none'])}")
    state = "failed" if minute.failed * 2 >= minute.calls else "slow" if minute.failed or minute.slow else "ok"
    return Cell(state=state, label=f"{clock} {_(CELLS[state])} ({minute.calls - minute.failed}/{minute.calls})")
