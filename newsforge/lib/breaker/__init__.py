"""Circuit breakers: who fails for everyone is left alone for a while, then asked once, by one process of all."""

from newsforge.lib.breaker.circuits import Circuits
from newsforge.lib.breaker.values import Change, CircuitState, Permit, Policy, Refusal, View

__all__ = ["Change", "CircuitState", "Circuits", "Permit", "Policy", "Refusal", "View"]
