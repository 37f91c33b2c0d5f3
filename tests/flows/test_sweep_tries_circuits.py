"""A circuit that may be tried again is tried by the sweep, for free, in the one place there is for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conversions import gate
from conversions.models import Attempt, CircuitTransition, ProviderSetting
from conversions.operating import disable, pause
from monitoring import probing
from newsforge.lib.breaker import CircuitState
from tests.faults.server import answer, failing, late
from tests.flows.faults import RESPONSES, Far, ask, far_side, run

pytestmark = pytest.mark.django_db(transaction=True)

RECOVERY = 1
MODELS = answer(b'{"object": "list", "data": []}')


@pytest.fixture
def far(settings: Settings) -> Iterator[Far]:
    settings.CIRCUIT_RECOVERY_SECONDS = RECOVERY
    with far_side(RESPONSES, settings) as side:
        yield side


@pytest.fixture
def broken(far: Far, acme: User) -> Far:
    """A provider whose circuit is open."""
    far.server.play(failing(503, RESPONSES.error("server_error")))
    for _ in range(3):
        run(ask(acme, "openai"))
    assert state(far) == CircuitState.OPEN
    far.server.received.clear()
    return far


def state(far: Far) -> CircuitState:
    return gate.circuits().look(circuit=far.circuit).state


def wait_for_recovery(far: Far) -> None:
    time.sleep(gate.circuits().look(circuit=far.circuit).wait + 0.05)


def look() -> None:
    probing.try_circuits(now=timezone.now())
    connection.close()


def test_it_is_asked_when_its_time_is_over_and_closed_by_its_answer(broken: Far) -> None:
    look()
    assert broken.asked == 0
    wait_for_recovery(broken)
    broken.server.play(MODELS)
    look()
    assert (broken.asked, broken.server.received[0].path) == (1, "/v1/models")
    assert state(broken) == CircuitState.CLOSED
    look()
    assert broken.asked == 1
    moves = CircuitTransition.objects.order_by("id").values_list("to_state", flat=True)
    assert list(moves) == ["open", "half_open", "closed"]
    assert Attempt.objects.count() == 3  # the failures; a probe is no conversion


def test_it_opens_for_the_whole_time_again_when_it_still_fails(broken: Far) -> None:
    wait_for_recovery(broken)
    look()
    assert (broken.asked, state(broken)) == (1, CircuitState.OPEN)
    look()
    assert broken.asked == 1


def test_a_refused_key_says_nothing_about_the_provider(broken: Far) -> None:
    wait_for_recovery(broken)
    broken.server.play(failing(401, RESPONSES.error("invalid_request_error", "No.", "invalid_api_key")))
    look()
    look()  # the key rests
    assert (broken.asked, state(broken)) == (1, CircuitState.HALF_OPEN)


def test_many_sweeps_and_a_conversion_make_one_call(broken: Far, acme: User) -> None:
    waiting = ask(acme, "openai")
    wait_for_recovery(broken)
    broken.server.play(late(1.0, MODELS))
    with ThreadPoolExecutor(6) as pool:
        sweeps = [pool.submit(look) for _ in range(6)]
        time.sleep(0.5)
        run(waiting)
        for each in sweeps:
            each.result()
    assert broken.asked == 1
    assert state(broken) == CircuitState.CLOSED
    assert waiting.status == "pending"


def test_what_staff_stopped_is_not_asked(broken: Far) -> None:
    setting, now = ProviderSetting.objects.create(provider="openai", position=1), timezone.now()
    wait_for_recovery(broken)
    pause(setting=setting, until=now + timedelta(minutes=5), reason="maintenance", actor="ops", now=now)
    look()
    disable(setting=setting, reason="contract ended")
    look()
    assert broken.asked == 0
