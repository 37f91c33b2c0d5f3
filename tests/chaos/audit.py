"""What must hold once everything has ended, asked of the database in plain SQL: each query returns what breaks it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg

UNENDED = "SELECT id::text, status FROM conversion_logs WHERE status IN ('pending', 'processing')"

BREACHES = {
    "a conversion has not ended": UNENDED,
    "a lease is left": """
        SELECT id::text FROM conversion_logs WHERE lease_until IS NOT NULL
        UNION ALL SELECT id::text FROM articles WHERE lease_until > now()
        UNION ALL SELECT id::text FROM webhook_deliveries WHERE lease_until > now()""",
    "a run was not reserved exactly once": """
        SELECT c.id::text, r.run, count(e.id) FROM conversion_logs c
        CROSS JOIN LATERAL generate_series(1, c.run) AS r(run)
        LEFT JOIN quota_entries e ON e.conversion_id = c.id AND e.run = r.run AND e.kind = 'reserve'
        GROUP BY c.id, r.run HAVING count(e.id) <> 1""",
    "a run was not settled or released exactly once": """
        SELECT c.id::text, r.run, c.status, array_agg(e.kind) FROM conversion_logs c
        CROSS JOIN LATERAL generate_series(1, c.run) AS r(run)
        LEFT JOIN quota_entries e ON e.conversion_id = c.id AND e.run = r.run AND e.kind IN ('settle', 'release')
        GROUP BY c.id, r.run, c.run HAVING count(e.id) <> 1 OR
        (r.run = c.run AND (c.status = 'succeeded') <> bool_and(e.kind = 'settle'))""",
    "a ledger line is of no conversion": """
        SELECT e.id FROM quota_entries e LEFT JOIN conversion_logs c ON c.id = e.conversion_id
        WHERE e.kind IN ('reserve', 'settle', 'release') AND c.id IS NULL""",
    "a ledger and its counter disagree": """
        SELECT u.email, u.api_quota_used, sum(e.units) FROM users u LEFT JOIN quota_entries e ON e.user_id = u.id
        GROUP BY u.id HAVING u.api_quota_used <> COALESCE(sum(e.units), 0)""",
    "a counter is not what succeeded since the last reset": """
        SELECT u.email, u.api_quota_used, count(c.id) FROM users u
        LEFT JOIN quota_entries e ON e.user_id = u.id AND e.kind = 'reserve' AND e.id > COALESCE(
            (SELECT max(id) FROM quota_entries r WHERE r.user_id = u.id AND r.kind = 'reset'), 0)
        LEFT JOIN conversion_logs c ON c.id = e.conversion_id AND c.run = e.run AND c.status = 'succeeded'
        GROUP BY u.id HAVING u.api_quota_used <> count(c.id)""",
    "more was accepted than the day allows": """
        SELECT email, api_quota_used, api_quota_daily FROM users WHERE api_quota_used > api_quota_daily""",
    "a month's spending is not its calls'": """
        SELECT m.user_id::text, m.spent_usd, sum(a.cost_usd) FROM monthly_spends m
        LEFT JOIN conversion_logs c ON m.user_id IS NULL OR c.user_id = m.user_id
        LEFT JOIN attempts a ON a.conversion_id = c.id AND (a.payer = 'operator') = (m.user_id IS NULL)
        GROUP BY m.id HAVING m.spent_usd <> COALESCE(sum(a.cost_usd), 0)""",
    "the same question was answered twice": """
        SELECT conversion_id::text, prompt_hash, count(*) FROM attempts WHERE state = 'answered'
        GROUP BY conversion_id, provider, prompt_hash HAVING count(*) > 1""",
    "a post has no text, or a failure no code": """
        SELECT id::text FROM conversion_logs
        WHERE (status = 'succeeded' AND content_generated = '') OR (status = 'failed' AND failure_code = '')""",
    "an end was not told exactly once to every endpoint": """
        SELECT c.id::text, w.id::text, count(d.id) FROM conversion_logs c
        JOIN webhook_endpoints w ON w.user_id = c.user_id AND w.created_at < c.created_at
        LEFT JOIN webhook_deliveries d ON d.conversion_id = c.id AND d.endpoint_id = w.id
        GROUP BY c.id, w.id HAVING count(d.id) <> c.run""",
    "a webhook has not been delivered": """
        SELECT id::text, state, tries, last_error FROM webhook_deliveries WHERE state <> 'delivered'""",
}


MONEY = {
    "a call is open or holds money": "SELECT id, state, held_usd FROM attempts WHERE state = 'open' OR held_usd <> 0",
    "a month holds money": "SELECT user_id::text, held_usd FROM monthly_spends WHERE held_usd <> 0",
}


def ask(database_url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return a query's rows over a connection of its own, for the last one may be broken."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        return connection.execute(query, values).fetchall()


def breaches(database_url: str, *, with_money: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Return what does not hold, and where; while a conversion is on its way, only that."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        found = {}
        for name, query in (BREACHES | (MONEY if with_money else {})).items():
            if rows := connection.execute(query).fetchall():
                found[name] = rows
                if query is UNENDED:
                    break
        return found


def unheard(database_url: str, hooks: Counter[str]) -> set[str]:
    """Return the webhook-ids that are marked as delivered and did not arrive, or arrived and are none of ours."""
    sent = {row[0] for row in ask(database_url, "SELECT id::text FROM webhook_deliveries WHERE state = 'delivered'")}
    return sent ^ set(hooks)
