"""Leases: while a worker lives, the rows it works on stay its own; when it dies they are free within seconds."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from conversions.models import Article, Conversion

LENGTH = timedelta(seconds=20)
"""How long a dead worker's rows are out of reach."""

EVERY = 5.0
"""Seconds between renewals: three may fail before a live worker loses its row."""

log = structlog.get_logger(__name__)


class Heartbeat(threading.Thread):
    """One thread in each worker process that renews what the process holds."""

    def __init__(self) -> None:
        """Belong to the process that starts it."""
        super().__init__(name="lease-heartbeat", daemon=True)
        self.pid = os.getpid()
        self.lock = threading.Lock()
        self.held: dict[tuple[type[Article | Conversion], UUID], int] = {}

    def run(self) -> None:
        """Renew until the process ends; a database that is away is asked again at the next beat."""
        ticker = threading.Event()
        while not ticker.wait(EVERY):
            try:
                self.renew()
            except (DatabaseError, InterfaceError) as error:
                log.warning("leases not renewed", error=type(error).__name__)
            finally:
                connection.close()

    def renew(self) -> None:
        """Move the end of every lease that is still ours, in one statement for each kind of row and claim."""
        with self.lock:
            held = dict(self.held)
        groups: dict[tuple[type[Article | Conversion], int], list[UUID]] = defaultdict(list)
        for (model, pk), claim in held.items():
            groups[model, claim].append(pk)
        until = timezone.now() + LENGTH
        for (model, claim), pks in groups.items():
            model.objects.filter(pk__in=pks, claim=claim, lease_until__isnull=False).update(lease_until=until)


_heartbeat: Heartbeat | None = None
_starting = threading.Lock()


@contextmanager
def renewed(row: Article | Conversion) -> Iterator[None]:
    """Keep the row's lease alive while the block runs."""
    heartbeat = _of_this_process()
    mark = (type(row), row.pk)
    with heartbeat.lock:
        heartbeat.held[mark] = row.claim
    try:
        yield
    finally:
        with heartbeat.lock:
            heartbeat.held.pop(mark, None)


def _of_this_process() -> Heartbeat:
    global _heartbeat  # noqa: PLW0603 - a thread does not survive a fork, each worker child starts its own
    with _starting:
        if _heartbeat is None or _heartbeat.pid != os.getpid():
            _heartbeat = Heartbeat()
            _heartbeat.start()
        return _heartbeat
