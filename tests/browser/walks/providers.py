"""Providers: who is down, who is asked, with what key, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts import keys
from accounts.models import ApiKey
from conversions import gate, lineup
from conversions.gate import Gate
from conversions.models import ProviderSetting
from tests.browser.hand import Hand
from tests.browser.tasks import DASHBOARD, task
from tests.factories import make_attempt, make_conversion, make_key, make_provider, make_user
from tests.faults.canary import KEY
from tests.faults.server import FaultServer, answer
from tests.pages import address

PROVIDERS = "the providers"


@contextmanager
def listening(*, operator_key: str = "") -> Iterator[FaultServer]:
    """Let OpenAI be a server on the loopback that takes every key."""
    with FaultServer(answer(json.dumps({"object": "list", "data": []}).encode())) as server:
        facts = settings.OPERATOR_PROVIDERS["openai"] | {
            "api_key": operator_key,
            "base_url": f"{server.base_url}/v1",
        }
        with override_settings(OPERATOR_PROVIDERS=settings.OPERATOR_PROVIDERS | {"openai": facts}):
            lineup.forget()
            yield server
    lineup.forget()


def pull(hand: Hand, name: str) -> None:
    """Press a lever in OpenAI's row."""
    row = hand.page.locator("#result_list tbody tr").filter(has_text="openai")
    hand.go(row.get_by_role("button", name=name).or_(row.get_by_role("link", name=name)))


@task("Which provider is down?", start=DASHBOARD, allowed=0)
def which_is_down(hand: Hand) -> None:
    make_provider("openai", position=1)
    make_provider("anthropic", position=2)
    lineup.forget()
    place = lineup.place_of(provider="openai")
    for _ in range(place.policy.threshold):
        permit = Gate(place=place).enter(timeout=30, now=timezone.now())
        gate.circuits().fail(permit, policy=place.policy, code="provider-overloaded")
    hand.start(reverse("admin:index"))
    lines = hand.page.locator("#panel-providers .strip-line")
    expect(lines.filter(has_text="openai").locator(".badge-bad")).to_have_text("open")
    expect(lines.filter(has_text="anthropic").locator(".badge-good")).to_have_text("closed")


@task("Test a provider now", start=PROVIDERS, allowed=1)
def probe(hand: Hand) -> None:
    make_provider("openai")
    with listening(operator_key="sk-operator-000000000000") as server:
        hand.start(address(ProviderSetting, "changelist"))
        pull(hand, "Probe now")
        expect(hand.page.locator(".messagelist .success")).to_contain_text("OpenAI answered in")
        assert [each.path for each in server.received] == ["/v1/models"]


@task("Disable a provider", start=PROVIDERS, allowed=2)
def disable(hand: Hand) -> None:
    setting = make_provider("openai", is_enabled=True)
    hand.start(address(ProviderSetting, "changelist"))
    pull(hand, "Disable")
    hand.type(hand.page.get_by_label("Reason"), "the contract ended")
    hand.go(hand.page.get_by_role("button", name="Disable"))
    setting.refresh_from_db()
    assert (setting.is_enabled, setting.reason) == (False, "the contract ended")


@task("Change the failover order", start=DASHBOARD, allowed=2)
def change_order(hand: Hand) -> None:
    make_provider("openai", position=1)
    make_provider("anthropic", position=2)
    lineup.forget()
    hand.start(reverse("admin:index"))
    hand.go(hand.page.get_by_role("link", name="Providers", exact=True).first)
    pull(hand, "Ask later")
    expect(hand.page.locator(".messagelist")).to_contain_text("Anthropic → OpenAI")


@task("Force a circuit open", start=PROVIDERS, allowed=2)
def pause(hand: Hand) -> None:
    setting = make_provider("openai")
    hand.start(address(ProviderSetting, "changelist"))
    pull(hand, "Pause")
    hand.type(hand.page.get_by_label("Reason"), "bills unpaid")
    hand.go(hand.page.get_by_role("button", name="Pause"))
    setting.refresh_from_db()
    assert setting.forced_open_until is not None


@task("Reset a circuit", start=PROVIDERS, allowed=2)
def reset(hand: Hand) -> None:
    setting = make_provider("openai", forced_open_until=timezone.now() + timedelta(hours=1), reason="bills unpaid")
    hand.start(address(ProviderSetting, "changelist"))
    pull(hand, "Reset")
    hand.type(hand.page.get_by_label("Reason"), "paid")
    hand.go(hand.page.get_by_role("button", name="Reset"))
    setting.refresh_from_db()
    assert setting.forced_open_until is None


@task("Replace a provider secret", start="the provider keys", allowed=3)
def replace_secret(hand: Hand) -> None:
    key = make_key(make_user())
    with listening() as server:
        hand.start(address(ApiKey, "changelist"))
        hand.go(hand.page.get_by_role("link", name="our key"))
        hand.type(hand.page.get_by_label("New key"), KEY)
        hand.go(hand.page.get_by_role("button", name="Save", exact=True))
        assert KEY in repr(dict(server.received[-1].headers)), "it was tested on the way in"
    key.refresh_from_db()
    assert (keys.reveal(key=key), key.accepted_at is not None) == (KEY, True)
    assert KEY not in hand.page.content()


@task("Spend per model, this month", start=DASHBOARD, allowed=1)
def spend_per_model(hand: Hand) -> None:
    conversion = make_conversion(make_user())
    for model, cost in (("gpt-6-luna", "1.25"), ("gpt-6-luna", "0.25"), ("gpt-6.1-sol", "3.00")):
        make_attempt(conversion, model=model, cost_usd=Decimal(cost))
    hand.start(reverse("admin:index"))
    rows = hand.page.locator("#panel-spend tbody tr")
    expect(rows.filter(has_text="gpt-6-luna")).to_contain_text("$1.50")
    expect(rows.filter(has_text="gpt-6.1-sol")).to_contain_text("$3.00")
