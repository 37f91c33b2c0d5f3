"""Who writes when the one asked first does not: other keys, other providers, the operator, our own writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from accounts.models import User
from conversions import gate
from conversions.enums import Status
from conversions.models import Attempt
from tests.faults.dialects import Dialect
from tests.faults.server import Act, reset, silence
from tests.flows.faults import (
    ANTHROPIC,
    RESPONSES,
    Far,
    ask,
    calls,
    come_again,
    erring,
    far_side,
    good,
    keyed,
    refused,
    run,
    stopped,
    with_keys,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("warm")]


@pytest.fixture
def two(settings: Settings) -> Iterator[tuple[Far, Far]]:
    with far_side(RESPONSES, settings) as openai, far_side(ANTHROPIC, settings) as anthropic:
        for side in (openai, anthropic):
            side.server.play(good(side.dialect))
        yield openai, anthropic


@pytest.mark.parametrize("act", [erring(503), erring(529, "overloaded_error"), lambda _: reset, stopped("refusal")])
def test_the_users_other_provider_stands_in_and_is_named(
    act: Callable[[Dialect], Act], two: tuple[Far, Far], acme: User
) -> None:
    openai, anthropic = two
    with_keys(acme)
    openai.server.play(act(RESPONSES))
    conversion = ask(acme)
    run(conversion)
    assert (conversion.status, conversion.provider) == (Status.SUCCEEDED, "anthropic")
    assert conversion.model == "model-1-2026-01-01"
    assert [(provider, state) for provider, state, _ in calls(conversion)] == [
        ("openai", "failed"),
        ("anthropic", "answered"),
    ]
    (paid,) = Attempt.objects.filter(conversion=conversion, state="answered")
    assert conversion.tokens_used == paid.input_tokens + paid.output_tokens
    assert (keyed(openai, "sk-own"), keyed(anthropic, "sk-own")) == ([True], [True])


def test_the_operators_keys_come_after_the_users_and_our_own_writer_last(two: tuple[Far, Far], acme: User) -> None:
    openai, anthropic = two
    with_keys(acme)
    for side in two:
        side.server.play(refused(401, "authentication_error")(side.dialect))
    conversion = ask(acme)
    run(conversion)
    assert [(provider, code) for provider, _, code in calls(conversion)] == [
        ("openai", "bad-key"), ("anthropic", "bad-key"), ("openai", "bad-key"), ("anthropic", "bad-key"),
        ("extractive", ""),
    ]  # fmt: skip
    assert keyed(openai, "sk-own") == keyed(anthropic, "sk-own") == [True, False]
    assert (conversion.status, conversion.provider) == (Status.SUCCEEDED, "extractive")
    assert conversion.tokens_used == conversion.cost_usd == 0


def test_a_tier_without_the_operators_keys_is_not_served_with_them(
    two: tuple[Far, Far], acme: User, settings: Settings
) -> None:
    settings.OPERATOR_KEYS_FOR_TIER = {"free": False, "pro": True}
    conversion = ask(acme)
    run(conversion)
    assert conversion.provider == "extractive"
    assert [side.asked for side in two] == [0, 0]
    User.objects.filter(pk=acme.pk).update(subscription_tier="pro")
    conversion = ask(acme)
    run(conversion)
    assert conversion.provider == "openai"


def test_our_own_writer_waits_for_one_failure_and_not_for_two(two: tuple[Far, Far], acme: User) -> None:
    for side in two:
        side.server.play(erring(500)(side.dialect))
    once, always = ask(acme), ask(acme)
    assert run(once) is not None
    assert once.status == Status.PENDING
    two[0].server.play(good(RESPONSES))
    come_again(once)
    assert once.provider == "openai"
    two[0].server.play(erring(500)(RESPONSES))
    run(always)
    come_again(always)
    assert (always.status, always.provider) == (Status.SUCCEEDED, "extractive")


def test_open_circuits_are_passed_over(two: tuple[Far, Far], acme: User) -> None:
    openai, anthropic = two
    gate.circuits().force_open(circuit=openai.circuit, seconds=60, reason="test", actor="test")
    conversion = ask(acme)
    run(conversion)
    assert (conversion.provider, openai.asked, anthropic.asked) == ("anthropic", 0, 1)
    gate.circuits().force_open(circuit=anthropic.circuit, seconds=60, reason="test", actor="test")
    conversion = ask(acme)
    run(conversion)
    assert (conversion.status, conversion.provider) == (Status.SUCCEEDED, "extractive")


def test_a_named_provider_stands_alone(two: tuple[Far, Far], acme: User) -> None:
    openai, anthropic = two
    openai.server.play(refused(402, "billing_error")(RESPONSES))
    conversion = ask(acme, "openai")
    run(conversion)
    assert (conversion.status, conversion.failure_code) == (Status.FAILED, "key-quota-exhausted")
    assert anthropic.asked == 0


def test_a_silent_provider_leaves_time_for_the_other_and_is_not_waited_for_again(
    two: tuple[Far, Far], acme: User, settings: Settings
) -> None:
    settings.CONVERSION_DEADLINE_SECONDS = 6
    openai, anthropic = two
    openai.server.play(silence)
    anthropic.server.play(erring(500)(ANTHROPIC), good(ANTHROPIC))
    conversion = ask(acme)
    run(conversion)
    assert conversion.status == Status.PENDING
    come_again(conversion)
    assert (conversion.status, conversion.provider) == (Status.SUCCEEDED, "anthropic")
    assert (openai.asked, anthropic.asked) == (1, 2)
