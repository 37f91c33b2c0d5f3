"""Every place a secret could have got to, read whole."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import redis
from django.conf import settings
from django.db import connection


@contextmanager
def logging_everything() -> Iterator[StringIO]:
    """Write every record of every logger, down to DEBUG, as both of the site's formatters do."""
    written: dict[str, Any] = settings.LOGGING
    stream = StringIO()
    handlers = []
    for facts in written["formatters"].values():
        handler = logging.StreamHandler(stream)
        handler.setFormatter(facts["()"](**{name: value for name, value in facts.items() if name != "()"}))
        handlers.append(handler)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    for handler in handlers:
        root.addHandler(handler)
    try:
        yield stream
    finally:
        for handler in handlers:
            root.removeHandler(handler)
        root.setLevel(level)


def database() -> str:
    """Return every row of every table as text, this transaction's among them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')  # noqa: S608 - names of our own tables
            rows += [f"{table} {row}" for (row,) in cursor.fetchall()]
    return "\n".join(rows)


_READ: dict[bytes, Any] = {
    b"none": lambda _client, _key: "expired since it was found",
    b"string": lambda client, key: client.get(key),
    b"hash": lambda client, key: client.hgetall(key),
    b"list": lambda client, key: client.lrange(key, 0, -1),
    b"set": lambda client, key: client.smembers(key),
    b"zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
    b"stream": lambda client, key: client.xrange(key),
}


def redis_values() -> str:
    """Return every key of the Redis the site uses, with its value."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return "\n".join(f"{key!r} {_READ[client.type(key)](client, key)!r}" for key in client.scan_iter(count=1000))
