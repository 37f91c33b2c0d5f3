"""What a call to a provider passes before it leaves, and what is noted when it is back.

Two things keep it in: a circuit, which belongs to the provider and holds for everyone, and a rest, which belongs to
one key. ``docs/how-to/providers.md`` has the table of what is held against whom.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError

from accounts import keys
from accounts.models import ApiKey
from conversions.enums import FailureCode, Provider
from conversions.lineup import Place
from conversions.models import CircuitTransition
from conversions.pipeline.providers import errors
from conversions.pipeline.providers.errors import NAMES, Counts, ProviderFailure, Receipt
from newsforge.lib.breaker import Change, Circuits, CircuitState, Permit, Refusal
from newsforge.lib.cooldown import Cooldowns
from newsforge.lib.errors import Fault, NewsforgeError, TransientError

PROBE_SECONDS = 60.0
"""What the one call of a half-open circuit may take; a healthy model answers within half of it."""

PROBE_GRACE = 5.0
"""Seconds after that in which its result is still awaited, before another call may try."""

WHILE_PROBED = 2.0
"""Seconds until a conversion looks again while the one call is out."""

FAIR_SECONDS = 10.0
"""A call that was given less and ran out of time says something about our deadline, not about the provider."""

LONGEST_REST = 3600.0
"""Seconds for which a provider is believed when it asks to be left alone."""

UNNAMED_REST = 2.0
"""Seconds a key rests after a 429 that names no wait."""

REFUSED_REST = 60.0
"""Seconds for which a key that was refused is not tried again, by however many conversions; a person mends it."""

log = structlog.get_logger(__name__)


class CircuitOpen(TransientError):
    """The provider failed for everyone and is left alone for a while; no call was made."""

    code = FailureCode.PROVIDER_UNAVAILABLE
    status_code = 503
    title = "The provider does not work"
    sentence = (
        "%(provider)s keeps failing and is left alone for a moment. Try again in a few minutes, or choose another "
        "provider."
    )
    fault = Fault.PROVIDER


class ProviderPaused(TransientError):
    """Staff let nobody ask the provider until a moment; no call was made."""

    code = FailureCode.PROVIDER_UNAVAILABLE
    status_code = 503
    title = "The provider is paused"
    sentence = "%(provider)s is paused by the operator. Try again later, or choose another provider."
    fault = Fault.US


RESTS: dict[str, type[ProviderFailure]] = {
    kind.code: kind for kind in (errors.RateLimited, errors.KeyQuotaExhausted, errors.BadKey, errors.KeyForbidden)
}
"""What a resting key is refused with: what the provider said when it was asked last."""


@functools.cache
def circuits() -> Circuits:
    """Return the circuits of all processes."""
    return Circuits(url=settings.REDIS_URL, on_change=_keep)


@functools.cache
def rests() -> Cooldowns:
    """Return the rests of all keys."""
    return Cooldowns(url=settings.REDIS_URL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The way out to one provider with one key; without a key of a user's it is the operator's."""

    place: Place
    key: ApiKey | None = None

    def enter(self, *, timeout: float, now: datetime) -> Permit:
        """Let a call of at most ``timeout`` seconds go out.

        :raises ProviderPaused: if staff let nobody ask the provider now.
        :raises ProviderFailure: if the key rests: with what it was refused with.
        :raises CircuitOpen: if the provider is left alone.
        """
        name = NAMES[self.place.provider]
        if self.place.paused_until is not None and self.place.paused_until > now:
            raise ProviderPaused(provider=name, retry_after=(self.place.paused_until - now).total_seconds())
        self._wake_key()
        answer = circuits().acquire(circuit=self.place.circuit, lease=min(timeout, PROBE_SECONDS) + PROBE_GRACE)
        if isinstance(answer, Refusal):
            is_probed = answer.state == CircuitState.HALF_OPEN
            raise CircuitOpen(provider=name, retry_after=min(answer.wait, WHILE_PROBED) if is_probed else answer.wait)
        return answer

    def limit(self, permit: Permit, *, timeout: float) -> float:
        """Return the seconds the call may take."""
        return min(timeout, PROBE_SECONDS) if permit.is_probe else timeout

    def leave(self, permit: Permit, failure: NewsforgeError | None, *, timeout: float, now: datetime) -> None:
        """Note what became of the call: against the provider, against the key, or against nobody."""
        if failure is None or (_was_paid(failure) and not _counts(failure, Counts.PROVIDER)):
            circuits().succeed(permit)
        elif _counts(failure, Counts.PROVIDER) and not _was_ours(failure, timeout):
            wait = min(getattr(failure, "retry_after", None) or 0.0, LONGEST_REST)
            policy = replace(self.place.policy, recovery=max(self.place.policy.recovery, wait))
            circuits().fail(permit, policy=policy, code=failure.code)
        else:
            circuits().release(permit)
        if failure is not None and _counts(failure, Counts.KEY):
            self._rest(failure, now)

    def abandon(self, permit: Permit) -> None:
        """Note that there was no call after all."""
        circuits().release(permit)

    @property
    def _subject(self) -> str:
        return subject_of(key=self.key, provider=self.place.provider)

    def _wake_key(self) -> None:
        rest = rests().left(subject=self._subject)
        kind = RESTS.get(rest.code) if rest is not None else None
        if rest is None or kind is None:
            return
        receipt = Receipt(provider=self.place.provider, model=self.place.model)
        if issubclass(kind, TransientError):
            raise kind(receipt=receipt, retry_after=rest.seconds)
        raise kind(receipt=receipt)

    def _rest(self, failure: NewsforgeError, now: datetime) -> None:
        seconds = REFUSED_REST
        if isinstance(failure, TransientError):
            seconds = UNNAMED_REST if failure.retry_after is None else min(failure.retry_after, LONGEST_REST)
        elif self.key is not None:
            keys.note_refusal(key=self.key, code=failure.code, now=now)
        rests().put(subject=self._subject, code=failure.code, seconds=seconds)


def subject_of(*, key: ApiKey | None, provider: Provider) -> str:
    """Return the name a key rests under."""
    return str(key.pk) if key is not None else f"operator:{provider}"


def wake(*, key: ApiKey) -> None:
    """Let a key its provider took in a test be used again; one that was told to wait goes on waiting."""
    subject = subject_of(key=key, provider=Provider(key.provider))
    rest = rests().left(subject=subject)
    if rest is not None and rest.code != errors.RateLimited.code:
        rests().end(subject=subject)


def _counts(failure: NewsforgeError, against: Counts) -> bool:
    return isinstance(failure, ProviderFailure) and failure.counts == against


def _was_paid(failure: NewsforgeError) -> bool:
    """Tell whether there was an answer, though no post: whoever charges for tokens works."""
    return isinstance(failure, ProviderFailure) and failure.usage is not None


def _was_ours(failure: NewsforgeError, timeout: float) -> bool:
    fair = min(FAIR_SECONDS, settings.CONVERSION_DEADLINE_SECONDS / 4)
    return isinstance(failure, errors.ProviderTimedOut) and timeout < fair


def _keep(change: Change) -> None:
    """Write a circuit's move down; what cannot be written is at least in the log."""
    facts = {"circuit": change.circuit, "reason": change.reason, "failure_code": change.code, "actor": change.actor}
    log.warning("circuit_moved", source=change.source, target=change.target, **facts)
    try:
        CircuitTransition.objects.create(from_state=change.source, to_state=change.target, **facts)
    except DatabaseError as error:
        log.exception("circuit_move_not_kept", error=type(error).__name__)
