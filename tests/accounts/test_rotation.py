"""``manage.py rotate_keys``: every secret under the newest key, nothing lost, what cannot be read is said."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone
from pytest_django import Settings

from accounts import keys, rotation
from accounts.models import ApiKey, User
from conversions import signing, subscriptions
from conversions.models import WebhookEndpoint
from tests.factories import PROVIDER_KEY, make_key, make_one_of_each
from tests.house.test_schema import OURS

NEW = "k9:" + "A" * 43 + "="
NEWER = "k10:" + "B" * 42 + "A="


@pytest.fixture
def two_keys(settings: Settings) -> list[str]:
    """The old ring; a newer key is put before it once rows are there."""
    return list(settings.ENCRYPTION_KEYS)


def rotated(**options: int) -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out, stderr=out, **options)
    return out.getvalue()


def refused() -> tuple[str, str]:
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("rotate_keys", stdout=out, stderr=out)
    return out.getvalue(), str(caught.value)


def test_every_secret_comes_under_the_newest_key_and_opens_without_the_old_one(
    acme: User, settings: Settings, two_keys: list[str]
) -> None:
    stored = [make_key(acme, plaintext=f"{PROVIDER_KEY}{number}") for number in range(7)]
    endpoint, first = subscriptions.create_endpoint(
        user=acme, url="https://client.example.com/hook", now=timezone.now()
    )
    endpoint, second = subscriptions.rotate_secret(endpoint=endpoint, now=timezone.now())
    settings.ENCRYPTION_KEYS = [NEW, *two_keys]
    said = rotated(batch_size=3)
    assert "api_keys.encrypted_key: 7 read, 7 sealed anew, 0 unreadable" in said
    assert "webhook_endpoints.previous_secret: 1 read, 1 sealed anew" in said
    assert "The older keys can be removed" in said
    settings.ENCRYPTION_KEYS = [NEW]
    for number, key in enumerate(stored):
        key.refresh_from_db()
        assert keys.reveal(key=key) == f"{PROVIDER_KEY}{number}"
    endpoint.refresh_from_db()
    opened = signing.opened(endpoint=endpoint, now=timezone.now())
    assert opened == [second, first]


def test_a_second_run_only_reads(acme: User, settings: Settings, two_keys: list[str]) -> None:
    key = make_key(acme)
    settings.ENCRYPTION_KEYS = [NEW, *two_keys]
    rotated()
    before = ApiKey.objects.get(pk=key.pk).encrypted_key
    assert "api_keys.encrypted_key: 1 read, 0 sealed anew" in rotated()
    assert ApiKey.objects.get(pk=key.pk).encrypted_key == before


def test_what_was_interrupted_goes_on(acme: User, settings: Settings, two_keys: list[str]) -> None:
    for _ in range(5):
        make_key(acme)
    settings.ENCRYPTION_KEYS = [NEW, *two_keys]
    column = rotation.Column(model=ApiKey, name="encrypted_key")
    steps = rotation.rotate(column=column, ring=keys.ring(), batch_size=2)
    assert next(steps).resealed == 2
    assert rotation.left(column=column, ring=keys.ring()) == 3
    assert "5 read, 3 sealed anew" in rotated()


def test_a_key_that_cannot_be_read_is_named_marked_and_ends_the_command_with_an_error(
    acme: User, settings: Settings, two_keys: list[str]
) -> None:
    good, copied, damaged = (make_key(acme) for _ in range(3))
    ApiKey.objects.filter(pk=copied.pk).update(encrypted_key=good.encrypted_key)
    ApiKey.objects.filter(pk=damaged.pk).update(encrypted_key=damaged.encrypted_key[:-8] + "AAAAAAAA")
    settings.ENCRYPTION_KEYS = [NEW, *two_keys]
    said, refusal = refused()
    assert f"api_keys.encrypted_key of {copied.pk}: This key cannot be read any more" in said
    assert f"of {damaged.pk}: This key cannot be read any more" in said
    assert PROVIDER_KEY not in said + refusal
    assert "2 secrets cannot be read, and 2 are not under the key k9" in refusal
    marked = ApiKey.objects.filter(status="needs_attention").values_list("pk", "status_reason")
    assert dict(marked) == {copied.pk: "key-unreadable", damaged.pk: "key-unreadable"}
    assert ApiKey.objects.get(pk=good.pk).encrypted_key.startswith("v1.k9.")


def test_a_lost_encryption_key_is_named_and_its_return_takes_the_marks_off(
    acme: User, settings: Settings, two_keys: list[str]
) -> None:
    key = make_key(acme)
    settings.ENCRYPTION_KEYS = [NEW]
    said, _ = refused()
    assert "encrypted with the encryption key named k1" in said
    key.refresh_from_db()
    assert key.status == "needs_attention"
    settings.ENCRYPTION_KEYS = [NEW, *two_keys]
    rotated()
    key.refresh_from_db()
    assert (key.status, keys.reveal(key=key)) == ("ok", PROVIDER_KEY)


def test_a_key_entered_meanwhile_is_not_overwritten(
    acme: User, settings: Settings, two_keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key(acme)
    settings.ENCRYPTION_KEYS = [NEW, *two_keys]
    replace = rotation._replace

    def late(column: rotation.Column, changes: list[tuple[str, object, str]]) -> int:
        if column.model is ApiKey:
            keys.seal(key=key, plaintext="sk-entered-meanwhile-0123456789")
            key.save(update_fields=["encrypted_key"])
        return replace(column, changes)

    monkeypatch.setattr(rotation, "_replace", late)
    assert "1 read, 0 sealed anew" in rotated()
    key.refresh_from_db()
    assert keys.reveal(key=key) == "sk-entered-meanwhile-0123456789"


def test_every_column_that_holds_a_sealed_text_is_rotated(acme: User) -> None:
    make_one_of_each(acme)
    declared = {str(column) for column in rotation.columns()}
    suspects = {
        f"{model._meta.db_table}.{name.column}"
        for model in OURS
        for name in model._meta.concrete_fields
        if isinstance(name, models.TextField)
        and str(name.column).startswith(("encrypted_", "sealed_", "previous_secret"))
    }
    assert suspects <= declared
    assert "webhook_endpoints.previous_secret" in declared
    assert WebhookEndpoint.sealed_columns
