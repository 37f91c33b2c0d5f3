"""One way to an answer: a writer, whose key it uses, and the row each call leaves before and after.

The row is there before the call goes out and holds the answer before anybody judges it, so an answer that was paid for
is never asked for again, and a call whose worker died is visible.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import ROUND_UP, Decimal
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts import budget, keys
from accounts.models import ApiKey, User
from conversions.enums import AttemptState, FailureCode, Payer, Provider
from conversions.gate import Gate
from conversions.models import Attempt, Conversion
from conversions.pipeline import pricing
from conversions.pipeline.providers.errors import ProviderFailure
from conversions.pipeline.types import Prompt, Reply, Usage, Writer
from newsforge.lib import rows
from newsforge.lib.errors import NewsforgeError

CHARACTERS_PER_TOKEN = 1
"""For the most a call can cost: Hangul takes up to one token a character, English a quarter of that."""


MICRODOLLAR = Decimal("0.000001")
"""What the columns keep: an amount set aside with more digits would not be taken off to the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A writer as the pipeline sees it, with a journal and a budget around it."""

    writer: Writer
    conversion_id: UUID
    is_first_run: bool = False
    """Whether no worker had the conversion before, so that there is no earlier answer to look for."""
    payer: Payer = Payer.NOBODY
    user: User | None = None
    """Who pays; None for the operator."""
    key: ApiKey | None = None
    gate: Gate | None = None
    """What a call passes before it leaves; None for our own writer, who asks nobody."""

    @property
    def provider(self) -> Provider:
        """Return who answers."""
        return self.writer.provider

    @property
    def model(self) -> str:
        """Return the model's name."""
        return self.writer.model

    def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
        """Return the answer to this prompt, the one already paid for if there is one.

        :raises accounts.budget.BudgetExceeded: if the payer's month does not cover the call.
        :raises NewsforgeError: if the provider fails, or is not asked now.
        """
        known = None if self.is_first_run else self._recall(prompt)
        if known is not None:
            return known
        if self.gate is None:
            return self._call(prompt, timeout)
        permit = self.gate.enter(timeout=timeout, now=timezone.now())
        limit, told = self.gate.limit(permit, timeout=timeout), False
        try:
            reply = self._call(prompt, limit)
        except ProviderFailure as failure:
            told = True
            self.gate.leave(permit, failure, timeout=limit, now=timezone.now())
            raise
        else:
            told = True
            self.gate.leave(permit, None, timeout=limit, now=timezone.now())
            return reply
        finally:
            if not told:  # no call after all, or our own end: whoever may try now shall not wait for us
                self.gate.abandon(permit)

    def _call(self, prompt: Prompt, timeout: float) -> Reply:
        attempt, month = self._open(prompt, timezone.now())
        if not connection.in_atomic_block:
            connection.close()  # back to the pool: hundreds of calls wait at once, connections are few
        started = time.monotonic()
        try:
            reply = self.writer.complete(prompt, timeout=timeout)
        except NewsforgeError as failure:
            attempt.state, attempt.failure_code, attempt.error_message = (
                AttemptState.FAILED,
                failure.code,
                failure.detail,
            )
            attempt.request_id = getattr(failure, "request_id", "") or ""
            attempt.model = getattr(failure, "model", "") or attempt.model
            self._close(attempt, month, getattr(failure, "usage", None) or Usage(), started)
            raise
        attempt.state, attempt.model, attempt.request_id = AttemptState.ANSWERED, reply.model, reply.request_id
        attempt.reply = {"title": reply.title, "body": reply.body, "hashtags": list(reply.hashtags)}
        self._close(attempt, month, reply.usage, started)
        return reply

    def _recall(self, prompt: Prompt) -> Reply | None:
        row = (
            Attempt.objects.filter(
                conversion_id=self.conversion_id,
                prompt_hash=prompt.digest,
                provider=self.provider,
                state=AttemptState.ANSWERED,
            )
            .order_by("-pk")
            .first()
        )
        if row is None or row.reply is None:
            return None
        return Reply(
            body=row.reply["body"],
            title=row.reply["title"],
            hashtags=tuple(row.reply["hashtags"]),
            provider=self.provider,
            model=row.model,
            request_id=row.request_id,
            latency_ms=row.latency_ms,
            usage=Usage(**{name: getattr(row, name) for name in USAGE}),
        )

    def _open(self, prompt: Prompt, now: datetime) -> tuple[Attempt, date | None]:
        """Set the call's worst cost aside and write its row, in one transaction."""
        held, month = Decimal(0), None
        with transaction.atomic():
            if self.payer != Payer.NOBODY:
                held = (worst_cost(writer=self.writer, prompt=prompt) or Decimal(0)).quantize(MICRODOLLAR, ROUND_UP)
                month = budget.hold(user=self.user, amount=held, now=now)
            attempt = Attempt(
                conversion_id=self.conversion_id,
                prompt_hash=prompt.digest,
                prompt_version=prompt.version,
                provider=self.provider,
                model=self.model,
                payer=self.payer,
                held_usd=held,
                created_at=now,
            )
            rows.insert(rows=[attempt], fields=CALL)
        return attempt, month

    def _close(self, attempt: Attempt, month: date | None, usage: Usage, started: float) -> None:
        """Write what came back and what it cost, in one transaction; what was set aside is taken off once."""
        for name in USAGE:
            setattr(attempt, name, getattr(usage, name))
        held, attempt.held_usd = attempt.held_usd, Decimal(0)
        attempt.latency_ms = round((time.monotonic() - started) * 1000)
        attempt.cost_usd = pricing.cost(provider=self.provider, model=attempt.model, usage=usage)
        attempt.price_version = pricing.price_version()
        open_call = {"pk": attempt.pk, "state": AttemptState.OPEN}
        answer = {name: getattr(attempt, name) for name in ANSWER}
        with transaction.atomic():
            if not rows.update(model=Attempt, where=open_call, values=answer):
                # Taken for lost meanwhile, its amount freed: what came is kept, what it cost is spent all the same.
                rows.update(model=Attempt, where={"pk": attempt.pk}, values=answer)
                held = Decimal(0)
            if month is not None:
                budget.settle(user=self.user, month=month, held=held, cost=attempt.cost_usd)
            if self.key is not None:
                answered = attempt.state == AttemptState.ANSWERED
                keys.note_use(key=self.key, answered=answered, now=timezone.now())


