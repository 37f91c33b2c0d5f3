"""Every long-lived process says every 10 s that it lives; who stops saying so is missed by the sweep and by /health/.

Each beat goes over a connection of its own: a process whose pool is exhausted is busy, not dead.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from django.utils import timezone

from monitoring.models import Heartbeat
from newsforge.lib.database import connect_apart

log = structlog.get_logger(__name__)

EVERY = 10.0
"""Seconds between two beats."""
STALE = timedelta(seconds=45)
"""After this a process counts as dead: three missed beats and a slow fourth."""
STUCK = 60.0
"""Seconds a process's own loop may stand still before it says nothing more."""

HOST = socket.gethostname()

Alive = Callable[[], Mapping[str, Any] | None]
"""Returns what a process has to say of itself, or None while its loop stands still."""

_UPSERT = """
INSERT INTO heartbeats (name, kind, seen_at, started_at, details) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, seen_at = excluded.seen_at, started_at = excluded.started_at,
details = excluded.details WHERE heartbeats.seen_at <= excluded.seen_at"""


@dataclass(slots=True)
class Pulse:
    """The thread that beats for this process until ``stop``."""

    name: str
    kind: str
    alive: Alive
    started_at: datetime = field(default_factory=timezone.now)
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin; the thread ends with the process."""
        threading.Thread(target=self._run, name=f"heartbeat of {self.name}", daemon=True).start()

    def stop(self) -> None:
        """Say good-bye: who ends on purpose is not missed."""
        self._over.set()
        try:
            with connect_apart() as apart:
                apart.execute("DELETE FROM heartbeats WHERE name = %s", [self.name])
        except psycopg.Error as error:
            log.warning("heartbeat is left behind", process=self.name, error=type(error).__name__)

    def beat(self, *, now: datetime) -> bool:
        """Say once that the process lives; tell whether it was kept."""
        details = self.alive()
        if details is None:
            return False
        said = json.dumps({"host": HOST, "pid": os.getpid(), **details})
        try:
            with connect_apart() as apart:
                apart.execute(_UPSERT, [self.name, self.kind, now, self.started_at, said])
        except psycopg.Error as error:
            log.warning("heartbeat was not kept", process=self.name, error=type(error).__name__)
            return False
        return True

    def _run(self) -> None:
        while True:
            self.beat(now=timezone.now())
            if self._over.wait(EVERY):
                return


def of_worker(consumer: Any) -> Pulse:
    """Return the pulse of a Celery worker; ``consumer`` is what the signal ``worker_ready`` is sent by."""
    from celery.worker import state

    queues = sorted(queue.name for queue in consumer.task_consumer.queues)

    def alive() -> Mapping[str, Any] | None:
        if time.monotonic() - _last_turn[0] > STUCK:
            return None
        return {
            "queues": queues,
            "active": len(state.active_requests),
            "reserved": len(state.reserved_requests),
        }

    turned()
    return Pulse(name=consumer.hostname, kind="worker", alive=alive)


_last_turn = [0.0]


def turned(**_: object) -> None:
    """Note that the worker's own loop came round; the signal ``heartbeat_sent`` says so every 2 s."""
    _last_turn[0] = time.monotonic()


def of_beat(service: Any) -> Pulse:
    """Return the pulse of celery beat; ``service`` is what the signal ``beat_init`` is sent by."""

    def alive() -> Mapping[str, Any] | None:
        last = service._last_tick  # noqa: SLF001 - Celery 5.7 keeps it for its own stale check, and shows it nowhere else
        return None if last is not None and time.monotonic() - last > STUCK else {}

    return Pulse(name=f"beat@{HOST}", kind="beat", alive=alive)


def of_web() -> Pulse:
    """Return the pulse of this web worker process."""
    return Pulse(name=f"web-{os.getpid()}@{HOST}", kind="web", alive=dict)


def of_sweep(alive: Alive) -> Pulse:
    """Return the pulse of the sweep's process."""
    return Pulse(name=f"sweep@{HOST}", kind="sweep", alive=alive)


def forget(*, before: datetime) -> int:
    """Remove what processes said that have been silent since before a moment; return how many."""
    return Heartbeat.objects.filter(seen_at__lt=before).delete()[0]


def is_fresh(heartbeat: Heartbeat, *, now: datetime) -> bool:
    """Tell whether a process counts as alive."""
    return now - heartbeat.seen_at <= STALE
