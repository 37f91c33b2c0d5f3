"""What hours came to: counted once they are over, and from the rows themselves where something may still have moved.

An hour is that in which a conversion was asked for, or a call left. Sums are exact at every moment: an hour counted
before is *stale* once one of its conversions ended, or is open again, since; whoever reads counts stale hours anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from conversions.pipeline.providers import errors

UNSETTLED = timedelta(hours=2)
"""A call's row may be written to until its conversion's deadline is over; by then it surely is."""
OVERLAP = timedelta(minutes=10)
"""A transaction that was not committed when an hour was counted is at its end after this."""
SAMPLE = 1000
"""Posts whose times are looked at: the newest."""
SLOW_MS = 20_000
"""A call above this is slow: a healthy model answers within half of a minute."""

_MARK = "SELECT COALESCE(max(counted_at) - %(overlap)s::interval, %(start)s::timestamptz) AS since FROM {table}"
_HOURS = """
SELECT generate_series(GREATEST(date_trunc('hour', since - %(unsettled)s::interval, 'UTC'),
    date_trunc('hour', %(start)s::timestamptz, 'UTC')), %(now)s::timestamptz, interval '1 hour') AS hour FROM mark"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One table of hours, the rows it is counted from, and how."""

    name: str
    source: str
    columns: str
    stale: str
    """The hours to count anew, as parts of a WITH."""
    live: str
    """What the hours in ``stale`` come to, as the next part."""


_ENDS = _Table(
    name="hourly_tallies",
    source="conversion_logs",
    columns="hour, platform, provider, status, failure_code, count",
    stale=f"""
WITH mark AS ({_MARK.format(table="hourly_tallies")}), stale AS (
    {_HOURS}
    UNION SELECT date_trunc('hour', created_at, 'UTC') FROM conversion_logs
        WHERE finished_at >= (SELECT since FROM mark)
    UNION SELECT date_trunc('hour', created_at, 'UTC') FROM conversion_logs
        WHERE status IN ('pending', 'processing') AND created_at >= %(start)s
)""",  # noqa: S608 - names of ours
    live="""live AS (
    SELECT stale.hour, target_platform AS platform,
        COALESCE(NULLIF(provider, ''), NULLIF(requested_provider, 'auto'), '') AS provider,
        status, failure_code, count(*) AS count
    FROM stale JOIN conversion_logs ON created_at >= stale.hour AND created_at < stale.hour + interval '1 hour'
    GROUP BY 1, 2, 3, 4, 5
)""",
)
_SPENDS = _Table(
    name="hourly_spends",
    source="attempts",
    columns="hour, provider, model, payer, calls, failed, input_tokens, output_tokens, cost_usd, unpriced",
    stale=f"""
WITH mark AS ({_MARK.format(table="hourly_spends")}), stale AS (
    {_HOURS}
    UNION SELECT date_trunc('hour', created_at, 'UTC') FROM attempts WHERE state = 'open' AND created_at >= %(start)s
)""",  # noqa: S608 - names of ours
    live="""live AS (
    SELECT stale.hour, provider, model, payer, count(*) AS calls, count(*) FILTER (WHERE state = 'failed') AS failed,
        sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
        COALESCE(sum(cost_usd), 0) AS cost_usd,
        count(*) FILTER (WHERE cost_usd IS NULL AND state <> 'open') AS unpriced
    FROM stale JOIN attempts ON created_at >= stale.hour AND created_at < stale.hour + interval '1 hour'
    GROUP BY 1, 2, 3, 4
)""",
)
_LOCK = 0x6E66_7479
"""Any number nobody else locks in this database: the letters n f t y."""


def fill(*, now: datetime) -> None:
    """Count what is stale and keep it; of several at once one does, the others leave."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if (cursor.fetchone() or (False,))[0]:
            cursor.execute("SET LOCAL statement_timeout = 0")  # the first time it counts everything, and nobody waits
            for table in (_ENDS, _SPENDS):
                _renew(cursor, table, now)


def _renew(cursor: CursorWrapper, table: _Table, now: datetime) -> None:
    cursor.execute(f"SELECT min(created_at) FROM {table.source}")  # noqa: S608 - names of ours
    first = (cursor.fetchone() or (None,))[0]
    cursor.execute(f"{table.stale} SELECT hour FROM stale", _facts(first or now, now))  # noqa: S608 - names of ours
    facts: dict[str, Any] = {"hours": [hour for (hour,) in cursor.fetchall()], "now": now}
    cursor.execute(f"DELETE FROM {table.name} WHERE hour = ANY(%(hours)s)", facts)  # noqa: S608 - names of ours
    cursor.execute(
        f"INSERT INTO {table.name} ({table.columns}, counted_at)"  # noqa: S608 - names of ours
        f" WITH stale AS (SELECT unnest(%(hours)s::timestamptz[]) AS hour), {table.live}"
        f" SELECT {table.columns}, %(now)s FROM live",
        facts,
    )


def _whole(table: _Table) -> str:
    """Return the WITH of a statement that reads ``whole``: hours that were kept and, where stale, counted anew."""
    return (
        f"{table.stale}, {table.live}, whole AS ("  # noqa: S608 - names of ours
        f" SELECT {table.columns} FROM {table.name} AS kept WHERE hour >= %(start)s"
        "  AND NOT EXISTS (SELECT FROM stale WHERE stale.hour = kept.hour)"
        f" UNION ALL SELECT {table.columns} FROM live WHERE hour >= %(start)s) "
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """How many of an hour's conversions stand how."""

    hour: datetime
    status: str
    failure_code: str
    """Empty for hours before those whose failures were asked for."""
    count: int


