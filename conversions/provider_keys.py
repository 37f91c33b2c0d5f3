"""What people do with provider keys: add, test, change and delete them. A key goes in here and never comes out.

It lives above accounts, which keeps the keys, because only a provider can say whether a key is good.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accounts import burst, keys
from accounts.enums import KeyStatus
from accounts.models import ApiKey, User
from accounts.selectors import keys_of
from conversions import gate, tools
from conversions.enums import KeyVerdict
from conversions.lineup import place_of
from conversions.pipeline.providers.errors import ProviderFailure
from conversions.selectors import NotFound
from newsforge.lib import audit
from newsforge.lib.breaker import CircuitState
from newsforge.lib.crypto import CannotDecrypt
from newsforge.lib.errors import Fault, NewsforgeError, PermanentError, TransientError
from newsforge.lib.sentences import TESTED

CHECK_SECONDS = 5.0
"""A person waits for the answer; a provider that takes longer is told apart from one that refuses."""

MOST_KEYS = 20
"""Of one user: a conversion may try each of them."""

CHECKS_PER_MINUTE = 10
CHECKS_AT_ONCE = 10
"""Of one user: each holds a connection of ours for up to ``CHECK_SECONDS``, and keys could be guessed through us."""

WORKERS = 10


class TooManyKeys(PermanentError):
    """The user has as many keys as there may be."""

    code = "too-many-keys"
    status_code = 409
    title = "Too many provider keys"
    sentence = "You have %(most)s provider keys, and more are not possible. Delete one you no longer use."
    fault = Fault.REQUEST


class TooManyChecks(TransientError):
    """Keys are tested faster than anybody enters them by hand."""

    code = "too-many-key-tests"
    status_code = 429
    title = "Too many keys tested"
    sentence = "Keys were tested too often in a short time. Wait a minute, then test again."
    fault = Fault.REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a provider said about a key; ``failure`` says why it was not accepted."""

    verdict: KeyVerdict
    failure: NewsforgeError | None = None
    latency_ms: int = 0


def check(*, user: User, provider: str, plaintext: str) -> Check:
    """Ask the provider for free whether it takes a key; nothing is stored.

    :raises accounts.keys.UnusableKey: if it cannot be any provider's key.
    :raises TooManyChecks: if the user's keys were tested too often.
    """
    secret = keys.checked(plaintext=plaintext)
    _allow(user.pk)
    return _ask(provider, secret)


def add_key(
    *, user: User, name: str, provider: str, plaintext: str, insist: bool, now: datetime
) -> tuple[ApiKey, Check]:
    """Test a key and store it sealed. One that nobody could test is stored; ``insist`` stores a refused one as well.

    :raises accounts.keys.AddressUnproven: if the user's address is not proven.
    :raises accounts.keys.UnusableKey: if it cannot be any provider's key.
    :raises TooManyChecks: if the user's keys were tested too often.
    :raises TooManyKeys: if the user has ``MOST_KEYS``.
    :raises conversions.pipeline.providers.errors.ProviderFailure: if the provider refuses the key.
    """
    keys.require_proven(user=user)
    found = check(user=user, provider=provider, plaintext=plaintext)
    if found.verdict == KeyVerdict.REFUSED and found.failure is not None and not insist:
        raise found.failure
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # so that two at once do not both find room
        if ApiKey.objects.filter(user=user).count() >= MOST_KEYS:
            raise TooManyKeys(most=MOST_KEYS)
        key = keys.store_key(user=user, name=name, provider=provider, plaintext=plaintext)
        note(key=key, found=found, now=now)
    key.refresh_from_db()
    return key, found


def check_key(*, key: ApiKey, now: datetime) -> Check:
    """Test a stored key for its owner and mark it by what its provider says.

    :raises TooManyChecks: if the owner's keys were tested too often.
    """
    _allow(key.user_id)
    audit.remember(key)
    found = check_stored(chosen=[key], now=now)[0]
    audit.note(row=key, text=TESTED)
    return found


def check_stored(*, chosen: Sequence[ApiKey], now: datetime) -> list[Check]:
    """Test stored keys side by side and mark each by what its provider says; return the findings in their order."""
    with ThreadPoolExecutor(WORKERS) as pool:
        findings = list(pool.map(_open_and_ask, chosen))
    for key, found in zip(chosen, findings, strict=True):
        note(key=key, found=found, now=now)
        key.refresh_from_db()
    return findings


