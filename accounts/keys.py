"""Provider keys: stored sealed, opened only for the call that needs them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import F, Q

from accounts.enums import KeyStatus
from accounts.models import ApiKey, User
from newsforge.lib import rows
from newsforge.lib.crypto import CannotDecrypt, KeyRing
from newsforge.lib.errors import Fault, PermanentError

log = structlog.get_logger(__name__)

_ACTIVE = f"""
SELECT {rows.columns(ApiKey, "stored")} FROM api_keys stored
WHERE user_id = %s AND is_active ORDER BY created_at DESC"""  # noqa: S608 - names of ours

LONGEST = 500
"""Characters; the longest keys providers issue today have under 200."""


class UnusableKey(PermanentError):
    """Say that what was entered cannot be any provider's key."""

    code = "unusable-key"
    status_code = 422
    title = "This is not a provider key"
    sentence = "A key is one word of visible ASCII characters, at most %(longest)s long. Copy it again, alone."
    fault = Fault.REQUEST


class AddressUnproven(PermanentError):
    """Whoever stores a key has shown that the account's address is theirs."""

    code = "address-unproven"
    status_code = 403
    title = "The e-mail address is not proven"
    sentence = (
        "A provider key can be stored once the account's e-mail address is proven. "
        "Follow the link in the mail we sent; on the account page it can be sent again."
    )
    fault = Fault.REQUEST


def active_keys(*, user: User) -> list[ApiKey]:
    """Return the keys a user's conversions are written with, newest first."""
    with rows.cursor() as cursor:
        cursor.execute(_ACTIVE, [user.pk])
        return [key for found in cursor.fetchall() for key in rows.read(found, ApiKey)]


def store_key(*, user: User, name: str, provider: str, plaintext: str) -> ApiKey:
    """Seal a provider key and store it; only its ends and its SHA-256 stay readable.

    :raises AddressUnproven: if the user's address is not proven.
    :raises UnusableKey: if it is empty, too long, or holds spaces, control or non-ASCII characters.
    """
    require_proven(user=user)
    key = ApiKey(user=user, key_name=name, provider=provider)
    seal(key=key, plaintext=plaintext)
    key.save(force_insert=True)
    return key


def require_proven(*, user: User) -> None:
    """See that the user may store keys.

    :raises AddressUnproven: if the user's address is not proven.
    """
    if not user.email_verified:
        raise AddressUnproven


def seal(*, key: ApiKey, plaintext: str) -> None:
    """Put a provider key into a row that already knows its owner and provider; the row is not saved.

    :raises UnusableKey: if it is empty, too long, or holds spaces, control or non-ASCII characters.
    """
    secret = checked(plaintext=plaintext)
    key.encrypted_key = ring().encrypt(plaintext=secret, bound_to=key.sealed_for)
    key.prefix, key.last_four = _ends(secret)
    key.fingerprint = hashlib.sha256(secret.encode()).hexdigest()


def reveal(*, key: ApiKey) -> str:
    """Open a stored key. The result goes to the provider's client and nowhere else.

    :raises CannotDecrypt: if the ciphertext was damaged, or belongs to another row, owner or provider.
    :raises UnknownKey: if the encryption key it was sealed with is no longer in the ring.
    """
    return ring().decrypt(ciphertext=key.encrypted_key, bound_to=key.sealed_for)


def checked(*, plaintext: str) -> str:
    """Return the key without surrounding space.

    :raises UnusableKey: if it is empty, too long, or holds spaces, control or non-ASCII characters.
    """
    secret = plaintext.strip()
    if not secret or len(secret) > LONGEST or not all("!" <= sign <= "~" for sign in secret):
        raise UnusableKey(longest=LONGEST)
    return secret


def note_use(*, key: ApiKey, answered: bool, now: datetime) -> None:
    """Count one call made with a key; one that was answered proves that nothing is wrong with it."""
    changes: dict[str, Any] = {"usage_count": F("usage_count") + 1, "last_used": now}
    ApiKey.objects.filter(pk=key.pk).update(**changes, **(_accepted(now) if answered else {}))


def note_refusal(*, key: ApiKey, code: str, now: datetime) -> None:
    """Mark a key a person has to look at, with the failure's code; one marked for the same before keeps its time."""
    known = Q(status=KeyStatus.NEEDS_ATTENTION, status_reason=code)
    marked = ApiKey.objects.filter(pk=key.pk).exclude(known)
    if marked.update(status=KeyStatus.NEEDS_ATTENTION, status_reason=code, status_since=now):
        log.warning("provider_key_needs_attention", key_id=str(key.pk), provider=key.provider, reason=code)


def note_accepted(*, key: ApiKey, now: datetime) -> None:
    """Note that the provider took the key in a test, so that nothing is wrong with it."""
    ApiKey.objects.filter(pk=key.pk).update(**_accepted(now))


def note_readable(*, ids: Sequence[UUID]) -> None:
    """Take the mark off keys that open again, because the encryption key they are sealed with is back in the ring."""
    marked = ApiKey.objects.filter(pk__in=ids, status_reason=CannotDecrypt.code) if ids else ApiKey.objects.none()
    marked.update(status=KeyStatus.OK, status_reason="", status_since=None)


def ring() -> KeyRing:
    """Return the key ring of this installation, newest key first.

    :raises newsforge.lib.crypto.MalformedKeyRing: if NEWSFORGE_ENCRYPTION_KEYS is not usable.
    """
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def _accepted(now: datetime) -> dict[str, Any]:
    return {"status": KeyStatus.OK, "status_reason": "", "status_since": None, "accepted_at": now}


def _ends(secret: str) -> tuple[str, str]:
    """Show at most half of a short key, and of a usual one its kind and its last four characters."""
    return secret[: min(8, len(secret) // 4)], secret[-4:] if len(secret) >= 16 else ""


@lru_cache(maxsize=4)
def _ring(entries: tuple[str, ...]) -> KeyRing:
    return KeyRing(entries)