def ends_since(*, start: datetime, failures_since: datetime, now: datetime) -> list[Ends]:
    """Return how the conversions asked for since ``start``, the beginning of an hour, stand."""
    facts = {**_facts(start, now), "failures": failures_since}
    return [Ends(**row) for row in _rows(_whole(_ENDS) + _BY_STATUS, facts)]


_BY_STATUS = """
SELECT hour, status, CASE WHEN hour >= %(failures)s THEN failure_code ELSE '' END AS failure_code,
    sum(count)::bigint AS count
FROM whole GROUP BY 1, 2, 3"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """What calls to one model came to, in a month and in its last day; costs leave out the ``unpriced`` calls."""

    provider: str
    model: str
    payer: str
    calls: int
    tokens: int
    today_usd: Decimal
    month_usd: Decimal
    unpriced: int


def spend_since(*, month: datetime, today: datetime, now: datetime, until: datetime | None = None) -> list[Spend]:
    """Return what was spent since the beginning of a month, the most expensive first; all begin with an hour."""
    facts = {**_facts(month, now), "today": today, "until": until or now + timedelta(hours=1)}
    return [Spend(**row) for row in _rows(_whole(_SPENDS) + _BY_MODEL, facts)]


_BY_MODEL = """
SELECT provider, model, payer, sum(calls)::bigint AS calls, sum(input_tokens + output_tokens)::bigint AS tokens,
    COALESCE(sum(cost_usd) FILTER (WHERE hour >= %(today)s), 0) AS today_usd,
    sum(cost_usd) AS month_usd, sum(unpriced)::bigint AS unpriced
FROM whole WHERE hour < %(until)s GROUP BY 1, 2, 3 ORDER BY month_usd DESC, 1, 2, 3"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """How long half of the posts, and nearly all of them, spent in a stage (ms)."""

    stage: str
    posts: int
    p50: int
    p95: int


STAGES = ("wait", "read", "generate", "fit", "ground", "total")
"""In the order they happen."""

_STAGE_TIMES = """
WITH sample AS (
    SELECT article_id, timings, processing_time_ms, started_at - created_at AS waited FROM conversion_logs
    WHERE finished_at >= %(start)s AND status = 'succeeded' ORDER BY finished_at DESC LIMIT %(most)s
), spent AS (
    SELECT key AS stage, value::numeric AS ms FROM sample, jsonb_each_text(timings)
    UNION ALL SELECT 'wait', extract(epoch FROM waited) * 1000 FROM sample WHERE waited IS NOT NULL
    UNION ALL SELECT 'total', processing_time_ms FROM sample WHERE processing_time_ms IS NOT NULL
    UNION ALL SELECT 'read', read_ms FROM articles
        WHERE id IN (SELECT article_id FROM sample) AND read_ms IS NOT NULL
)
SELECT stage, count(*) AS posts, percentile_disc(0.5) WITHIN GROUP (ORDER BY ms)::bigint AS p50,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY ms)::bigint AS p95
FROM spent GROUP BY stage"""


def stage_times(*, start: datetime) -> list[StageTime]:
    """Return how long each stage took, in their order, of the newest ``SAMPLE`` posts since ``start``."""
    found = {row["stage"]: StageTime(**row) for row in _rows(_STAGE_TIMES, {"start": start, "most": SAMPLE})}
    return [found[stage] for stage in STAGES if stage in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMinute:
    """How one minute's calls to a provider went; ``failed`` counts what is held against the provider."""

    provider: str
    minute: datetime
    calls: int
    failed: int
    slow: int


_MINUTES = """
SELECT provider, date_trunc('minute', created_at) AS minute, count(*) AS calls,
    count(*) FILTER (WHERE failure_code = ANY(%(codes)s)) AS failed,
    count(*) FILTER (WHERE latency_ms > %(slow)s) AS slow
FROM attempts WHERE created_at >= %(start)s AND state <> 'open' GROUP BY 1, 2"""


def provider_minutes(*, start: datetime) -> list[ProviderMinute]:
    """Return how the calls that left since ``start`` went, by provider and minute."""
    codes = [kind.code for kind in _kinds(errors.ProviderFailure) if kind.counts == errors.Counts.PROVIDER]
    return [ProviderMinute(**row) for row in _rows(_MINUTES, {"start": start, "codes": codes, "slow": SLOW_MS})]


def _kinds(kind: type[errors.ProviderFailure]) -> Iterator[type[errors.ProviderFailure]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


def _facts(start: datetime, now: datetime) -> dict[str, Any]:
    return {"start": start, "now": now, "overlap": OVERLAP, "unsettled": UNSETTLED}


def _rows(sql: str, facts: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
