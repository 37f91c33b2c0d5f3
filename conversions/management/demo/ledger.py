"""What the demo's work did to the quota and to the month: the sum of each ledger is the counter, as everywhere."""

from __future__ import annotations

TABLES = """
CREATE TEMP TABLE demo_lines ON COMMIT DROP AS
SELECT log.id AS conversion, log.user_id, created_at AS taken, finished_at AS ended, status, failure_code, zone,
    (created_at AT TIME ZONE zone)::date AS day,
    CASE WHEN status IN ('failed', 'cancelled')
        AND (finished_at AT TIME ZONE zone)::date = (created_at AT TIME ZONE zone)::date THEN -1 ELSE 0 END AS back
FROM conversion_logs log JOIN demo_people people ON people.id = log.user_id;
CREATE TEMP TABLE demo_days ON COMMIT DROP AS
SELECT user_id, day, count(*) + sum(back) AS used FROM demo_lines GROUP BY user_id, day;
CREATE INDEX ON demo_days (user_id, day);
ANALYZE demo_lines, demo_days"""

LINES = """
INSERT INTO quota_entries (user_id, kind, units, conversion_id, actor, reason, created_at)
SELECT user_id, kind, units, conversion, actor, reason, at FROM (
    SELECT user_id, 'reserve' AS kind, 1 AS units, conversion, 'api' AS actor, '' AS reason, taken AS at, 1 AS step
    FROM demo_lines
    UNION ALL
    SELECT user_id, CASE WHEN status = 'succeeded' THEN 'settle' ELSE 'release' END, back, conversion, 'system',
        failure_code, ended, 2
    FROM demo_lines WHERE ended IS NOT NULL
    UNION ALL
    SELECT id, 'reset', -COALESCE(used, 0), NULL, 'system', 'a new day', (today - ago)::timestamp AT TIME ZONE zone, 0
    FROM demo_people CROSS JOIN generate_series(0, 59) AS ago
        LEFT JOIN demo_days ON user_id = id AND day = today - ago - 1
    UNION ALL
    SELECT user_id, 'grant', 0, NULL, 'desk', '+' || extra_daily || ' a day until ' || ends_at::date || ': ' || reason,
        starts_at, 3
    FROM quota_grants WHERE user_id IN (SELECT id FROM demo_people)
) AS lines ORDER BY at, step"""
"""Each ledger goes back over sixty midnights."""

COUNTERS = """
UPDATE users SET api_quota_used = used
FROM demo_days JOIN demo_people ON id = user_id AND day = today WHERE users.id = demo_days.user_id"""

RAISED = """
WITH most AS (
    SELECT demo_days.user_id, max(used) AS used FROM demo_days GROUP BY demo_days.user_id
), raised AS (
    UPDATE users SET api_quota_daily = most.used + 1 FROM most
    WHERE users.id = most.user_id AND most.used > api_quota_daily
    RETURNING users.id, api_quota_daily)
INSERT INTO quota_entries (user_id, kind, units, actor, reason, created_at)
SELECT id, 'adjust', 0, 'desk', 'raised to ' || api_quota_daily || ' a day: busy newsroom', %(now)s FROM raised"""
"""Whoever used more in a day than the tier has was given more: no demo user is beyond a limit."""

SPENDS = """
INSERT INTO monthly_spends (user_id, month, spent_usd)
SELECT payer_id, date_trunc('month', created_at AT TIME ZONE zone)::date, sum(cost_usd)
FROM (
    SELECT attempts.created_at, attempts.cost_usd,
        CASE WHEN payer = 'user' THEN people.id END AS payer_id,
        CASE WHEN payer = 'user' THEN zone ELSE 'Asia/Seoul' END AS zone
    FROM attempts JOIN conversion_logs log ON log.id = conversion_id JOIN demo_people people ON people.id = log.user_id
) AS paid GROUP BY 1, 2
ON CONFLICT (user_id, month) DO UPDATE SET spent_usd = monthly_spends.spent_usd + excluded.spent_usd"""

HISTORY = """
INSERT INTO django_admin_log (action_time, user_id, content_type_id, object_id, object_repr, action_flag,
    change_message)
SELECT ended, %(staff)s, %(kind)s, conversion::text, conversion::text, 2, 'looked at: ' || failure_code
FROM demo_lines WHERE status IN ('failed', 'cancelled') ORDER BY ended"""