def note(*, key: ApiKey, found: Check, now: datetime) -> None:
    """Mark a stored key by what a test found; one that nobody could test stays as it is."""
    if found.verdict == KeyVerdict.ACCEPTED:
        keys.note_accepted(key=key, now=now)
        gate.wake(key=key)
    elif found.verdict == KeyVerdict.REFUSED and found.failure is not None:
        keys.note_refusal(key=key, code=found.failure.code, now=now)


def probe(*, provider: str) -> Check | None:
    """Ask a provider for free whether it answers; None if neither the operator nor any user has a key for it.

    With users' keys alone it is asked with a word that is no key: that it refuses it is an answer, too.
    """
    own = settings.OPERATOR_PROVIDERS[provider]["api_key"]
    if own:
        return _ask(provider, own)
    if not ApiKey.objects.filter(provider=provider, is_active=True).exists():
        return None
    found = _ask(provider, "no-key-only-a-probe")
    if found.verdict is KeyVerdict.UNTESTED:
        return found
    return Check(verdict=KeyVerdict.ACCEPTED, latency_ms=found.latency_ms)


def try_circuit(*, provider: str, now: datetime) -> bool:
    """Let the free question be the one call of a circuit whose recovery time is over; tell whether it was asked.

    It takes the same slot a conversion would, so that there is still one call of all processes.
    """
    place = place_of(provider=provider)
    view = gate.circuits().look(circuit=place.circuit)
    if not place.is_enabled or not view.is_shared or view.state == CircuitState.CLOSED or view.wait > 0:
        return False
    way = gate.Gate(place=place)
    try:
        permit = way.enter(timeout=CHECK_SECONDS, now=now)
    except NewsforgeError:  # paused, its key rests, or somebody else's is the one call
        return False
    found = probe(provider=provider) if permit.is_probe else None
    if found is None:
        way.abandon(permit)
        return False
    way.leave(permit, found.failure, timeout=CHECK_SECONDS, now=now)
    return True


def key_of(*, user: User, key_id: UUID) -> ApiKey:
    """Return one key of the user's.

    :raises conversions.selectors.NotFound: if there is none with this id.
    """
    found = keys_of(user=user).filter(pk=key_id).first()
    if found is None:
        raise NotFound
    return found


def change_key(*, key: ApiKey, name: str | None = None, is_active: bool | None = None) -> ApiKey:
    """Rename a key, or take it out of use or back into it; the key itself is never changed, only replaced."""
    changes = {"key_name": name, "is_active": is_active}
    given = {column: value for column, value in changes.items() if value is not None}
    if given:
        for column, value in given.items():
            setattr(key, column, value)
        key.save(update_fields=list(given))
        key.refresh_from_db()
    return key


def replace_secret(*, key: ApiKey, plaintext: str) -> None:
    """Put another secret of the same owner at the same provider in the place of a stored one; nothing is known of it.

    :raises accounts.keys.UnusableKey: if it cannot be any provider's key.
    """
    keys.seal(key=key, plaintext=plaintext)
    key.status, key.status_reason, key.status_since, key.accepted_at = KeyStatus.OK.value, "", None, None
    columns = ("encrypted_key", "prefix", "last_four", "fingerprint", "status", "status_reason", "status_since")
    key.save(update_fields=[*columns, "accepted_at"])


def delete_key(*, key: ApiKey) -> None:
    """Forget a key and its ciphertext."""
    ApiKey.objects.filter(pk=key.pk).delete()


def _allow(user_id: UUID) -> None:
    allowance = burst.ask(subject=f"key-check:{user_id}", per_minute=CHECKS_PER_MINUTE, burst=CHECKS_AT_ONCE)
    if not allowance.allowed:
        raise TooManyChecks(retry_after=allowance.wait)


def _open_and_ask(key: ApiKey) -> Check:
    try:
        return _ask(key.provider, keys.reveal(key=key))
    except CannotDecrypt as failure:
        return Check(verdict=KeyVerdict.REFUSED, failure=failure)
    finally:
        connection.close()  # the thread's own, which nobody else would give back


def _ask(provider: str, secret: str) -> Check:
    verdict, failed, started = KeyVerdict.ACCEPTED, None, time.monotonic()
    try:
        tools.writer_with(provider=provider, api_key=secret).check_key(timeout=CHECK_SECONDS)
    except ProviderFailure as failure:
        refused = isinstance(failure, PermanentError) and failure.fault is Fault.KEY
        verdict, failed = KeyVerdict.REFUSED if refused else KeyVerdict.UNTESTED, failure
    return Check(verdict=verdict, failure=failed, latency_ms=round((time.monotonic() - started) * 1000))
