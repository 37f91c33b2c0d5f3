"""What the demo's machine and staff went through: a month of measures, incidents with who was told, and the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.quota import TIER_SET
from monitoring import judging
from monitoring.incidents import ACKNOWLEDGED
from newsforge.lib.breaker import circuits

METRICS = """
INSERT INTO system_metrics (metric_name, metric_value, timestamp, metadata)
SELECT name, round((low + high * (1 + sin(extract(epoch FROM at) / 13750)) / 2 + random() * high / 4)::numeric, 2), at,
    jsonb_build_object('host', 'demo') || CASE WHEN hourly THEN '{"samples": 60}'::jsonb ELSE '{}' END
FROM (VALUES ('cpu_usage_percent', 12, 40), ('memory_usage_percent', 48, 12), ('disk_usage_percent', 61, 2),
        ('queue_pending', 0, 9), ('queue_processing', 0, 14), ('queue_oldest_seconds', 0, 6), ('webhooks_due', 0, 3),
        ('conversions_succeeded', 5, 40), ('conversions_failed', 0, 3)) AS measured (name, low, high),
    (SELECT at, true AS hourly FROM generate_series(
        date_trunc('hour', %(now)s::timestamptz - interval '30 days'), %(now)s::timestamptz - interval '2 days',
        '1 hour') AS at
    UNION ALL SELECT at, false FROM generate_series(%(now)s::timestamptz - interval '2 days', %(now)s::timestamptz,
        '1 minute') AS at) AS moments
ORDER BY at"""

INCIDENTS = """
INSERT INTO incidents (kind, fingerprint, severity, summary, opened_at, last_seen_at, times_seen, critical_since,
    acknowledged_at, acknowledged_by, resolved_at, resolution, journal)
SELECT kind, 'demo/' || kind || '/' || number, severity, summary, at, COALESCE(over, %(now)s), lasts,
    CASE WHEN severity = 'critical' THEN at END, CASE WHEN number %% 3 > 0 THEN at + interval '4 minutes' END,
    CASE WHEN number %% 3 > 0 THEN 'desk@newsforge-demo.example' ELSE '' END, over,
    CASE WHEN over IS NULL THEN '' ELSE %(not_seen)s END,
    CASE WHEN number %% 3 > 0 THEN jsonb_build_array(jsonb_build_object('at', at + interval '4 minutes',
        'actor', 'desk@newsforge-demo.example', 'did', %(acknowledged)s, 'text', '확인 중입니다.')) ELSE '[]' END
FROM (
    SELECT number, kind, severity, summary, lasts, at,
        CASE WHEN number > 2 THEN at + lasts * interval '1 minute' END AS over
    FROM (SELECT number, %(now)s::timestamptz - (number - 0.7) * interval '30 days' / %(incidents)s AS at,
            3 + number * 7 %% 40 AS lasts FROM generate_series(1, %(incidents)s) AS number) AS numbered
        JOIN (VALUES (0, 'provider', 'critical', %(openai)s),
            (1, 'queue', 'warning', %(late)s),
            (2, 'disk', 'warning', %(disk)s),
            (3, 'worker', 'critical', %(worker)s),
            (4, 'keys', 'warning', %(keys)s),
            (5, 'redis', 'critical', %(redis)s)) AS kinds (place, kind, severity, summary)
            ON place = number %% 6
) AS happened"""

NOTIFICATIONS = """
INSERT INTO notifications (incident_id, channel_name, kind, severity, state, tries, due_at, give_up_at, created_at,
    finished_at, last_error)
SELECT id, 'desk mail', kind, severity, 'sent', 1, at, at + interval '1 day', at, at + interval '2 seconds', ''
FROM (
    SELECT id, 'alert' AS kind, severity, opened_at AS at FROM incidents WHERE fingerprint LIKE 'demo/%%'
    UNION ALL
    SELECT id, 'recovery', severity, resolved_at FROM incidents
        WHERE fingerprint LIKE 'demo/%%' AND resolved_at IS NOT NULL
) AS told"""

CIRCUITS = """
INSERT INTO circuit_transitions (circuit, from_state, to_state, reason, failure_code, created_at)
SELECT 'openai', came, went, reason, code, opened_at + after * interval '1 minute'
FROM incidents, (VALUES (0, 'closed', 'open', %(many)s, 'provider-unavailable'),
    (1, 'open', 'half_open', %(may_try)s, ''), (2, 'half_open', 'closed', %(answered)s, ''))
    AS moves (after, came, went, reason, code)
