"""What the service measures of itself, a row a minute; old minutes become hours, old hours go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection

from conversions.selectors import Backlog, finished_between
from monitoring.heartbeats import HOST
from monitoring.models import SystemMetric

MINUTES_KEPT = timedelta(days=2)
HOURS_KEPT = timedelta(days=90)

_TO_HOURS = """
WITH old AS (
  DELETE FROM system_metrics WHERE timestamp < date_trunc('hour', %s::timestamptz) AND NOT metadata ? 'samples'
  RETURNING metric_name, metric_value, timestamp, metadata
)
INSERT INTO system_metrics (metric_name, metric_value, timestamp, metadata)
SELECT metric_name, avg(metric_value), date_trunc('hour', timestamp),
       metadata || jsonb_build_object('samples', count(*), 'most', max(metric_value))
FROM old GROUP BY metric_name, date_trunc('hour', timestamp), metadata"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """How busy and how full this host is, in percent."""

    cpu: float
    memory: float
    disk: float


def machine() -> Machine:
    """Measure this host; CPU is the mean since the last call in this process."""
    return Machine(cpu=psutil.cpu_percent(), memory=psutil.virtual_memory().percent, disk=disk_percent())


def disk_percent() -> float:
    """Measure how full the disk with our state is."""
    return float(psutil.disk_usage(str(place_of_state())).percent)


def place_of_state() -> Path:
    """Return the folder our state is in; before there is one, the root of the disk it will be on."""
    home = Path(settings.HOME)
    return home if home.exists() else Path("/")


def keep(*, measured: Machine, backlog: Backlog, alive: Mapping[str, int], since: datetime, now: datetime) -> None:
    """Write one row for each measure; what is not this host's alone is written by every sweep, under its host."""
    finished = finished_between(start=since, end=now)
    values = {
        "cpu_usage_percent": measured.cpu,
        "memory_usage_percent": measured.memory,
        "disk_usage_percent": measured.disk,
        "queue_pending": backlog.pending,
        "queue_processing": backlog.processing,
        "queue_oldest_seconds": backlog.oldest_due_s,
        "webhooks_due": backlog.webhooks,
        "conversions_succeeded": finished.succeeded,
        "conversions_failed": finished.failed,
        **{f"{kind}_processes": count for kind, count in alive.items()},
    }
    rows = [
        SystemMetric(metric_name=name, metric_value=Decimal(f"{value:.6f}"), timestamp=now, metadata={"host": HOST})
        for name, value in values.items()
    ]
    SystemMetric.objects.bulk_create(rows)


def condense(*, now: datetime) -> None:
    """Make hours of the minutes older than two days, and remove hours older than 90."""
    with connection.cursor() as cursor:
        cursor.execute(_TO_HOURS, [now - MINUTES_KEPT])
    SystemMetric.objects.filter(timestamp__lt=now - HOURS_KEPT).delete()
