"""What beat sends, when it ran last, and what became of it.

The worker that ran it writes it down, over a connection of its own as a heartbeat does: a task that failed because the
pool was empty has failed, too.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.utils import timezone

from monitoring.enums import State
from monitoring.models import BeatRun
from newsforge.lib.database import connect_apart

log = structlog.get_logger(__name__)

BY_BEAT = "celery_beat_task"
"""The header beat gives its messages (Celery 5.6 and later)."""

MISSED = 3
"""So many of its spans a task may be silent until it counts as late; sweeps of busy workers drop one or two."""

_began: dict[str, tuple[datetime, float]] = {}

_UPSERT = """
INSERT INTO beat_runs (task, started_at, took_ms, error, succeeded_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (task) DO UPDATE SET started_at = excluded.started_at, took_ms = excluded.took_ms, error = excluded.error,
succeeded_at = COALESCE(excluded.succeeded_at, beat_runs.succeeded_at)
WHERE beat_runs.started_at <= excluded.started_at"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of beat's schedule and its last run; times are None before the first."""

    name: str
    task: str
    every: timedelta | None
    """None for what runs at times of the day."""
    last: BeatRun | None
    state: State


def begin(*, task_id: str, task: Any) -> None:
    """Note when a task of beat's began."""
    if _is_beats(task):
        _began[task_id] = (timezone.now(), time.monotonic())


def end(*, task_id: str, task: Any, outcome: object, state: str) -> None:
    """Write down what became of a task of beat's; ``outcome`` is what it raised if it failed."""
    began = _began.pop(task_id, None)
    if began is None:
        return
    started_at, clock = began
    error = "" if state == "SUCCESS" else type(outcome).__name__
    took = round((time.monotonic() - clock) * 1000)
    values = [task.name, started_at, took, error, None if error else timezone.now()]
    try:
        with connect_apart() as apart:
            apart.execute(_UPSERT, values)
    except psycopg.Error as failure:
        log.warning("run of a scheduled task was not kept", task=task.name, error=type(failure).__name__)


def entries(*, now: datetime) -> list[Entry]:
    """Return beat's schedule, what needs a look first, then what runs most often."""
    runs = BeatRun.objects.in_bulk([line["task"] for line in settings.CELERY_BEAT_SCHEDULE.values()])
    found = [_entry(name, line, runs.get(line["task"]), now) for name, line in settings.CELERY_BEAT_SCHEDULE.items()]
    return sorted(found, key=lambda entry: (entry.state == State.HEALTHY, entry.every or timedelta.max, entry.name))


def _entry(name: str, line: Mapping[str, Any], last: BeatRun | None, now: datetime) -> Entry:
    every: timedelta | None = getattr(line["schedule"], "run_every", None)
    is_late = last is None or (every is not None and now - last.started_at > every * MISSED)
    state = State.UNHEALTHY if last is not None and last.error else State.DEGRADED if is_late else State.HEALTHY
    return Entry(name=name, task=line["task"], every=every, last=last, state=state)


def _is_beats(task: Any) -> bool:
    request = task.request  # from a message its headers are its own fields, from ``apply`` they stay apart
    return bool(request.get(BY_BEAT) or (request.headers or {}).get(BY_BEAT))
