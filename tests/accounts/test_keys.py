"""Provider keys at rest: sealed to their row, recognisable, gone with their owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts import keys
from accounts.models import ApiKey, User
from accounts.selectors import keys_needing_attention
from newsforge.lib.crypto import CannotDecrypt, MalformedKeyRing, UnknownKey
from tests.factories import make_key

SECRET = "sk-proj-abcdefghijklmnopqrstuvwxyz0123"


def test_a_stored_key_comes_back_as_it_was_entered(acme: User) -> None:
    key = keys.store_key(user=acme, name="desk", provider="openai", plaintext=f"  {SECRET}\n")
    assert keys.reveal(key=ApiKey.objects.get(pk=key.pk)) == SECRET
    assert (key.prefix, key.last_four) == ("sk-proj-", "0123")


def test_no_column_holds_the_key_itself(acme: User) -> None:
    make_key(acme, plaintext=SECRET)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(api_keys)::text FROM api_keys")
        (row,) = cursor.fetchone()
    assert SECRET[8:-4] not in row


@pytest.mark.parametrize("column", ["user_id", "provider", "id"])
def test_a_ciphertext_under_another_owner_provider_or_row_does_not_open(acme: User, globex: User, column: str) -> None:
    mine, theirs = make_key(acme, plaintext=SECRET), make_key(globex, plaintext=SECRET, provider="anthropic")
    setattr(mine, column, getattr(theirs, column))
    with pytest.raises(CannotDecrypt):
        keys.reveal(key=mine)


@pytest.mark.parametrize("bad", ["", "   ", "two words", "한글키", "sk-\x00null", "a" * 501, "line\nbreak"])
def test_what_cannot_be_a_key_is_refused_before_anything_is_stored(acme: User, bad: str) -> None:
    with pytest.raises(keys.UnusableKey):
        keys.store_key(user=acme, name="desk", provider="openai", plaintext=bad)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("short", ["x", "ollama", "sk-12345678", "sk-1234567890abcdef"])
def test_at_most_half_of_a_short_key_is_shown(acme: User, short: str) -> None:
    key = make_key(acme, plaintext=short)
    assert len(key.prefix) + len(key.last_four) <= len(short) / 2


def test_a_new_encryption_key_leaves_old_keys_readable_and_its_removal_names_what_is_missing(
    acme: User, settings: Settings
) -> None:
    old = list(settings.ENCRYPTION_KEYS)
    key = make_key(acme, plaintext=SECRET)
    settings.ENCRYPTION_KEYS = ["k9:" + "A" * 43 + "=", *old]
    assert keys.reveal(key=key) == SECRET
    assert make_key(acme).encrypted_key.startswith("v1.k9.")
    settings.ENCRYPTION_KEYS = ["k9:" + "A" * 43 + "="]
    with pytest.raises(UnknownKey, match="k1"):
        keys.reveal(key=key)


def test_a_malformed_ring_stops_the_start_with_a_sentence(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["k1:not-a-key"]
    with pytest.raises(SystemCheckError, match="entry 1 is wrong"):
        call_command("check")


def test_a_malformed_ring_stops_storing_with_a_sentence(acme: User, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["nonsense"]
    with pytest.raises(MalformedKeyRing, match="NEWSFORGE_ENCRYPTION_KEYS"):
        make_key(acme)


def test_a_refused_key_needs_attention_from_the_first_refusal_until_an_answer(acme: User) -> None:
    key, other = make_key(acme), make_key(acme)
    first, later = timezone.now(), timezone.now() + timedelta(minutes=5)
    keys.note_refusal(key=key, code="bad-key", now=first)
    keys.note_refusal(key=key, code="bad-key", now=later)
    key.refresh_from_db()
    assert (key.status, key.status_reason, key.status_since) == ("needs_attention", "bad-key", first)
    assert keys_needing_attention() == 1
    keys.note_refusal(key=key, code="key-quota-exhausted", now=later)
    key.refresh_from_db()
    assert (key.status_reason, key.status_since) == ("key-quota-exhausted", later)
    keys.note_use(key=key, answered=False, now=later)
    assert keys_needing_attention() == 1, "a provider that was away says nothing about the key"
    keys.note_use(key=key, answered=True, now=later)
    key.refresh_from_db()
    assert (key.status, key.status_reason, key.status_since) == ("ok", "", None)
    assert (key.usage_count, key.last_used, key.accepted_at) == (2, later, later)
    other.refresh_from_db()
    assert (other.status, other.usage_count, other.accepted_at) == ("ok", 0, None)


def test_a_disabled_key_needs_nobodys_attention(acme: User) -> None:
    key = make_key(acme)
    keys.note_refusal(key=key, code="bad-key", now=timezone.now())
    ApiKey.objects.update(is_active=False)
    assert keys_needing_attention() == 0
