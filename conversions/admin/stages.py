"""The way of one conversion through its stages: how long each took, what it cost, and where it stands on one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversions.enums import AttemptState
from conversions.models import Attempt, Conversion

WIDTH = 300
"""Of the bars' picture, in its own units."""

THINNEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: ``ms`` is None where it was not measured; ``x`` and ``width`` are its bar's."""

    name: str | Promise
    ms: int | None
    x: int = 0
    width: int = 0
    calls: Sequence[Attempt] = ()

    @property
    def tokens(self) -> int:
        """Return the tokens of its calls, in and out."""
        return sum(call.input_tokens + call.output_tokens for call in self.calls)

    @property
    def cost_usd(self) -> Decimal | None:
        """Return what its calls cost, None while one of them has no price."""
        costs = [call.cost_usd for call in self.calls if call.state != AttemptState.OPEN]
        known = [cost for cost in costs if cost is not None]
        return sum(known, Decimal(0)) if len(known) == len(costs) else None

    @property
    def request_ids(self) -> list[str]:
        """Return what the providers called its calls."""
        return [call.request_id for call in self.calls if call.request_id]


def stages_of(*, conversion: Conversion, attempts: Sequence[Attempt]) -> list[Stage]:
    """Return the stages in the order they happen, each bar beginning where the one before ends."""
    taken = list(_taken(conversion, attempts))
    whole = sum(ms or 0 for _name, ms, _calls in taken)
    stages, passed = [], 0
    for name, ms, calls in taken:
        x = WIDTH * passed // whole if whole else 0
        width = max(THINNEST, WIDTH * ms // whole) if ms else 0
        stages.append(Stage(name=name, ms=ms, x=min(x, WIDTH - width), width=width, calls=calls))
        passed += ms or 0
    return stages


def _taken(
    conversion: Conversion, attempts: Sequence[Attempt]
) -> Iterator[tuple[str | Promise, int | None, Sequence[Attempt]]]:
    article = conversion.article
    fetch_ms, read_ms = (article.fetch_ms, article.read_ms) if article else (None, None)
    if read_ms is not None and fetch_ms is None and article and article.url:
        yield _("fetch and extract"), read_ms, ()  # read before the two were told apart
    else:
        yield _("fetch"), fetch_ms, ()
        yield _("extract"), None if read_ms is None else max(0, read_ms - (fetch_ms or 0)), ()
    timings = conversion.timings
    asked = sum(call.latency_ms for call in attempts) if attempts else None
    yield _("generate"), timings.get("generate", asked), attempts
    yield _("fit"), timings.get("fit"), ()
    yield _("ground"), timings.get("ground"), ()
