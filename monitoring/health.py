"""How everything is: looked at in parallel, judged together, within 2.5 s whatever hangs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from health_check.base import HealthCheck, HealthCheckResult
from health_check.exceptions import ServiceWarning

from conversions.selectors import Backlog
from monitoring import checks, heartbeats
from monitoring.checks import Snapshot
from monitoring.enums import State
from monitoring.models import Dependency, Heartbeat
from newsforge.lib.sentences import stored

UNSERVED = stored("No worker takes from %(queues)s; %(count)s live.")
LIVE = stored("%(count)s live.")
LAST_HEARD = stored("No %(process)s lives: last heard %(moment)s UTC.")
NEVER_HEARD = stored("No %(process)s lives: never heard.")
WAITING = stored(
    "%(waiting)s wait, %(worked_on)s are worked on, %(webhooks)s webhooks are due; the longest wait is %(seconds)s s."
)
BEHIND = stored("%(count)s not applied, first %(first)s. Run migrate.")
NOT_YET = stored("Not looked at yet.")
NOT_SINCE = stored("Not looked at since %(moment)s UTC.")

ESSENTIAL = frozenset({"database", "migrations"})
"""What accepting work needs; without anything else jobs wait, and the posts come later."""

PROVIDERS = ("openai_api", "anthropic_api")
KEPT_SECONDS = 2.0
"""How long an answer is given again: a crowd of probes costs one look."""
NOT_KNOWN = stored("Not known while the database does not answer.")

_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How one dependency is."""

    status: State
    latency_ms: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How everything is at one moment."""

    status: State
    at: datetime
    dependencies: Mapping[str, Condition]
    snapshot: Snapshot | None = None
    """What the database knew; None if it did not answer."""

    @property
    def accepts_work(self) -> bool:
        """Tell whether a request for posts can be kept now."""
        return self.status != State.UNHEALTHY

    def body(self, *, details: bool) -> dict[str, Any]:
        """Return the report as JSON has it; the public sees the statuses alone."""
        shown: dict[str, Any] = {}
        for name, condition in self.dependencies.items():
            shown[name] = {"status": condition.status.value}
            if details:
                shown[name] |= {"latency_ms": condition.latency_ms, "detail": condition.detail}
        return {
            "status": self.status.value,
            "version": settings.VERSION,
            "timestamp": self.at.isoformat().replace("+00:00", "Z"),
            "dependencies": shown,
        }


def look(*, now: datetime, within: timedelta = checks.WITHIN) -> Report:
    """Look at everything, which takes ``within`` and a second at most, and judge it."""
    made = checks.checks(within=within)
    results = asyncio.run(_gather(made.values()))
    found = {name: _of_result(result) for name, result in zip(made, results, strict=True)}
    snapshot = cast("checks.Database", made["database"]).found if found["database"].status == State.HEALTHY else None
    found |= _judged(snapshot, now) if snapshot else dict.fromkeys(DERIVED, _UNKNOWN)
    return Report(status=_overall(found), at=now, dependencies={name: found[name] for name in ORDER}, snapshot=snapshot)


_lock = threading.Lock()
_kept: list[tuple[float, Report]] = []


def look_often(*, now: datetime) -> Report:
    """Return a report that is 2 s old at most; one thread looks, the others wait for what it sees."""
    with _lock:
        if not _kept or time.monotonic() - _kept[0][0] > KEPT_SECONDS:
            report = look(now=now)
            _kept[:] = [(time.monotonic(), report)]
        return _kept[0][1]


async def _gather(made: Iterable[HealthCheck]) -> list[HealthCheckResult]:
    return list(await asyncio.gather(*(check.get_result(_threads) for check in made)))


def _of_result(result: HealthCheckResult) -> Condition:
    latency = round(result.time_taken * 1000)
    if result.error is None:
        return Condition(status=State.HEALTHY, latency_ms=latency)
    worse = State.DEGRADED if isinstance(result.error, ServiceWarning) else State.UNHEALTHY
    return Condition(status=worse, latency_ms=latency, detail=str(result.error.message))


def _overall(found: Mapping[str, Condition]) -> State:
    if any(found[name].status == State.UNHEALTHY for name in ESSENTIAL):
        return State.UNHEALTHY
    healthy = all(condition.status == State.HEALTHY for condition in found.values())
    return State.HEALTHY if healthy else State.DEGRADED


def _judged(snapshot: Snapshot, now: datetime) -> dict[str, Condition]:
    looked_at = {each.name: each for each in snapshot.looked_at}
    return {
        **of_processes(snapshot.heartbeats, now=now),
        "queue": of_queue(snapshot.backlog),
        "migrations": _migrations(snapshot),
        **{name: _as_last_seen(looked_at.get(name), now) for name in PROVIDERS},
    }


def of_processes(beats: Iterable[Heartbeat], *, now: datetime) -> dict[str, Condition]:
    """Judge what processes said of themselves."""
    known = list(beats)
    fresh = [beat for beat in known if heartbeats.is_fresh(beat, now=now)]
    return {
        "celery_worker": _workers(fresh),
        "celery_beat": _alive("beat", fresh, known),
        "sweep": _alive("sweep", fresh, known),
    }


def _workers(fresh: list[Heartbeat]) -> Condition:
    served = {queue for beat in fresh if beat.kind == "worker" for queue in beat.details.get("queues", ())}
    missing = sorted({queue.name for queue in settings.CELERY_TASK_QUEUES} - served)
    count = sum(beat.kind == "worker" for beat in fresh)
    if missing:
        return Condition(status=State.UNHEALTHY, detail=UNSERVED % {"queues": ", ".join(missing), "count": count})
    return Condition(status=State.HEALTHY, detail=LIVE % {"count": count})


def _alive(kind: str, fresh: list[Heartbeat], known: Iterable[Heartbeat]) -> Condition:
    if any(beat.kind == kind for beat in fresh):
        return Condition(status=State.HEALTHY)
    last = max((beat.seen_at for beat in known if beat.kind == kind), default=None)
    facts = {"process": kind, "moment": f"{last:%Y-%m-%d %H:%M:%S}" if last else ""}
    return Condition(status=State.UNHEALTHY, detail=(LAST_HEARD if last else NEVER_HEARD) % facts)


def of_queue(waiting: Backlog) -> Condition:
    """Judge what waits."""
    oldest = max(waiting.oldest_due_s, waiting.oldest_webhook_s)
    facts = {"waiting": waiting.pending, "worked_on": waiting.processing, "webhooks": waiting.webhooks}
    detail = WAITING % {**facts, "seconds": f"{oldest:.0f}"}
    late = oldest > settings.QUEUE_WARNING_SECONDS
    return Condition(status=State.DEGRADED if late else State.HEALTHY, detail=detail)


def _migrations(snapshot: Snapshot) -> Condition:
    if not snapshot.missing_migrations:
        return Condition(status=State.HEALTHY)
    return Condition(
        status=State.UNHEALTHY,
        detail=BEHIND % {"count": len(snapshot.missing_migrations), "first": snapshot.missing_migrations[0]},
    )


LOOKED_AT_WITHIN = timedelta(minutes=15)
"""The sweep looks at providers every 5 minutes."""


def _as_last_seen(dependency: Dependency | None, now: datetime) -> Condition:
    if dependency is None:
        return Condition(status=State.HEALTHY, detail=NOT_YET)
    if now - dependency.checked_at > LOOKED_AT_WITHIN:
        return Condition(
            status=State.DEGRADED, detail=NOT_SINCE % {"moment": f"{dependency.checked_at:%Y-%m-%d %H:%M:%S}"}
        )
    return Condition(status=State(dependency.status), latency_ms=dependency.latency_ms, detail=dependency.detail)


DERIVED = ("celery_worker", "celery_beat", "sweep", "queue", "migrations", *PROVIDERS)
ORDER = (
    *("database", "redis", "celery_worker", "celery_beat", "sweep", "queue"),
    *PROVIDERS,
    *("memory_usage", "disk_space", "migrations"),
)
_UNKNOWN = Condition(status=State.DEGRADED, detail=NOT_KNOWN)
