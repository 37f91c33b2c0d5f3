"""What a circuit is asked and what it says. Times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class CircuitState(StrEnum):
    """Closed: calls pass. Open: none does. Half-open: one is out, to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """So many failures within the window open a circuit; after the recovery one call may try."""

    threshold: int = 3
    window: float = 60.0
    recovery: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A call may go out; what became of it is told with this."""

    circuit: str
    epoch: str
    """Changes with every move of the circuit, so that a result that comes late is known for one."""
    began: float
    """On the clock of whoever gave it."""
    is_probe: bool = False
    """Whether it is the one call of a half-open circuit."""
    is_clean: bool = True
    """Whether no failure was counted, so that nobody needs to hear of a success."""
    is_local: bool = False
    """Whether this process gave it alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """No call may go out for so many seconds."""

    state: CircuitState
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A circuit moved, and why; told once, by the process that moved it."""

    circuit: str
    source: CircuitState
    target: CircuitState
    reason: str
    code: str = ""
    """Of the failure that moved it."""
    actor: str = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a circuit stands now: failures within the window, and the seconds until the next call may try."""

    state: CircuitState
    failures: int = 0
    wait: float = 0.0
    is_shared: bool = True
    """Whether all processes see this, or only this one because Redis is away."""


class Store(Protocol):
    """Where circuits are kept. Each method is one atomic step; a state returned is the one the circuit left."""

    def acquire(self, circuit: str, *, lease: float) -> tuple[Permit | Refusal, CircuitState | None]:
        """Let a call go out, as a probe for at most ``lease`` seconds, or not."""
        ...

    def succeed(self, permit: Permit) -> CircuitState | None:
        """Take failures back that lie before the call, or close."""
        ...

    def fail(self, permit: Permit, policy: Policy) -> CircuitState | None:
        """Count a failure, and open when it is one too many."""
        ...

    def release(self, permit: Permit) -> None:
        """Let another probe instead."""
        ...

    def force(self, circuit: str, seconds: float) -> CircuitState:
        """Open for so long; 0 closes and forgets what was counted."""
        ...

    def look(self, circuit: str) -> View:
        """Return how it stands."""
        ...
