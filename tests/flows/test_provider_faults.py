"""Whole conversions while their provider fails on the wire: what the customer gets, and what the provider sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.enums import KeyStatus
from accounts.models import ApiKey, User
from conversions import gate, provider_keys
from conversions.enums import AttemptState, Provider, Status
from conversions.models import Attempt, CircuitTransition
from newsforge.lib.breaker import CircuitState
from tests.factories import make_key
from tests.faults.dialects import Dialect
from tests.faults.server import Act, answer, cut, failing, late, reset, silence
from tests.flows.faults import (
    BOTH,
    CHAT,
    Far,
    ask,
    calls,
    come_again,
    erring,
    failures,
    far_side,
    good,
    is_unbilled,
    keyed,
    limited,
    refused,
    run,
    saying,
    stopped,
    used,
    written,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("warm")]


@pytest.fixture(params=BOTH, ids=lambda dialect: dialect.name)
def far(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Far]:
    with far_side(request.param, settings) as side:
        yield side


@dataclass(frozen=True, kw_only=True)
class Passing:
    """What may be over in a moment; ``wait`` is what the provider asked for, ``counted`` whether it is to blame."""

    act: Callable[[Dialect], Act] = field(repr=False)
    code: str
    wait: float = 0.0
    counted: bool = True


PASSING = {
    "429": Passing(act=limited, code="rate-limited", counted=False),
    "429, 1 s": Passing(act=lambda d: limited(d, retry_after="1"), code="rate-limited", wait=1, counted=False),
    "429, 1.5 s": Passing(act=lambda d: limited(d, retry_after="1.5"), code="rate-limited", wait=1.5, counted=False),
    "429, 700 ms": Passing(
        act=lambda d: limited(d, retry_after_ms="700", retry_after="1"), code="rate-limited", wait=0.7, counted=False
    ),
    "429, 90 s": Passing(act=lambda d: limited(d, retry_after="90"), code="rate-limited", wait=90, counted=False),
    "429, date": Passing(
        act=lambda d: limited(d, retry_after=formatdate(time.time() + 30, usegmt=True)),
        code="rate-limited", wait=28, counted=False,
    ),
    "500": Passing(act=erring(500), code="provider-unavailable"),
    "503, 20 s": Passing(
        act=lambda d: failing(503, d.error("server_error"), headers={"Retry-After": "20"}),
        code="provider-unavailable", wait=20,
    ),
    "529": Passing(act=erring(529, "overloaded_error"), code="provider-overloaded"),
    "reset": Passing(act=lambda _: reset, code="provider-unreachable"),
    "cut body": Passing(act=lambda _: cut(b'{"id": "x"}' * 100, after=60), code="provider-unreachable"),
    "web page": Passing(act=saying(b"<!doctype html><p>Sign in", "text/html"), code="malformed-reply"),
    "half an envelope": Passing(act=saying(b'{"id": "resp_1", "output": ['), code="malformed-reply"),
    "empty 200": Passing(act=saying(b""), code="empty-reply"),
}  # fmt: skip


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_asked_again_once_and_never_too_early(name: str, far: Far, acme: User) -> None:
    case = PASSING[name]
    far.server.play(case.act(far.dialect), good(far.dialect))
    conversion = ask(acme, far.provider)
    started = time.monotonic()
    wait = run(conversion)
    assert time.monotonic() - started < 5, "nobody sleeps with a worker in hand"
    assert conversion.status == Status.PENDING
    assert wait is not None
    assert case.wait <= wait < max(case.wait * 1.2, case.wait + 2)
    assert (conversion.not_before - timezone.now()).total_seconds() > wait - 2
    assert run(conversion) is None, "it is not its time"
    assert far.asked == 1
    assert failures(far) == case.counted
    come_again(conversion, far)
    assert (conversion.status, conversion.provider) == (Status.SUCCEEDED, far.provider)
    assert far.asked == 2
    assert calls(conversion) == [(far.provider, "failed", case.code), (far.provider, "answered", "")]
    assert is_unbilled(conversion)
    assert conversion.tokens_used == 1050
    assert used(acme) == 1


def test_nobody_else_asks_with_a_key_that_was_told_to_wait(far: Far, acme: User) -> None:
    far.server.play(limited(far.dialect, retry_after="90"))
    run(ask(acme, far.provider))
    for _ in range(3):
        other = ask(acme, far.provider)
        wait = run(other)
        assert wait is not None
        assert 85 < wait < 101
        assert calls(other) == []
    assert far.asked == 1


def test_a_wait_beyond_the_deadline_ends_it_and_says_how_long(far: Far, acme: User) -> None:
    far.server.play(limited(far.dialect, retry_after="3600"))
    conversion = ask(acme, far.provider)
    assert run(conversion) is None
    assert (conversion.status, conversion.failure_code, conversion.fault) == (Status.FAILED, "rate-limited", "key")
    assert conversion.retry_after == 3600
    assert "limits how often" in conversion.error_message
    assert used(acme) == 0


@dataclass(frozen=True, kw_only=True)
class Lasting:
    """What no waiting mends."""

    act: Callable[[Dialect], Act] = field(repr=False)
    code: str
    fault: str
    asked: int = 1
    is_paid: bool = False


LASTING = {
    "401": Lasting(act=refused(401, "authentication_error"), code="bad-key", fault="key"),
    "402": Lasting(act=refused(402, "billing_error"), code="key-quota-exhausted", fault="key"),
    "insufficient_quota": Lasting(
        act=refused(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
        code="key-quota-exhausted", fault="key",
    ),
    "403": Lasting(act=refused(403, "permission_error"), code="key-forbidden", fault="key"),
    "context length": Lasting(
        act=refused(400, "invalid_request_error", "context_length_exceeded", "prompt is too long"),
        code="context-too-long", fault="article",
    ),
    "no such model": Lasting(act=refused(404, "not_found_error"), code="bad-provider-request", fault="us"),
    "refusal": Lasting(act=stopped("refusal"), code="content-refused", fault="article", is_paid=True),
    "length": Lasting(act=stopped("length"), code="truncated", fault="provider", asked=3, is_paid=True),
}  # fmt: skip


@pytest.mark.parametrize("name", LASTING)
def test_what_stays_is_said_at_once_and_given_back(name: str, far: Far, acme: User) -> None:
    case = LASTING[name]
    far.server.play(case.act(far.dialect))
    conversion = ask(acme, far.provider)
    assert run(conversion) is None
    assert (conversion.status, conversion.failure_code, conversion.fault) == (Status.FAILED, case.code, case.fault)
    assert conversion.error_message[-1] == "." or "says:" in conversion.error_message
    assert conversion.content_generated == ""
    assert far.asked == case.asked
    rows = Attempt.objects.filter(conversion=conversion)
    assert {row.state for row in rows} == {AttemptState.FAILED}
    assert all(bool(row.input_tokens) == case.is_paid for row in rows), "what was charged is kept, nothing else"
    assert failures(far) == 0, "no fault of the provider's"
    assert used(acme) == 0


@pytest.mark.parametrize("text", ["", "Here is your post!", '{"title": "", "body": " ", "hashtags": []}'])
def test_a_model_that_writes_no_post_is_asked_otherwise_and_then_given_up(text: str, far: Far, acme: User) -> None:
    far.server.play(written(text)(far.dialect))
    conversion = ask(acme, far.provider)
    assert run(conversion) is not None
    assert far.asked == 3
    assert len({request.body for request in far.server.received}) == 3, "each time with what was wrong"
    assert failures(far) == 0, "it answered: the model failed, not the provider"
    far.server.play(good(far.dialect))
    come_again(conversion)
    assert conversion.status == Status.SUCCEEDED


@pytest.mark.parametrize(("status", "kind", "code"), [
    (401, "authentication_error", "bad-key"), (402, "billing_error", "key-quota-exhausted"),
    (403, "permission_error", "key-forbidden"),
])  # fmt: skip
def test_a_users_own_key_is_marked_and_the_others_go_on(
    status: int, kind: str, code: str, far: Far, acme: User, globex: User
) -> None:
    for user in (acme, globex):
        make_key(user, provider=far.provider, plaintext=f"sk-{user.username}-0123456789abcdef")
    no = failing(status, far.dialect.error(kind))
    good_one = good(far.dialect)

    def by_key(connection: Any, received: Any) -> None:
        (no if "sk-acme" in str(dict(received.headers)) else good_one)(connection, received)

    far.server.play(by_key)
    first = ask(acme, far.provider)
    run(first)
    # The operator's key comes next where the provider is named: the same provider, another payer.
    assert calls(first) == [(far.provider, "failed", code), (far.provider, "answered", "")]
    key = ApiKey.objects.get(user=acme)
    assert (key.status, key.status_reason) == (KeyStatus.NEEDS_ATTENTION, code)
    run(ask(acme, far.provider))
    assert sum("sk-acme" in str(dict(each.headers)) for each in far.server.received) == 1
    theirs = ask(globex, far.provider)
    run(theirs)
    assert calls(theirs) == [(far.provider, "answered", "")]
    assert ApiKey.objects.get(user=globex).status == KeyStatus.OK
    assert failures(far) == 0


def test_a_key_its_owner_mended_is_used_at_once(far: Far, acme: User) -> None:
    mended = make_key(acme, provider=far.provider, plaintext="sk-own-0123456789abcdef")
    far.server.play(refused(401, "authentication_error")(far.dialect))
    run(ask(acme, far.provider))
    far.server.received.clear()
    far.server.play(answer(b'{"object": "list", "data": []}'), good(far.dialect))
    provider_keys.check_key(key=mended, now=timezone.now())
    run(ask(acme, far.provider))
    assert keyed(far, "sk-own") == [True, True]
    waiting = gate.subject_of(key=mended, provider=Provider(far.provider))
    gate.rests().put(subject=waiting, code="rate-limited", seconds=60)
    gate.wake(key=mended)
    assert gate.rests().left(subject=waiting) is not None


def test_a_silent_provider_is_waited_for_once_and_no_longer_than_the_deadline(
    far: Far, acme: User, settings: Settings
) -> None:
    settings.CONVERSION_DEADLINE_SECONDS = 2
    far.server.play(silence)
    conversion = ask(acme, far.provider)
    started = time.monotonic()
    assert run(conversion) is None
    assert 1.5 < time.monotonic() - started < 3
    assert (conversion.status, conversion.failure_code) == (Status.FAILED, "provider-timed-out")
    assert calls(conversion) == [(far.provider, "failed", "provider-timed-out")]
    assert failures(far) == 1
    assert used(acme) == 0


def test_a_slow_first_byte_is_waited_for(far: Far, acme: User) -> None:
    far.server.play(late(0.8, good(far.dialect)))
    conversion = ask(acme, far.provider)
    run(conversion)
    assert conversion.status == Status.SUCCEEDED
    assert far.asked == 1


def test_a_provider_that_stays_down_is_left_alone(far: Far, acme: User) -> None:
    far.server.play(erring(503)(far.dialect))
    conversions = [ask(acme, far.provider) for _ in range(8)]
    waits = [run(each) for each in conversions]
    assert far.asked == 3
    assert all(wait is not None and 25 < wait <= 34 for wait in waits[3:])
    assert all(calls(each) == [] for each in conversions[3:])
    (move,) = CircuitTransition.objects.all()
    assert (move.circuit, move.from_state, move.to_state, move.failure_code) == (
        far.circuit, "closed", "open", "provider-unavailable",
    )  # fmt: skip


def test_who_cannot_wait_for_an_open_circuit_is_told_so(far: Far, acme: User, settings: Settings) -> None:
    gate.circuits().force_open(circuit=far.circuit, seconds=300, reason="test", actor="test")
    conversion = ask(acme, far.provider)
    assert run(conversion) is None
    assert (conversion.status, conversion.failure_code) == (Status.FAILED, "provider-unavailable")
    assert conversion.retry_after == 300
    assert "left alone" in conversion.error_message
    assert (far.asked, used(acme)) == (0, 0)


def test_a_wait_the_provider_names_is_the_circuits_too(far: Far, acme: User) -> None:
    far.server.play(failing(503, far.dialect.error("server_error"), headers={"Retry-After": "100"}))
    for _ in range(3):
        run(ask(acme, far.provider))
    assert gate.circuits().look(circuit=far.circuit).wait > 95


def test_a_compatible_server_is_asked_by_chat_completions(acme: User, settings: Settings) -> None:
    with far_side(CHAT, settings) as far:
        far.server.play(erring(500)(CHAT), good(CHAT))
        conversion = ask(acme, "openai")
        assert run(conversion) is not None
        come_again(conversion)
        assert (conversion.status, conversion.tokens_used) == (Status.SUCCEEDED, 1050)
        assert [each.path for each in far.server.received] == [CHAT.path] * 2


def test_a_provider_that_comes_and_goes_is_not_hammered(far: Far, acme: User, settings: Settings) -> None:
    """A minute of it, twenty times as fast: up and down for 10 s each, a circuit that rests for 4 s."""
    User.objects.update(api_quota_daily=100_000)
    settings.CIRCUIT_RECOVERY_SECONDS = 0.2
    began, phase = time.monotonic(), 0.5
    sound, down = good(far.dialect), erring(503)(far.dialect)

    def flap(connection: Any, received: Any) -> None:
        is_up = int((received.at - began) / phase) % 2 == 0
        (sound if is_up else down)(connection, received)

    far.server.play(flap)
    ended = 0
    while time.monotonic() - began < 6 * phase:
        conversion = ask(acme, far.provider)
        run(conversion)
        ended += conversion.status == Status.SUCCEEDED
    for which in (1, 3, 5):
        during = [each.at for each in far.server.received if int((each.at - began) / phase) == which]
        assert len(during) <= 3 + phase / 0.2 + 1, "three to open it, then one for each rest"
        gaps = [later - earlier for earlier, later in pairwise(during[3:])]
        assert all(gap > 0.19 for gap in gaps)
    assert ended >= 5
    moves = [(move.from_state, move.to_state) for move in CircuitTransition.objects.order_by("id")]
    assert all(move[0] == before[1] for before, move in pairwise(moves)), "each move is told once"
    time.sleep(0.21)
    far.server.play(sound)
    run(ask(acme, far.provider))
    assert gate.circuits().look(circuit=far.circuit).state == CircuitState.CLOSED