CALL = ("conversion", "prompt_hash", "prompt_version", "provider", "model", "payer", "held_usd", "created_at")
"""Columns that are written before a call goes out."""

USAGE = tuple(asdict(Usage()))
ANSWER = (
    "state", "model", "request_id", "failure_code", "error_message", "reply", "held_usd", "latency_ms", "cost_usd",
    "price_version", *USAGE,
)  # fmt: skip
"""Columns that are written when a call is over."""


def worst_cost(*, writer: Writer, prompt: Prompt) -> Decimal | None:
    """Return the most this call can cost in USD, None when the model's price is unknown."""
    characters = len(prompt.system) + len(prompt.user)
    most = Usage(input_tokens=characters // CHARACTERS_PER_TOKEN, output_tokens=prompt.max_output_tokens)
    return pricing.cost(provider=writer.provider, model=writer.model, usage=most)


def silent_for(*, conversion: Conversion) -> frozenset[Provider]:
    """Return the providers that let this run of the conversion wait in vain."""
    calls = Attempt.objects.filter(
        conversion=conversion, failure_code=FailureCode.PROVIDER_TIMED_OUT, created_at__gte=conversion.started_at
    )
    return frozenset(Provider(each) for each in calls.values_list("provider", flat=True))


def close_orphans(*, before: datetime) -> int:
    """Close calls whose worker died before their answer came and free what they set aside; return how many.

    Whether the provider charged for them nobody can know: their cost stays unknown.
    """
    orphans = Attempt.objects.filter(state=AttemptState.OPEN, created_at__lt=before).select_related("conversion__user")
    closed = 0
    for attempt in orphans:
        with transaction.atomic():
            mine = Attempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN)
            if not mine.update(state=AttemptState.FAILED, failure_code="worker-lost", held_usd=0):
                continue
            user = attempt.conversion.user if attempt.payer == Payer.USER else None
            if user is not None or attempt.payer == Payer.OPERATOR:
                month = budget.month_of(user=user, now=attempt.created_at)
                budget.settle(user=user, month=month, held=attempt.held_usd, cost=None)
            closed += 1
    return closed