WHERE fingerprint LIKE 'demo/provider/%%' AND resolved_at IS NOT NULL ORDER BY opened_at, after"""


AUDIT = """
WITH things AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY model, pk) AS place, * FROM (
        SELECT 'user' AS model, id::text AS pk, email AS name,
            jsonb_build_object('subscription_tier', jsonb_build_array('free', subscription_tier)) AS changes,
            replace(%(tier_set)s, '%%(tier)s', subscription_tier) AS did
        FROM users WHERE password_hash = '!demo' AND NOT is_staff
        UNION ALL
        SELECT 'incident', id::text, summary, jsonb_build_object('acknowledged_by',
            jsonb_build_array('', acknowledged_by)), %(acknowledged)s
        FROM incidents WHERE fingerprint LIKE 'demo/%%' AND acknowledged_by <> ''
    ) AS known
)
INSERT INTO audit_entries (content_type_id, object_pk, object_repr, action, changes, cid, timestamp, remote_addr,
    actor_id, actor_email, additional_data)
SELECT kind.id, pk, name, CASE WHEN number %% 40 = 0 THEN 0 ELSE 1 END, changes, gen_random_uuid()::text,
    %(now)s::timestamptz - (%(entries)s - number) * interval '30 days' / %(entries)s,
    CASE WHEN desk.id IS NOT NULL THEN ('192.0.2.' || number %% 250)::inet END, desk.id, COALESCE(desk.email, ''),
    CASE WHEN desk.id IS NOT NULL THEN jsonb_build_object('did', did) END
FROM generate_series(1, %(entries)s) AS number
    JOIN things ON place = 1 + number * 7919::bigint %% (SELECT count(*) FROM things)
    JOIN django_content_type kind USING (model)
    LEFT JOIN users desk ON desk.email = 'desk@newsforge-demo.example' AND number %% 3 > 0
ORDER BY number"""
"""Two of three by staff, the others by the service itself."""


SENTENCES: dict[str, str] = {
    **{name: judging.DEPENDENCIES[key][2] for name, key in (("openai", "openai_api"), ("redis", "redis"))},
    "worker": judging.DEPENDENCIES["celery_worker"][2],
    "late": judging.LATE,
    "disk": judging.FULL_DISK % {"host": "demo", "percent": "83"},
    "keys": judging.SICK_KEYS % {"count": 3},
    "not_seen": judging.NOT_SEEN,
    "many": circuits.MANY % {"count": 5, "seconds": "60"},
    "may_try": circuits.MAY_TRY,
    "answered": circuits.ANSWERED,
    "acknowledged": ACKNOWLEDGED,
    "tier_set": TIER_SET,
}
"""What the service itself would have kept."""


def fill(*, incidents: int, entries: int, now: datetime) -> Iterator[str]:
    """Add measures, incidents, messages, moves of circuits and the audit log; yield how many of each there are."""
    facts: dict[str, Any] = {"now": now, "incidents": incidents, "entries": entries, **SENTENCES}
    with transaction.atomic(), connection.cursor() as cursor:
        steps = {"measures": METRICS, "incidents": INCIDENTS, "alerts": NOTIFICATIONS,
                 "moves of circuits": CIRCUITS, "audit entries": AUDIT}  # fmt: skip
        for name, statement in steps.items():
            cursor.execute(statement, facts)
            yield f"{name}: {cursor.rowcount:,}"
    with connection.cursor() as cursor:
        for table in ("system_metrics", "incidents", "notifications", "circuit_transitions", "audit_entries"):
            cursor.execute(f"VACUUM ANALYZE {table}")
