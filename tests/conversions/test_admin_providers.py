"""The providers' page: what it shows of the circuits, and what its levers do to them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings

from accounts import keys
from accounts.models import User
from conversions import gate, lineup, tools
from conversions.gate import CircuitOpen, Gate, ProviderPaused
from conversions.lineup import place_of
from conversions.models import CircuitTransition, ProviderSetting
from newsforge.lib.breaker import CircuitState, Permit
from newsforge.lib.problem import title_of
from tests.factories import make_attempt, make_conversion, make_key, make_provider, make_user
from tests.faults.server import answer
from tests.flows.faults import RESPONSES, erring, far_side, refused
from tests.pages import address, pull


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
        page = pull(desk, openai, action, reason=reason)
        assert "This field is required." in page
    assert ProviderSetting.objects.values().get(pk=openai.pk) == before
    assert CircuitTransition.objects.count() == 0
    assert LogEntry.objects.count() == 0


def test_a_paused_provider_is_not_asked_until_its_time_is_over(desk: Client, openai: ProviderSetting) -> None:
    page = pull(desk, openai, "pause", reason="bills unpaid", minutes="10")
    assert "OpenAI is paused." in page
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
    pull(desk, openai, "pause", reason="migration", minutes="60")
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
    pull(desk, openai, "pause", reason="why", minutes=typed)
    openai.refresh_from_db()
    if typed != "43200":
        assert openai.forced_open_until is None
        return
    assert openai.forced_open_until is not None
    awaited = timezone.now() + timedelta(minutes=int(typed))
    assert abs(openai.forced_open_until - awaited) < timedelta(seconds=30)


def test_a_reset_lets_everybody_ask_again(desk: Client, openai: ProviderSetting) -> None:
    pull(desk, openai, "pause", reason="bills unpaid", minutes="60")
    gate.rests().put(subject="operator:openai", code="key-quota-exhausted", seconds=60)
    assert "OpenAI is reset" in pull(desk, openai, "reset", reason="paid")
    assert not enter().is_probe
    assert gate.circuits().look(circuit="openai").state == CircuitState.CLOSED
    assert [each.reason for each in CircuitTransition.objects.order_by("id")] == ["bills unpaid", "paid"]


def test_a_disabled_provider_is_passed_over_and_named_it_is_told(
    desk: Client, openai: ProviderSetting, acme: User
) -> None:
    make_key(acme)
    make_key(acme, plaintext="sk-ant-abcdefghijklmnop", provider="anthropic")
    assert "OpenAI is disabled." in pull(desk, openai, "disable", reason="contract ended")
    auto = make_conversion(acme)
    assert [route.provider for route in tools.writers_for(conversion=auto)] == ["anthropic", "extractive"]
    with pytest.raises(tools.ProviderDisabled, match="OpenAI is switched off"):
        tools.writers_for(conversion=make_conversion(acme, requested_provider="openai"))
    pull(desk, openai, "enable", reason="new contract")
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
    pull(client, openai, "disable", reason="mine")
    openai.refresh_from_db()
    assert openai.is_enabled


def test_levers_are_pulled_by_post_with_a_token_alone(staff: User, openai: ProviderSetting) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    for lever in ("disable", "later", "probe"):
        page = address(ProviderSetting, "lever", openai.pk, lever)
        assert client.post(page, {"reason": "x"}).status_code == 403
        assert client.get(page, {"reason": "x"}).status_code == (200 if lever == "disable" else 405)
    openai.refresh_from_db()
    assert openai.is_enabled


def test_another_address_has_a_circuit_of_its_own(db: None, settings: Settings) -> None:
    facts = settings.OPERATOR_PROVIDERS["openai"] | {"base_url": "http://gpu.internal:8000/v1"}
    settings.OPERATOR_PROVIDERS = settings.OPERATOR_PROVIDERS | {"openai": facts}
    assert place_of(provider="openai").circuit == "openai@gpu.internal:8000"
    assert place_of(provider="anthropic").circuit == "anthropic"


def test_one_button_changes_the_order(desk: Client, openai: ProviderSetting) -> None:
    page = seen(desk)
    assert page.count("Ask later") == page.count("Ask earlier") == 1, "the first goes down, the last goes up"
    assert "The order is now Anthropic → OpenAI." in pull(desk, openai, "later")
    assert [place.provider for place in lineup.lineup()] == ["anthropic", "openai"]
    assert LogEntry.objects.count() == 2, "both rows were changed"
    assert "at the end of the line already" in pull(desk, openai, "later")
    pull(desk, openai, "earlier")
    assert [place.provider for place in lineup.lineup()] == ["openai", "anthropic"]


def test_a_probe_says_how_long_the_provider_took(desk: Client, openai: ProviderSetting, settings: Settings) -> None:
    settings.OPERATOR_PROVIDERS = {name: facts | {"api_key": ""} for name, facts in settings.OPERATOR_PROVIDERS.items()}
    assert "Nobody has a key for OpenAI" in pull(desk, openai, "probe")
    assert LogEntry.objects.count() == 0
    with far_side(RESPONSES, settings) as far:
        far.server.play(answer(b'{"object": "list", "data": []}'))
        assert re.search(r"OpenAI answered in \d+ ms\.", pull(desk, openai, "probe"))
        far.server.play(refused(401, "authentication_error", "invalid_api_key")(RESPONSES))
        assert "but refused the operator&#x27;s key" in pull(desk, openai, "probe")
        far.server.play(erring(500)(RESPONSES))
        assert "OpenAI failed after" in pull(desk, openai, "probe")
        assert {each.path for each in far.server.received} == {"/v1/models"}, "free"
    assert CircuitTransition.objects.count() == 0


def test_the_page_says_what_went_wrong_and_whose_keys_it_touches(
    desk: Client, openai: ProviderSetting, acme: User
) -> None:
    conversion = make_conversion(acme)
    for code in ("rate-limited", "rate-limited", "provider-overloaded"):
        make_attempt(conversion, state="failed", failure_code=code)
    make_attempt(conversion, state="failed", failure_code="bad-key", provider="anthropic")
    make_attempt(conversion, state="failed", failure_code="truncated", created_at=timezone.now() - timedelta(days=2))
    keys.note_refusal(key=make_key(acme), code="key-forbidden", now=timezone.now())
    gate.rests().put(subject="operator:openai", code="key-quota-exhausted", seconds=60)
    page = desk.get(address(ProviderSetting, "change", openai.pk)).content.decode()
    found = [
        code for code in ("rate-limited", "provider-overloaded", "truncated", "bad-key") if f'title="{code}"' in page
    ]
    assert found == ["rate-limited", "provider-overloaded"]
    assert '2 × <span title="rate-limited">' in page
    assert f"<div>1 × {title_of(code='key-forbidden')}</div>" in page
    assert f"<div>operator&#x27;s key: {escape(title_of(code='key-quota-exhausted'))}</div>" in page
    assert "status__exact=needs_attention&amp;provider__exact=openai" in page


def test_models_are_offered_with_their_prices(desk: Client, openai: ProviderSetting) -> None:
    page = desk.get(address(ProviderSetting, "change", openai.pk)).content.decode()
    assert '<option value="gpt-6-luna">$0.1 in, $0.5 out</option>' in page
    assert "<td>gpt-6-luna (in force)</td><td>$0.1 in, $0.5 out</td>" in page
    assert "whisper" not in page
    make_provider("openai", model="our-own-70b")
    lineup.forget()
    page = desk.get(address(ProviderSetting, "change", openai.pk)).content.decode()
    assert "<td>our-own-70b (in force)</td><td>price unknown</td>" in page
