"""Counters that come from the database: what its triggers noted, added up.

They are as exact as the rows themselves: an event is written in the transaction that makes it true, whichever process
made it, and lost with that transaction alone. ``docs/decisions/008-counted-by-the-database.md`` weighs the ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

AT_ONCE = 20_000
"""Events one call adds up, a tenth of a second's work; more wait for the next."""

BOUNDS_MS = (10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 20_000, 30_000, 60_000, 120_000)
PLACES = 1000
"""Milliseconds in a second: the database counts in the first, Prometheus in the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One metric; ``key`` is its name in the database, and a histogram's values are milliseconds there."""

    key: str
    name: str
    help: str
    labels: tuple[str, ...] = ()
    is_histogram: bool = False


COUNTED = (
    Counted(
        key="conversions", name="newsforge_conversions", labels=("platform", "provider", "status"),
        help="Conversions that came to an end.",
    ),
    Counted(
        key="failures", name="newsforge_conversion_failures", labels=("code", "fault"),
        help="Conversions that failed, and whose fault it was.",
    ),
    Counted(
        key="duration", name="newsforge_conversion_duration_seconds", is_histogram=True,
        help="From a worker's first claim to the post.",
    ),
    Counted(
        key="wait", name="newsforge_conversion_wait_seconds", is_histogram=True,
        help="From the request to a worker's first claim, reading included.",
    ),
    Counted(
        key="overhead", name="newsforge_conversion_overhead_seconds", is_histogram=True,
        help="What of the duration no provider took: our own work, and waits between tries.",
    ),
    Counted(
        key="stages", name="newsforge_conversion_stage_seconds", labels=("stage",), is_histogram=True,
        help="Time each stage took; read is of an article, the others of a post.",
    ),
    Counted(
        key="calls", name="newsforge_provider_calls", labels=("provider", "payer", "outcome"),
        help="Calls to writers: answered, or the code they failed with.",
    ),
    Counted(
        key="call_time", name="newsforge_provider_call_seconds", labels=("provider",), is_histogram=True,
        help="How long writers took.",
    ),
    Counted(key="tokens", name="newsforge_tokens", labels=("provider", "kind"), help="Tokens writers counted."),
    Counted(
        key="cost", name="newsforge_cost_usd", labels=("provider", "payer"), help="Cost of calls with a known price.",
    ),
    Counted(
        key="verdicts", name="newsforge_extraction_verdicts", labels=("verdict",), help="What pages turned out to be.",
    ),
    Counted(
        key="webhooks", name="newsforge_webhook_deliveries", labels=("state",), help="Webhooks delivered or given up.",
    ),
    Counted(
        key="webhook_tries", name="newsforge_webhook_tries", labels=("answer",), help="Webhooks sent, by the answer.",
    ),
)  # fmt: skip

_ADD_UP = """
WITH taken AS (
    DELETE FROM counted_events WHERE id IN (SELECT id FROM counted_events ORDER BY id LIMIT %(most)s)
    RETURNING metric, labels, value
), placed AS (
    SELECT metric, labels, value, CASE WHEN metric = ANY(%(histograms)s)
        THEN COALESCE((SELECT min(bound) FROM unnest(%(bounds)s) AS bound WHERE bound >= value), 0) ELSE 0 END AS bucket
    FROM taken
)
INSERT INTO counted_totals (metric, labels, bucket, count, total)
SELECT metric, labels, bucket, count(*), sum(value) FROM placed GROUP BY metric, labels, bucket
ON CONFLICT (metric, labels, bucket) DO UPDATE
SET count = counted_totals.count + excluded.count, total = counted_totals.total + excluded.total"""

_LOCK = 0x6E66_6D74
"""Any number nobody else locks in this database: the letters n f m t."""


def add_up(*, wait: bool = True) -> None:
    """Add what happened since the last time to the totals; of several at once one does, the others ``wait`` or leave.

    :raises django.db.Error: if the database does not answer.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if wait:
            cursor.execute("SET LOCAL statement_timeout = '2s'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        elif not _is_mine(cursor):
            return
        histograms = [each.key for each in COUNTED if each.is_histogram]
        cursor.execute(_ADD_UP, {"most": AT_ONCE, "histograms": histograms, "bounds": list(BOUNDS_MS)})


def _is_mine(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
    row = cursor.fetchone()
    return bool(row and row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What the same labels came to, in one bucket."""

    labels: str
    bucket: int
    count: int
    total: Decimal


def families() -> Iterator[Metric]:
    """Yield every metric the database counts, up to this moment.

    :raises django.db.Error: if the database does not answer.
    """
    add_up()
    rows = _read()
    for counted in COUNTED:
        found = rows.get(counted.key, [])
        yield _histogram(counted, found) if counted.is_histogram else _counter(counted, found)


def _read() -> dict[str, list[Total]]:
    rows: dict[str, list[Total]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT metric, labels, bucket, count, total FROM counted_totals ORDER BY 1, 2, 3")
        for metric, labels, bucket, count, total in cursor.fetchall():
            rows.setdefault(metric, []).append(Total(labels=labels, bucket=bucket, count=count, total=total))
    return rows


def _counter(counted: Counted, rows: list[Total]) -> Metric:
    family = CounterMetricFamily(counted.name, counted.help, labels=counted.labels)
    for row in rows:
        family.add_metric(_labels(row), float(row.total))
    return family


def _histogram(counted: Counted, rows: list[Total]) -> Metric:
    family = HistogramMetricFamily(counted.name, counted.help, labels=counted.labels)
    by_labels: dict[str, list[Total]] = {}
    for row in rows:
        by_labels.setdefault(row.labels, []).append(row)
    for of_one in by_labels.values():
        total = sum((row.total for row in of_one), Decimal(0)) / PLACES
        family.add_metric(_labels(of_one[0]) if counted.labels else [], _buckets(of_one), float(total))
    return family


def _buckets(rows: list[Total]) -> list[tuple[str, float]]:
    """Return cumulative buckets; a bound of an earlier release counts into the next larger one of this."""
    bounded = [
        (str(bound / PLACES), float(sum(row.count for row in rows if 0 < row.bucket <= bound))) for bound in BOUNDS_MS
    ]
    return [*bounded, ("+Inf", float(sum(row.count for row in rows)))]


def _labels(row: Total) -> list[str]:
    return row.labels.split("|")
