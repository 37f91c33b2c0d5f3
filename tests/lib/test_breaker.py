"""Circuits as the processes that share them see them, and as one process alone does."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import settings

from newsforge.lib import shared_state
from newsforge.lib.breaker import Change, Circuits, CircuitState, Permit, Policy, Refusal
from newsforge.lib.cooldown import Cooldowns
from tests.faults.server import FaultServer, hang_up, silence

QUICK = Policy(threshold=3, window=5.0, recovery=0.15)
LONG = Policy(threshold=3, window=5.0, recovery=30.0)
NOWHERE = "redis://127.0.0.1:1/0"

Moves = list[Change]


@pytest.fixture
def moves() -> Moves:
    return []


@pytest.fixture(params=["shared", "alone"])
def circuits(request: pytest.FixtureRequest, moves: Moves) -> Circuits:
    return Circuits(url=settings.REDIS_URL if request.param == "shared" else NOWHERE, on_change=moves.append)


@pytest.fixture
def name() -> str:
    return f"test-{uuid4().hex}"


def permit(circuits: Circuits, name: str, lease: float = 5) -> Permit:
    given = circuits.acquire(circuit=name, lease=lease)
    assert isinstance(given, Permit), given
    return given


def refusal(circuits: Circuits, name: str) -> Refusal:
    answer = circuits.acquire(circuit=name, lease=5)
    assert isinstance(answer, Refusal), answer
    return answer


def fail(circuits: Circuits, name: str, times: int = 3, policy: Policy = QUICK) -> None:
    for _ in range(times):
        circuits.fail(permit(circuits, name), policy=policy, code="provider-overloaded")


def arrows(moves: Moves) -> list[str]:
    return [f"{each.source}→{each.target}" for each in moves]


def test_the_third_failure_opens_for_as_long_as_was_said(circuits: Circuits, name: str, moves: Moves) -> None:
    fail(circuits, name, times=2)
    assert circuits.look(circuit=name).failures == 2
    fail(circuits, name, times=1, policy=LONG)
    assert 29 < refusal(circuits, name).wait <= 30
    assert arrows(moves) == ["closed→open"]
    assert (moves[0].circuit, moves[0].code, moves[0].actor) == (name, "provider-overloaded", "system")


def test_one_call_may_try_after_the_recovery_and_closes_it(circuits: Circuits, name: str, moves: Moves) -> None:
    fail(circuits, name)
    time.sleep(QUICK.recovery + 0.01)
    probe = permit(circuits, name)
    assert probe.is_probe
    assert refusal(circuits, name).state == CircuitState.HALF_OPEN
    circuits.succeed(probe)
    assert not permit(circuits, name).is_probe
    assert arrows(moves) == ["closed→open", "open→half_open", "half_open→closed"]


def test_a_failed_try_opens_it_for_the_whole_recovery_again(circuits: Circuits, name: str, moves: Moves) -> None:
    fail(circuits, name)
    time.sleep(QUICK.recovery + 0.01)
    circuits.fail(permit(circuits, name), policy=LONG, code="provider-timed-out")
    assert refusal(circuits, name).wait > 29
    assert arrows(moves) == ["closed→open", "open→half_open", "half_open→open"]


def test_a_killed_prober_holds_nobody_up_for_ever(circuits: Circuits, name: str) -> None:
    fail(circuits, name)
    time.sleep(QUICK.recovery + 0.01)
    dead = permit(circuits, name, lease=0.1)
    time.sleep(0.11)
    other = permit(circuits, name)
    assert other.is_probe
    circuits.succeed(dead)  # it was not dead, only late
    assert circuits.look(circuit=name).state == CircuitState.HALF_OPEN
    circuits.succeed(other)
    assert circuits.look(circuit=name).state == CircuitState.CLOSED


def test_a_try_that_tells_nothing_lets_the_next_one_try(circuits: Circuits, name: str) -> None:
    fail(circuits, name)
    time.sleep(QUICK.recovery + 0.01)
    circuits.release(permit(circuits, name))
    assert permit(circuits, name).is_probe


def test_results_of_calls_from_before_the_opening_change_nothing(circuits: Circuits, name: str, moves: Moves) -> None:
    late = [permit(circuits, name) for _ in range(5)]
    fail(circuits, name, policy=LONG)
    for each in late[:2]:
        circuits.succeed(each)
    for each in late[2:]:
        circuits.fail(each, policy=QUICK, code="provider-unavailable")
    assert refusal(circuits, name).wait > 29
    circuits.reset(circuit=name, reason="mended", actor="staff")
    for each in late:
        circuits.fail(each, policy=QUICK, code="provider-unavailable")
    assert circuits.look(circuit=name) == circuits.look(circuit=f"{name}-never-asked")
    assert arrows(moves) == ["closed→open", "open→closed"]


def test_failures_with_successes_between_them_do_not_add_up(circuits: Circuits, name: str) -> None:
    for _ in range(4):
        fail(circuits, name, times=2)
        time.sleep(0.002)  # the clock is in milliseconds
        circuits.succeed(permit(circuits, name))
    assert circuits.look(circuit=name).state == CircuitState.CLOSED


def test_a_success_of_an_older_call_takes_no_younger_failure_back(circuits: Circuits, name: str) -> None:
    fail(circuits, name, times=1)
    time.sleep(0.002)
    slow = permit(circuits, name)
    time.sleep(0.002)
    fail(circuits, name, times=1)
    circuits.succeed(slow)
    assert circuits.look(circuit=name).failures == 1


def test_failures_older_than_the_window_do_not_count(circuits: Circuits, name: str) -> None:
    brief = Policy(threshold=3, window=0.1, recovery=30)
    fail(circuits, name, times=2, policy=brief)
    time.sleep(0.12)
    fail(circuits, name, times=2, policy=brief)
    assert circuits.look(circuit=name).state == CircuitState.CLOSED


def test_circuits_do_not_know_each_other(circuits: Circuits, name: str) -> None:
    fail(circuits, name)
    assert not permit(circuits, f"{name}@127.0.0.1:8080").is_probe


def test_a_circuit_forced_open_stays_so_until_it_is_reset(circuits: Circuits, name: str, moves: Moves) -> None:
    before = permit(circuits, name)
    circuits.force_open(circuit=name, seconds=600, reason="bills unpaid", actor="staff@newsforge.example")
    circuits.succeed(before)
    assert 599 < refusal(circuits, name).wait <= 600
    circuits.reset(circuit=name, reason="paid", actor="staff@newsforge.example")
    permit(circuits, name)
    assert arrows(moves) == ["closed→open", "open→closed"]
    assert moves[0].reason.startswith("bills unpaid")
    assert moves[0].actor == "staff@newsforge.example"


def test_of_sixteen_at_the_same_instant_one_may_try(circuits: Circuits, name: str, moves: Moves) -> None:
    fail(circuits, name)
    time.sleep(QUICK.recovery + 0.01)
    gate = threading.Barrier(16)

    def ask(_: int) -> bool:
        gate.wait(10)
        return isinstance(circuits.acquire(circuit=name, lease=5), Permit)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(ask, range(16))) == 1
    assert arrows(moves) == ["closed→open", "open→half_open"]


def test_every_move_is_told_once_however_many_fail_at_once(circuits: Circuits, name: str, moves: Moves) -> None:
    given = [permit(circuits, name) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda each: circuits.fail(each, policy=LONG, code="provider-timed-out"), given))
    assert arrows(moves) == ["closed→open"]


def test_other_processes_see_the_same_circuit(name: str, moves: Moves) -> None:
    circuits = Circuits(url=settings.REDIS_URL, on_change=moves.append)
    script = (
        "import sys; from newsforge.lib.breaker import Circuits, Policy\n"
        "circuits = Circuits(url=sys.argv[1], on_change=lambda change: print(change.target))\n"
        "for _ in range(3): circuits.fail(circuits.acquire(circuit=sys.argv[2], lease=5),"
        " policy=Policy(recovery=30), code='provider-timed-out')"
    )
    command = [sys.executable, "-c", script, settings.REDIS_URL, name]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert told.stdout.split() == ["open"]
    assert refusal(circuits, name).wait > 20
    assert moves == []


class TestWithoutRedis:
    @pytest.fixture
    def frozen(self) -> Iterator[str]:
        with FaultServer(silence, deaf=True) as server:
            yield f"redis://127.0.0.1:{server.port}/0"

    def test_a_frozen_one_costs_one_short_wait(self, frozen: str, name: str, moves: Moves) -> None:
        circuits, rests = Circuits(url=frozen, on_change=moves.append), Cooldowns(url=NOWHERE)
        losses = sum(shared_state.LOSSES.values())
        fail(circuits, name, policy=LONG)
        rests.put(subject=name, code="rate-limited", seconds=9)
        assert rests.left(subject=name)
        assert refusal(circuits, name).wait > 29
        assert "Redis is away" in moves[0].reason
        assert sum(shared_state.LOSSES.values()) == losses + 2

    def test_what_it_permitted_counts_here_when_it_is_gone(self, name: str, moves: Moves) -> None:
        given = [permit(Circuits(url=settings.REDIS_URL, on_change=moves.append), name) for _ in range(3)]
        circuits = Circuits(url=NOWHERE, on_change=moves.append)
        for each in given:
            circuits.fail(each, policy=LONG, code="provider-unavailable")
        refusal(circuits, name)

    def test_its_word_holds_again_when_it_is_back(
        self, name: str, moves: Moves, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shared_state, "PAUSE", 0.05)
        with FaultServer(hang_up) as broken:
            circuits = Circuits(url=f"redis://127.0.0.1:{broken.port}/0", on_change=moves.append)
            fail(circuits, name, policy=LONG)
            refusal(circuits, name)
            circuits._state._url = settings.REDIS_URL
            time.sleep(0.06)
            permit(circuits, name)
            assert circuits.look(circuit=name).is_shared


@pytest.mark.parametrize("url", ["shared", NOWHERE])
class TestRest:
    @pytest.fixture
    def rests(self, url: str) -> Cooldowns:
        return Cooldowns(url=settings.REDIS_URL if url == "shared" else url)

    def test_it_ends_when_it_was_said_to(self, rests: Cooldowns, name: str) -> None:
        rests.put(subject=name, code="rate-limited", seconds=0.1)
        left = rests.left(subject=name)
        assert left is not None
        assert left.code == "rate-limited"
        assert 0 < left.seconds <= 0.1
        time.sleep(0.11)
        assert rests.left(subject=name) is None

    def test_the_longer_one_stays(self, rests: Cooldowns, name: str) -> None:
        rests.put(subject=name, code="key-quota-exhausted", seconds=60)
        rests.put(subject=name, code="rate-limited", seconds=1)
        left = rests.left(subject=name)
        assert left is not None
        assert (left.code, left.seconds > 50) == ("key-quota-exhausted", True)

    def test_it_can_be_ended(self, rests: Cooldowns, name: str) -> None:
        rests.put(subject=name, code="bad-key", seconds=60)
        rests.end(subject=name)
        assert rests.left(subject=name) is None
