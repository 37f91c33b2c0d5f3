"""Idempotency-Key (IETF httpapi draft, Stripe's practice): a POST that is sent twice happens once.

The answer is stored in the same transaction as what it answers for, so either both exist or neither. Keys belong to the
user and are kept for ``KEPT``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import IdempotencyRecord, User
from newsforge.lib import rows
from newsforge.lib.errors import Fault, PermanentError, TransientError

KEPT = timedelta(hours=48)
"""How long an answer can be asked for again; the draft's least is 24 hours."""

LOCK = timedelta(seconds=60)
"""After this a first request that never answered is taken for dead: nothing of it was kept."""

_OPEN = """
INSERT INTO idempotency_records (user_id, key, request_hash, locked_until, created_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (user_id, key) DO NOTHING RETURNING id"""

_FINISH = """
UPDATE idempotency_records SET status_code = %s, headers = %s::jsonb, body = %s, locked_until = NULL
WHERE id = %s AND status_code IS NULL AND locked_until = %s"""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class MalformedKey(PermanentError):
    """The header is not a key."""

    code = "idempotency-key-malformed"
    status_code = 400
    title = "The Idempotency-Key is malformed"
    sentence = "An Idempotency-Key is 1 to 255 visible ASCII characters without spaces, for example a UUID."
    fault = Fault.REQUEST


class KeyInUse(TransientError):
    """The first request with this key is still running."""

    code = "idempotency-key-in-use"
    status_code = 409
    title = "The first request is still running"
    sentence = "A request with this Idempotency-Key is still running. Send it again in a moment to get its answer."
    fault = Fault.REQUEST


class KeyReused(PermanentError):
    """The key belongs to another request."""

    code = "idempotency-key-reused"
    status_code = 422
    title = "The Idempotency-Key belongs to another request"
    sentence = "This Idempotency-Key was used for a different request. Use a new key for a new request."
    fault = Fault.REQUEST


def request_hash(*, method: str, path: str, body: Any) -> str:
    """Return the SHA-256 of what is asked, whatever the order of its JSON members."""
    meaning = json.dumps([method, path, body], sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(meaning.encode()).hexdigest()


def begin(*, user: User, key: str, request_hash: str, now: datetime) -> IdempotencyRecord:
    """Return the record of this key: with a ``status_code`` it holds the answer to give again, without one it is ours.

    Runs in a transaction of its own, so that a parallel request sees it.

    :raises MalformedKey: if the key cannot be one.
    :raises KeyInUse: if the first request is still running.
    :raises KeyReused: if the first request was a different one.
    """
    if not _KEY.fullmatch(key):
        raise MalformedKey
    new = IdempotencyRecord(user=user, key=key, request_hash=request_hash, locked_until=now + LOCK, created_at=now)
    with rows.cursor() as cursor:
        cursor.execute(_OPEN, [user.pk, key, request_hash, new.locked_until, now])
        made = cursor.fetchone()
    if made:
        new.pk = made[0]
        return new
    record = IdempotencyRecord.objects.filter(user=user, key=key).first()
    if record is None:  # forgotten in between: its request was refused
        return begin(user=user, key=key, request_hash=request_hash, now=now)
    if record.created_at < now - KEPT:
        forget(record=record)
        return begin(user=user, key=key, request_hash=request_hash, now=now)
    if record.request_hash != request_hash:
        raise KeyReused
    if record.status_code is None:
        dead = Q(pk=record.pk, status_code=None, locked_until=record.locked_until, locked_until__lt=now)
        if not IdempotencyRecord.objects.filter(dead).update(locked_until=now + LOCK):
            raise KeyInUse(retry_after=1)
        record.locked_until = now + LOCK
    return record


def finish(*, record: IdempotencyRecord, status_code: int, headers: Mapping[str, str], body: str) -> None:
    """Store the answer; runs inside the transaction of what it answers for.

    :raises KeyInUse: if the key was taken over meanwhile, so that the caller's transaction is undone.
    """
    with rows.cursor() as cursor:
        answer: list[Any] = [status_code, json.dumps(dict(headers)), body]
        cursor.execute(_FINISH, [*answer, record.pk, record.locked_until])
        if not cursor.rowcount:
            raise KeyInUse(retry_after=1)


def forget(*, record: IdempotencyRecord) -> None:
    """Free the key after a request that was refused before it did anything."""
    IdempotencyRecord.objects.filter(pk=record.pk, locked_until=record.locked_until).delete()


def purge(*, now: datetime) -> int:
    """Delete what is older than ``KEPT``; return how many rows."""
    return rows.remove(doomed=IdempotencyRecord.objects.filter(created_at__lt=now - KEPT))
