"""The sweep's own process: look, mend and tell, until it is stopped."""

from __future__ import annotations

import signal
import socket
import threading
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from monitoring import alerts, heartbeats
from monitoring.sweep import EVERY, FULL, Sweep

log = structlog.get_logger(__name__)

HUNG = 90.0
"""Seconds after which a supervisord that no longer answers is given up: longer than it takes to stop a program."""
SENDING = 5.0
"""Seconds between two looks for alerts that are due."""


class Command(BaseCommand):
    help = "Look at everything once a minute, mend what can be mended, and send alerts. Runs until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once, send what is due, and end")
        parser.add_argument("--every", type=float, default=EVERY.total_seconds(), help="seconds between two looks")
        parser.add_argument("--full", type=float, default=FULL.total_seconds(), help="seconds between two full looks")

    def handle(self, *, once: bool, every: float, full: float, **_options: Any) -> None:
        sweep = Sweep(every=timedelta(seconds=every), full=timedelta(seconds=full))
        if once:
            sweep.cycle(now=timezone.now())
            self.stdout.write(f"{alerts.send_due(now=timezone.now())} alerts sent.")
            return
        socket.setdefaulttimeout(HUNG)
        over = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: over.set())
        turned = [time.monotonic()]

        def alive() -> Mapping[str, Any] | None:
            return {} if time.monotonic() - turned[0] < heartbeats.STUCK else None

        pulse = heartbeats.of_sweep(alive)
        pulse.start()
        while not over.is_set():
            turned[0] = time.monotonic()
            wait = sweep.cycle(now=timezone.now()).total_seconds()
            _send_until(time.monotonic() + wait, over=over, turned=turned)
        pulse.stop()


def _send_until(end: float, *, over: threading.Event, turned: list[float]) -> None:
    """Send what is due every few seconds until the next look."""
    while not over.is_set():
        turned[0] = time.monotonic()
        try:
            alerts.send_due(now=timezone.now())
        except (DatabaseError, InterfaceError) as error:
            log.warning("alerts wait for the database", error=type(error).__name__)
        finally:
            connection.close()
        left = end - time.monotonic()
        if left <= 0:
            return
        over.wait(min(SENDING, left))
