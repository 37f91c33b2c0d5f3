"""The admin pages of provider keys: entered once, tested on the way in, never shown."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, User
from tests.conversions.keys.conftest import AWAY, MODELS, REFUSES
from tests.factories import PROVIDER_KEY, make_key
from tests.faults.canary import KEY
from tests.faults.server import FaultServer
from tests.pages import act, address

NOW = timezone.now()


def entered(desk: Client, user: User, **more: str) -> str:
    """What the page says after a key was entered."""
    form = {"user": user.pk, "key_name": "desk", "provider": "anthropic", "secret": f" {KEY} ", **more}
    body: str = desk.post(address(ApiKey, "add"), form, follow=True).content.decode()
    assert KEY not in body
    return body


def test_a_key_is_entered_once_and_opens_only_for_the_pipeline(desk: Client, acme: User, provider: FaultServer) -> None:
    entered(desk, acme)
    key = ApiKey.objects.get()
    assert keys.reveal(key=key) == KEY
    assert key.accepted_at is not None
    body = desk.get(address(ApiKey, "change", key.pk)).content.decode()
    assert f"{KEY[:8]}…{KEY[-4:]}" in body
    assert key.fingerprint in body
    assert KEY not in body
    (asked,) = provider.received
    assert (asked.method, asked.path) == ("GET", "/v1/models")
    assert KEY in repr(dict(asked.headers))


def test_a_refused_form_does_not_send_the_key_back(desk: Client, acme: User, provider: FaultServer) -> None:
    assert "This field is required" in entered(desk, acme, key_name="")
    assert provider.received == [], "nobody is asked before the rest is right"


@pytest.mark.parametrize("secret", ["two words", "한글키", "x" * 501])
def test_what_is_no_key_is_refused_with_a_sentence(
    desk: Client, acme: User, provider: FaultServer, secret: str
) -> None:
    assert "one word of visible ASCII" in entered(desk, acme, secret=secret)
    assert not ApiKey.objects.exists()
    assert provider.received == []


def test_a_key_its_provider_refuses_is_stored_only_when_somebody_insists(
    desk: Client, acme: User, provider: FaultServer
) -> None:
    provider.play(REFUSES)
    assert "Anthropic does not accept this key" in entered(desk, acme)
    assert not ApiKey.objects.exists()
    assert "It was not accepted: Anthropic does not accept this key" in entered(desk, acme, store_anyway="on")
    key = ApiKey.objects.get()
    assert (key.status, key.status_reason) == ("needs_attention", "bad-key")
    listed = desk.get(address(ApiKey, "changelist")).content.decode()
    assert ">needs attention</span>" in listed
    assert "The key is not valid (bad-key)" in desk.get(address(ApiKey, "change", key.pk)).content.decode()


def test_a_key_nobody_could_test_is_stored_and_the_page_says_so(
    desk: Client, acme: User, provider: FaultServer
) -> None:
    provider.play(AWAY)
    assert "It could not be tested: Anthropic has an error on its side" in entered(desk, acme)
    key = ApiKey.objects.get()
    assert (key.status, key.accepted_at) == ("ok", None)
    assert ">not tested</span>" in desk.get(address(ApiKey, "changelist")).content.decode()


def test_keys_are_tested_from_the_list(desk: Client, acme: User, provider: FaultServer) -> None:
    good, bad, moved = make_key(acme), make_key(acme, plaintext=KEY), make_key(acme)
    ApiKey.objects.filter(pk=moved.pk).update(encrypted_key=good.encrypted_key)
    assert "2 keys were accepted" in act(desk, ApiKey, "test_now", good, bad)
    provider.play(REFUSES)
    body = act(desk, ApiKey, "test_now", bad, moved)
    assert "0 keys were accepted" in body
    assert "1 × OpenAI does not accept this key" in body
    assert "1 × This key cannot be read any more. Enter it again." in body
    assert len(provider.received) == 3, "what does not open is not sent"
    reasons = dict(ApiKey.objects.values_list("pk", "status_reason"))
    assert reasons == {good.pk: "", bad.pk: "bad-key", moved.pk: "key-unreadable"}
    provider.play(MODELS)
    assert "1 key was accepted" in act(desk, ApiKey, "test_now", bad)
    assert ApiKey.objects.get(pk=bad.pk).status == "ok"


def test_owner_and_provider_stay(desk: Client, acme: User, globex: User) -> None:
    key = make_key(acme)
    form = {"key_name": "renamed", "user": globex.pk, "provider": "anthropic"}
    assert desk.post(address(ApiKey, "change", key.pk), form).status_code == 302
    key.refresh_from_db()
    assert (key.key_name, key.user, key.provider, key.is_active) == ("renamed", acme, "openai", False)
    assert keys.reveal(key=key) == PROVIDER_KEY


@pytest.mark.parametrize("pasted", ["whole", "cut", "ends", "quoted"])
def test_a_leaked_key_is_found_by_pasting_it_and_does_not_stay_on_the_page(
    desk: Client, acme: User, pasted: str
) -> None:
    key = make_key(acme, plaintext=PROVIDER_KEY)
    make_key(acme, plaintext="sk-ant-zzzzzzzzzzzzzzzzzzzzzzzzzz9999", provider="anthropic")
    term = {
        "whole": PROVIDER_KEY,
        "cut": PROVIDER_KEY[:7],
        "ends": f"{key.prefix}…{key.last_four}",
        "quoted": f'OPENAI_API_KEY="{PROVIDER_KEY}"',
    }[pasted]
    page = desk.get(address(ApiKey, "changelist"), {"q": term}, follow=True)
    assert list(page.context["cl"].queryset) == [key]
    assert PROVIDER_KEY not in page.content.decode()
    assert not [url for url, _ in page.redirect_chain if PROVIDER_KEY in url]


def test_a_secret_is_replaced_on_the_keys_page_and_tested_on_the_way_in(
    desk: Client, acme: User, provider: FaultServer
) -> None:
    key = make_key(acme, plaintext=PROVIDER_KEY, provider="anthropic")
    ApiKey.objects.filter(pk=key.pk).update(status="needs_attention", status_reason="bad-key", status_since=NOW)
    form = {"key_name": "our key", "is_active": "on", "secret": KEY}
    provider.play(REFUSES)
    refused = desk.post(address(ApiKey, "change", key.pk), form).content.decode()
    assert "Anthropic does not accept this key" in refused
    assert KEY not in refused
    assert keys.reveal(key=ApiKey.objects.get()) == PROVIDER_KEY
    provider.play(MODELS)
    assert desk.post(address(ApiKey, "change", key.pk), form).status_code == 302
    key = ApiKey.objects.get()
    assert keys.reveal(key=key) == KEY
    assert (key.status, key.status_reason, key.user, key.last_four) == ("ok", "", acme, KEY[-4:])
    assert key.accepted_at is not None


def test_keys_are_taken_out_of_use_and_back_with_a_reason(desk: Client, acme: User) -> None:
    key = make_key(acme)
    assert "1 key is disabled" in act(desk, ApiKey, "disable", key, reason="leaked")
    assert keys.active_keys(user=acme) == []
    assert "disabled: leaked" in LogEntry.objects.get().get_change_message()
    assert "1 key is enabled" in act(desk, ApiKey, "enable", key)
    assert keys.active_keys(user=acme) == [key]
