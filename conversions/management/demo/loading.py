"""Many rows at once: what PostgreSQL would check and index row by row, it checks and indexes once at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

TABLES = (
    "users", "access_tokens", "api_keys", "quota_grants", "quota_entries", "monthly_spends", "articles",
    "conversion_logs", "attempts", "webhook_endpoints", "webhook_deliveries", "django_admin_log",
)  # fmt: skip
"""Those that are filled, and locked while they are."""

_FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])"""

_INDEXES = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (
    SELECT FROM pg_constraint WHERE conindid = indexrelid)"""


@contextmanager
def emptied_of_checks(cursor: CursorWrapper, *, tell: Callable[[str], object]) -> Iterator[None]:
    """Take foreign keys and indexes off the tables and put them back as they were; the caller holds a transaction.

    Nothing of what is loaded is counted by the triggers: it did not happen, and rates would jump.
    """
    cursor.execute(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE")
    cursor.execute("SET LOCAL work_mem = '256MB'")
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    back: list[str] = []
    for catalogue in (_FOREIGN_KEYS, _INDEXES):
        for off, on in _rows(cursor, catalogue):
            cursor.execute(off)
            back.insert(0, on)
    cursor.execute("ALTER TABLE attempts DISABLE TRIGGER count_attempt")
    yield
    tell("indexes and foreign keys")
    for statement in back:
        cursor.execute(statement)
    cursor.execute("ALTER TABLE attempts ENABLE TRIGGER count_attempt")


def analyse() -> None:
    """Renew the planner's statistics and the map of what is visible, so that the first page is as fast as the next."""
    with connection.cursor() as cursor:
        for table in (*TABLES, "hourly_tallies", "hourly_spends"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _rows(cursor: CursorWrapper, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql, [list(TABLES)])
    return list(cursor.fetchall())
