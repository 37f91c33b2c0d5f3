"""The door to circuits: Redis decides for all processes, this one decides for itself while Redis is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from newsforge.lib.breaker.local import LocalStore
from newsforge.lib.breaker.shared import SharedStore
from newsforge.lib.breaker.values import Change, CircuitState, Permit, Policy, Refusal, Store, View
from newsforge.lib.sentences import stored
from newsforge.lib.shared_state import SharedState

MAY_TRY = stored("the recovery time is over, one call may try")
ANSWERED = stored("the one call was answered")
FAILED = stored("the one call failed")
MANY = stored("%(count)s failures in %(seconds)s s")
ALONE = stored("%(reason)s (in one process, Redis is away)")

T = TypeVar("T")


class Circuits:
    """Every circuit by its name. ``on_change`` hears of each move once, in the process that made it."""

    def __init__(self, *, url: str, on_change: Callable[[Change], None]) -> None:
        """Keep circuits in the Redis at this address."""
        self._state = SharedState(url=url)
        self._local = LocalStore()
        self._is_alone = False
        self._on_change = on_change

    def acquire(self, *, circuit: str, lease: float) -> Permit | Refusal:
        """Let a call go out or say how long none may.

        In a half-open circuit the call is the only one of all processes; it must end within ``lease`` seconds, for
        then another may go out, so that a killed process holds nobody up for ever.
        """
        answer, left = self._ask(lambda store: store.acquire(circuit, lease=lease))
        if left == CircuitState.OPEN:
            self._tell(circuit, left, CircuitState.HALF_OPEN, MAY_TRY)
        return answer

    def succeed(self, permit: Permit) -> None:
        """Say that the call was answered."""
        if permit.is_clean:
            return
        left = self._ask(lambda store: store.succeed(permit), permit)
        if left is not None:
            self._tell(permit.circuit, left, CircuitState.CLOSED, ANSWERED)

    def fail(self, permit: Permit, *, policy: Policy, code: str) -> None:
        """Say that the call failed through the fault of whoever was asked, and how."""
        left = self._ask(lambda store: store.fail(permit, policy), permit)
        if left is not None:
            why = FAILED if permit.is_probe else MANY % {"count": policy.threshold, "seconds": f"{policy.window:g}"}
            self._tell(permit.circuit, left, CircuitState.OPEN, why, code=code)

    def release(self, permit: Permit) -> None:
        """Say that the call told nothing about whoever was asked."""
        if permit.is_probe:
            self._ask(lambda store: store.release(permit), permit)

    def force_open(self, *, circuit: str, seconds: float, reason: str, actor: str) -> None:
        """Let no call pass for so long, whatever the circuit's state; results of calls that are out count no more."""
        left = self._ask(lambda store: store.force(circuit, seconds))
        self._tell(circuit, left, CircuitState.OPEN, reason, actor=actor)

    def reset(self, *, circuit: str, reason: str, actor: str) -> None:
        """Let calls pass and forget the failures."""
        left = self._ask(lambda store: store.force(circuit, 0))
        self._tell(circuit, left, CircuitState.CLOSED, reason, actor=actor)

    def look(self, *, circuit: str) -> View:
        """Return how a circuit stands."""
        return self._ask(lambda store: store.look(circuit))

    def _ask(self, step: Callable[[Store], T], permit: Permit | None = None) -> T:
        """Take the step where all processes see it, or here; a permit given here is answered for here."""
        if permit is not None and permit.is_local:
            return step(self._local)
        return self._state.ask(
            lambda client: self._together(step(SharedStore(client))), otherwise=lambda: self._alone(step)
        )

    def _together(self, answer: T) -> T:
        if self._is_alone:
            self._is_alone = False
            self._local.forget()
        return answer

    def _alone(self, step: Callable[[Store], T]) -> T:
        self._is_alone = True
        return step(self._local)

    def _tell(
        self,
        circuit: str,
        source: CircuitState,
        target: CircuitState,
        reason: str,
        *,
        code: str = "",
        actor: str = "system",
    ) -> None:
        where = reason if not self._is_alone else ALONE % {"reason": reason}
        self._on_change(Change(circuit=circuit, source=source, target=target, reason=where, code=code, actor=actor))
