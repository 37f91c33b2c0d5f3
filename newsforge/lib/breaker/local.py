"""Circuits of one process alone, for as long as Redis is away: the rules of ``shared.py``, under a lock."""

from __future__ import annotations

import secrets
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from newsforge.lib.breaker.values import CircuitState, Permit, Policy, Refusal, View


@dataclass(slots=True)
class _Circuit:
    state: CircuitState = CircuitState.CLOSED
    epoch: str = ""
    until: float = 0.0
    failures: list[float] = field(default_factory=list)

    def move(self, target: CircuitState, until: float) -> CircuitState:
        left = self.state
        self.state, self.epoch, self.until, self.failures = target, secrets.token_hex(8), until, []
        return left


class LocalStore:
    """Circuits in this process's memory."""

    def __init__(self) -> None:
        """Begin with every circuit closed."""
        self._circuits: defaultdict[str, _Circuit] = defaultdict(_Circuit)
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Begin anew: Redis is back and knows better."""
        with self._lock:
            self._circuits.clear()

    def acquire(self, circuit: str, *, lease: float) -> tuple[Permit | Refusal, CircuitState | None]:
        """Let a call go out, as a probe for at most ``lease`` seconds, or not."""
        with self._lock:
            mine, now = self._circuits[circuit], time.monotonic()
            if mine.state != CircuitState.CLOSED and now < mine.until:
                return Refusal(state=mine.state, wait=mine.until - now), None
            left = None if mine.state == CircuitState.CLOSED else mine.move(CircuitState.HALF_OPEN, now + lease)
            permit = Permit(
                circuit=circuit,
                epoch=mine.epoch,
                began=now,
                is_probe=left is not None,
                is_clean=left is None and not mine.failures,
                is_local=True,
            )
            return permit, left

    def succeed(self, permit: Permit) -> CircuitState | None:
        """Take failures back that lie before the call, or close."""
        with self._lock:
            mine = self._circuits[permit.circuit]
            if permit.epoch != mine.epoch or not permit.is_local:
                return None
            if mine.state == CircuitState.HALF_OPEN:
                return mine.move(CircuitState.CLOSED, 0.0)
            mine.failures = [each for each in mine.failures if each > permit.began]
            return None

    def fail(self, permit: Permit, policy: Policy) -> CircuitState | None:
        """Count a failure, and open when it is one too many; Redis's own permit counts as one given here."""
        with self._lock:
            mine, now = self._circuits[permit.circuit], time.monotonic()
            if (permit.is_local and permit.epoch != mine.epoch) or mine.state == CircuitState.OPEN:
                return None
            if mine.state == CircuitState.CLOSED:
                mine.failures = [each for each in [*mine.failures, now] if each > now - policy.window]
                if len(mine.failures) < policy.threshold:
                    return None
            elif not permit.is_local:
                return None
            return mine.move(CircuitState.OPEN, now + policy.recovery)

    def release(self, permit: Permit) -> None:
        """Let another probe instead."""
        with self._lock:
            mine = self._circuits[permit.circuit]
            if mine.state == CircuitState.HALF_OPEN and permit.epoch == mine.epoch:
                mine.until = 0.0

    def force(self, circuit: str, seconds: float) -> CircuitState:
        """Open for so long; 0 closes and forgets what was counted."""
        with self._lock:
            target = CircuitState.OPEN if seconds > 0 else CircuitState.CLOSED
            return self._circuits[circuit].move(target, time.monotonic() + seconds)

    def look(self, circuit: str) -> View:
        """Return how it stands."""
        with self._lock:
            mine = self._circuits[circuit]
            wait = max(mine.until - time.monotonic(), 0.0) if mine.state != CircuitState.CLOSED else 0.0
            return View(state=mine.state, failures=len(mine.failures), wait=wait, is_shared=False)
