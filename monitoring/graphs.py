"""What the service measured of itself, as lines over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from newsforge.lib import charts


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time that ends now, and how much of it one point stands for."""

    label: str | Promise
    length: timedelta
    step: timedelta
    time_format: str


SPANS: Mapping[str, Span] = {
    "hour": Span(
        label=gettext_lazy("last hour"), length=timedelta(hours=1), step=timedelta(minutes=1), time_format="%H:%M"
    ),
    "day": Span(
        label=gettext_lazy("last 24 hours"), length=timedelta(days=1), step=timedelta(minutes=10), time_format="%H:%M"
    ),
    "month": Span(
        label=gettext_lazy("last 30 days"), length=timedelta(days=30), step=timedelta(hours=3), time_format="%m-%d"
    ),
}

NAMES: Mapping[str, str] = {
    "cpu_usage_percent": gettext_noop("CPU"),
    "memory_usage_percent": gettext_noop("memory"),
    "disk_usage_percent": gettext_noop("disk"),
    "queue_pending": gettext_noop("conversions that wait"),
    "queue_processing": gettext_noop("conversions that are worked on"),
    "queue_oldest_seconds": gettext_noop("longest wait"),
    "webhooks_due": gettext_noop("webhooks that are due"),
    "conversions_succeeded": gettext_noop("succeeded in a minute"),
    "conversions_failed": gettext_noop("failed in a minute"),
    "web_processes": gettext_noop("web workers"),
    "worker_processes": gettext_noop("Celery workers"),
    "beat_processes": gettext_noop("Celery beat"),
    "sweep_processes": gettext_noop("sweep"),
}
"""In the order they stand in; what else was measured follows under its own name."""

_POINTS = """
SELECT metric_name, COALESCE(metadata->>'host', ''), date_bin(%(step)s, timestamp, %(start)s), avg(metric_value)
FROM system_metrics WHERE timestamp >= %(start)s AND timestamp <= %(now)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""


def pictures(*, span: Span, now: datetime) -> list[tuple[str, SafeString]]:
    """Return each measure's name and its line, one for each host."""
    zone, start = timezone.get_default_timezone(), now - span.length
    found: dict[tuple[str, str], list[tuple[datetime, float]]] = {}
    with connection.cursor() as cursor:
        facts: dict[str, Any] = {"step": span.step, "start": start, "now": now}
        cursor.execute(_POINTS, facts)
        for name, host, at, value in cursor.fetchall():
            found.setdefault((name, host), []).append((timezone.localtime(at, zone), float(value)))
    places = {name: place for place, name in enumerate(NAMES)}
    many = len({host for _, host in found}) > 1
    made = []
    for name, host in sorted(found, key=lambda key: (places.get(key[0], len(places)), key)):
        title = _(NAMES[name]) + _unit(name) if name in NAMES else name
        title = f"{title} · {host}" if many and host else title
        picture = charts.line(
            title=title,
            points=found[name, host],
            start=timezone.localtime(start, zone),
            end=timezone.localtime(now, zone),
            time_format=span.time_format,
            gap=span.step * 3,
        )
        made.append((title, picture))
    return made


def _unit(name: str) -> str:
    return " (%)" if name.endswith("_percent") else " (s)" if name.endswith("_seconds") else ""
