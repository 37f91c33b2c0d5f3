"""One scrape: what the web processes of this host counted, what the database counted, and what is so now."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TimedOut
from datetime import datetime

import structlog
from django.db import Error, connection
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from monitoring.metrics import gauges, totals
from monitoring.metrics.slots import files

PATIENCE = 4.0
"""Seconds for the database and Redis together; Prometheus gives up after 10."""
AT_ONCE = 4
"""Scrapes that may wait for the database at a time; while so many hang, the next does not ask."""

log = structlog.get_logger(__name__)
_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="metrics")
_waiting: set[Future[list[Metric]]] = set()


def scrape() -> bytes:
    """Return everything in Prometheus's text format; what cannot be known now is left out, never 0."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything())
    return generate_latest(registry)


class _Everything(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from MultiProcessCollector.merge(files())  # type: ignore[no-untyped-call] # it has no types
        known = _within_patience()
        up = GaugeMetricFamily("newsforge_database_up", "Whether it told us what it knows.")
        up.add_metric([], int(known is not None))
        yield up
        yield from known or ()


def _within_patience() -> list[Metric] | None:
    """Return what the database knows, None if it does not say so in time; a question that hangs is left alone."""
    if len(_waiting) >= AT_ONCE:
        return None
    asked = _threads.submit(_ask, timezone.now())
    _waiting.add(asked)
    asked.add_done_callback(_waiting.discard)
    try:
        return asked.result(timeout=PATIENCE)
    except TimedOut:
        log.warning("metrics without the database: it takes too long")
    except Error as error:
        log.warning("metrics without the database", error=type(error).__name__)
    return None


def _ask(now: datetime) -> list[Metric]:
    try:
        return [*totals.families(), *gauges.families(now=now)]
    finally:
        connection.close()
