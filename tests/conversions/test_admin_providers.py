"""The providers' page: what it shows of the circuits, and what its levers do to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conversions import gate, lineup, tools
from conversions.gate import CircuitOpen, Gate, ProviderPaused
from conversions.lineup import place_of
from conversions.models import CircuitTransition, ProviderSetting
from newsforge.lib.breaker import CircuitState, Permit
from tests.factories import make_conversion, make_key, make_provider, make_user
from tests.pages import act, address


@pytest.fixture
def openai(db: None) -> ProviderSetting:
    return make_provider("openai")


def enter(provider: str = "openai") -> Permit:
    lineup.forget()
    return Gate(place=place_of(provider=provider)).enter(timeout=30, now=timezone.now())


def fail(times: int) -> None:
    place = place_of(provider="openai")
    for _ in range(times):
        gate.circuits().fail(enter(), policy=place.policy, code="provider-overloaded")


def seen(desk: Client) -> str:
    return desk.get(address(ProviderSetting, "changelist")).content.decode()


def test_there_is_a_row_for_each_provider_that_takes_a_key(desk: Client) -> None:
    assert set(ProviderSetting.objects.values_list("provider", "position")) == {("openai", 1), ("anthropic", 2)}
    assert desk.get(address(ProviderSetting, "add")).status_code == 403


def test_the_page_shows_how_the_circuit_stands_and_what_it_did(desk: Client, openai: ProviderSetting) -> None:
    fail(2)
    assert "2 failures" in seen(desk)
    fail(1)
    assert "badge-bad" in seen(desk)
    assert "s left" in seen(desk)
    page = desk.get(address(ProviderSetting, "change", openai.pk)).content.decode()
    assert "3 failures in 60 s" in page
    assert "provider-overloaded" in page
    assert "gpt-6.1-sol" in page, "what is offered stands beside the field"


@pytest.mark.parametrize("action", ["pause", "reset", "disable", "enable"])
def test_no_lever_moves_without_a_reason(desk: Client, openai: ProviderSetting, action: str) -> None:
    make_provider("openai", is_enabled=action != "enable")
    before = ProviderSetting.objects.values().get(pk=openai.pk)
    for reason in ("", "  \t"):
        page = act(desk, ProviderSetting, action, openai, reason=reason)
        assert "Say why" in page
        assert "0 providers are" in page
    assert ProviderSetting.objects.values().get(pk=openai.pk) == before
    assert CircuitTransition.objects.count() == 0
    assert LogEntry.objects.count() == 0


def test_a_paused_provider_is_not_asked_until_its_time_is_over(desk: Client, openai: ProviderSetting) -> None:
    page = act(desk, ProviderSetting, "pause", openai, reason="bills unpaid", minutes="10")
    assert "1 provider is paused." in page
    assert "bills unpaid" in page
    with pytest.raises(ProviderPaused) as told:
        enter()
    assert told.value.retry_after is not None
    assert 590 < told.value.retry_after <= 600
    enter("anthropic")
    move = CircuitTransition.objects.get()
    assert (move.circuit, move.to_state, move.reason, move.actor) == (
        "openai",
        "open",
        "bills unpaid",
        "staff@newsforge.example",
    )
    assert LogEntry.objects.get().change_message == "paused: bills unpaid"


def test_a_pause_is_kept_when_redis_forgets_it_and_at_once_when_the_row_is_not_read_yet(
    desk: Client, openai: ProviderSetting
) -> None:
    act(desk, ProviderSetting, "pause", openai, reason="migration")
    stale = Gate(place=place_of(provider="openai"))
    ProviderSetting.objects.update(forced_open_until=None)
    lineup.forget()
    with pytest.raises(CircuitOpen):
        enter()
    gate.circuits().reset(circuit="openai", reason="a new Redis", actor="test")
    with pytest.raises(ProviderPaused):
        stale.enter(timeout=30, now=timezone.now())


@pytest.mark.parametrize("typed", ["x", "0", "-5", "43201", "999999999999", "", "43200"])
def test_a_pause_has_an_end(desk: Client, openai: ProviderSetting, typed: str) -> None:
    act(desk, ProviderSetting, "pause", openai, reason="why", minutes=typed)
    openai.refresh_from_db()
    if typed not in {"", "43200"}:
        assert openai.forced_open_until is None
        return
    assert openai.forced_open_until is not None
    awaited = timezone.now() + timedelta(minutes=int(typed or 60))
    assert abs(openai.forced_open_until - awaited) < timedelta(seconds=30)


def test_a_reset_lets_everybody_ask_again(desk: Client, openai: ProviderSetting) -> None:
    act(desk, ProviderSetting, "pause", openai, reason="bills unpaid")
    gate.rests().put(subject="operator:openai", code="key-quota-exhausted", seconds=60)
    assert "1 provider is reset." in act(desk, ProviderSetting, "reset", openai, reason="paid")
    assert not enter().is_probe
    assert gate.circuits().look(circuit="openai").state == CircuitState.CLOSED
    assert [each.reason for each in CircuitTransition.objects.order_by("id")] == ["bills unpaid", "paid"]


def test_a_disabled_provider_is_passed_over_and_named_it_is_told(
    desk: Client, openai: ProviderSetting, acme: User
) -> None:
    make_key(acme)
    make_key(acme, plaintext="sk-ant-abcdefghijklmnop", provider="anthropic")
    assert "1 provider is disabled." in act(desk, ProviderSetting, "disable", openai, reason="contract ended")
    auto = make_conversion(acme)
    assert [route.provider for route in tools.writers_for(conversion=auto)] == ["anthropic", "extractive"]
    with pytest.raises(tools.ProviderDisabled, match="OpenAI is switched off"):
        tools.writers_for(conversion=make_conversion(acme, requested_provider="openai"))
    act(desk, ProviderSetting, "enable", openai, reason="new contract")
    assert tools.writers_for(conversion=auto)[0].provider == "openai"


def test_the_order_and_the_model_are_what_staff_say(desk: Client, openai: ProviderSetting, acme: User) -> None:
    make_key(acme)
    make_key(acme, plaintext="sk-ant-abcdefghijklmnop", provider="anthropic")
    form = {"position": "3", "model": "gpt-6.1-sol", "failure_threshold": "5", "recovery_seconds": ""}
    assert desk.post(address(ProviderSetting, "change", openai.pk), form).status_code == 302
    routes = tools.writers_for(conversion=make_conversion(acme))
    assert [(route.provider, route.model) for route in routes][:2] == [
        ("anthropic", "claude-haiku-5-5"),
        ("openai", "gpt-6.1-sol"),
    ]
    policy = place_of(provider="openai").policy
    assert (policy.threshold, policy.recovery) == (5, 30)


@pytest.mark.parametrize(
    "wrong", [{"model": "gpt 6; drop"}, {"failure_threshold": "0"}, {"recovery_seconds": "0"}, {"position": "-1"}]
)
def test_what_makes_no_sense_is_refused(desk: Client, openai: ProviderSetting, wrong: dict[str, str]) -> None:
    form = {"position": "1", "model": "", "failure_threshold": "", "recovery_seconds": ""} | wrong
    assert desk.post(address(ProviderSetting, "change", openai.pk), form).status_code == 200
    assert ProviderSetting.objects.get(pk=openai.pk).position == 1
    if "model" not in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            ProviderSetting.objects.filter(pk=openai.pk).update(**wrong)


def test_staff_who_may_only_look_move_no_lever(openai: ProviderSetting) -> None:
    watcher = make_user("watcher@newsforge.example", is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_providersetting"))
    client = Client()
    client.force_login(watcher)
    assert client.get(address(ProviderSetting, "changelist")).status_code == 200
    act(client, ProviderSetting, "disable", openai, reason="mine")
    openai.refresh_from_db()
    assert openai.is_enabled


def test_levers_are_pulled_by_post_with_a_token_alone(staff: User, openai: ProviderSetting) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    form = {"action": "disable", "_selected_action": str(openai.pk), "reason": "x"}
    assert client.post(address(ProviderSetting, "changelist"), form).status_code == 403
    client.get(address(ProviderSetting, "changelist"), form)
    openai.refresh_from_db()
    assert openai.is_enabled


def test_another_address_has_a_circuit_of_its_own(db: None, settings: Settings) -> None:
    facts = settings.OPERATOR_PROVIDERS["openai"] | {"base_url": "http://gpu.internal:8000/v1"}
    settings.OPERATOR_PROVIDERS = settings.OPERATOR_PROVIDERS | {"openai": facts}
    assert place_of(provider="openai").circuit == "openai@gpu.internal:8000"
    assert place_of(provider="anthropic").circuit == "anthropic"
