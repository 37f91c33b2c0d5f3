"""Ten thousand keys come under a new encryption key while conversions are written with them: nobody notices."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from accounts import keys
from accounts.models import ApiKey, User
from conversions.models import Attempt, Conversion
from newsforge.lib.crypto import CannotDecrypt, KeyRing
from tests.factories import make_user
from tests.flows.faults import RESPONSES, Far, ask, far_side, good, run

MANY = 10_000
OWNERS = 40
WRITERS = 2
NEW = "k9:" + "A" * 43 + "="


@pytest.fixture
def far(transactional_db: None, settings: Settings) -> Iterator[Far]:
    with far_side(RESPONSES, settings, api_key="") as side:
        side.server.play(good(RESPONSES))
        yield side


def store_many(owners: list[User], ring: KeyRing) -> None:
    """Store keys with real ciphertexts; only the first of each owner's is in use."""
    rows = []
    for number in range(MANY):
        row = ApiKey(user=owners[number % OWNERS], key_name=str(number), provider="openai", is_active=number < OWNERS)
        row.encrypted_key = ring.encrypt(plaintext=f"sk-own-{number:05d}-0123456789", bound_to=row.sealed_for)
        rows.append(row)
    ApiKey.objects.bulk_create(rows, batch_size=2000)


def write_until(stop: threading.Event, owners: list[User], made: list[Conversion]) -> None:
    """Convert for one owner after the other, as a worker does."""
    try:
        while not stop.is_set():
            conversion = ask(owners[len(made) % len(owners)], "openai")
            run(conversion)
            made.append(conversion)
    finally:
        connection.close()


def test_ten_thousand_keys_are_rotated_while_conversions_run(far: Far, settings: Settings) -> None:
    old = list(settings.ENCRYPTION_KEYS)
    owners = [make_user(api_quota_daily=10_000) for _ in range(OWNERS)]
    store_many(owners, keys.ring())
    settings.ENCRYPTION_KEYS = [NEW, *old]
    stop = threading.Event()
    made: list[list[Conversion]] = [[] for _ in range(WRITERS)]
    halves = [owners[number::WRITERS] for number in range(WRITERS)]
    threads = [threading.Thread(target=write_until, args=(stop, *each)) for each in zip(halves, made, strict=True)]
    for thread in threads:
        thread.start()
    try:
        while not all(made):
            time.sleep(0.05)
        before, out, started = sum(map(len, made)), StringIO(), time.monotonic()
        call_command("rotate_keys", stdout=out, stderr=out)
        took, during = time.monotonic() - started, sum(map(len, made)) - before
        while sum(map(len, made)) < before + during + 2 * WRITERS:
            time.sleep(0.05)
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    print(f"{MANY} keys rotated in {took:.1f} s, {during} conversions meanwhile, none failed")  # noqa: T201 - seen with -s
    conversions = [each for some in made for each in some]
    assert {(each.status, each.provider) for each in conversions} == {("succeeded", "openai")}
    assert set(Attempt.objects.values_list("state", "payer")) == {("answered", "user")}
    assert f"{MANY} read, {MANY} sealed anew, 0 unreadable" in out.getvalue()
    assert "The older keys can be removed" in out.getvalue()
    settings.ENCRYPTION_KEYS = [NEW]
    for number, row in enumerate(ApiKey.objects.filter(key_name__in=map(str, range(0, MANY, 500)))):
        assert keys.reveal(key=row) == f"sk-own-{int(row.key_name):05d}-0123456789", number
    assert ApiKey.objects.filter(status="ok").count() == MANY
    assert sum(ApiKey.objects.filter(usage_count__gt=0).values_list("usage_count", flat=True)) == len(conversions)


def test_a_ciphertext_copied_to_another_row_does_not_decrypt_there_before_and_after_a_rotation(
    acme: User, globex: User, settings: Settings
) -> None:
    mine = keys.store_key(user=acme, name="mine", provider="openai", plaintext="sk-of-acme-0123456789")
    theirs = keys.store_key(user=globex, name="theirs", provider="openai", plaintext="sk-of-globex-0123456789")
    old = list(settings.ENCRYPTION_KEYS)
    for ring in (old, [NEW, *old]):
        settings.ENCRYPTION_KEYS = ring
        call_command("rotate_keys", stdout=StringIO())
        mine.refresh_from_db()
        theirs.refresh_from_db()
        for other in (theirs, ApiKey(pk=uuid.uuid4(), user=acme, provider="openai")):
            copied = ApiKey(pk=other.pk, user=other.user, provider=other.provider, encrypted_key=mine.encrypted_key)
            with pytest.raises(CannotDecrypt):
                keys.reveal(key=copied)
        assert keys.reveal(key=mine) == "sk-of-acme-0123456789"
