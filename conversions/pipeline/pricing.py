"""What an answer costs in USD, from price lists that come with a package: no look-up leaves the machine."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from decimal import Decimal

from conversions.enums import Provider
from conversions.pipeline.types import Usage

TYPICAL_OUTPUT_TOKENS = 400
"""What a post and its JSON come to, thinking included, when a model answers well at once. Ours."""

_DATED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


def cost(*, provider: Provider, model: str, usage: Usage) -> Decimal | None:
    """Return the price of these tokens in USD, None when the model's price is unknown; our own writer is free.

    A dated version costs what its model costs unless it has a price of its own. Source: the data of genai-prices.
    """
    if provider == Provider.EXTRACTIVE:
        return Decimal(0)
    for name in dict.fromkeys((model, _DATED.sub("", model))):
        price = _priced(provider, name, usage)
        if price is not None:
            return price
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A model that writes text, and what a million tokens cost in USD."""

    name: str
    input_usd: Decimal
    output_usd: Decimal


@functools.cache
def models(*, provider: Provider) -> tuple[Priced, ...]:
    """Return the models of a provider whose prices and context are known and which are not withdrawn, by name."""
    from genai_prices.data_snapshot import get_snapshot

    found = next((each.models for each in get_snapshot().providers if each.id == provider.value), [])
    names = [each.id for each in found if each.context_window and not each.deprecated]
    prices = {name: [_priced(provider, name, usage) for usage in (A_THOUSAND_IN, A_THOUSAND_OUT)] for name in names}
    return tuple(
        Priced(name=name, input_usd=came * 1000, output_usd=went * 1000)
        for name, (came, went) in sorted(prices.items())
        if came and went
    )


A_THOUSAND_IN, A_THOUSAND_OUT = Usage(input_tokens=1000), Usage(output_tokens=1000)
"""Long prompts have higher prices; ours are below all their limits."""


@functools.cache
def price_version() -> str:
    """Return which price list ``cost`` reads, so that a stored amount can be explained later."""
    import genai_prices

    return f"genai-prices {genai_prices.__version__}"


def _priced(provider: Provider, model: str, usage: Usage) -> Decimal | None:
    from genai_prices import Usage as PricedUsage
    from genai_prices import calc_price

    cached = min(usage.cache_read_tokens, usage.input_tokens)
    counts = PricedUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=cached,
        cache_write_tokens=min(usage.cache_write_tokens, usage.input_tokens - cached),
    )
    try:
        return Decimal(calc_price(counts, model_ref=model, provider_id=provider.value).total_price)
    except LookupError:
        return None


def tokens_of(text: str) -> int:
    """Return about how many tokens a text is: three quarters of one a Hangul, Kana or Han character, else a quarter.

    An estimate before a call, within a third of what current models count on news text; what is paid is what they say.
    """
    wide = sum(1 for character in text if character >= "\u1100")
    return math.ceil(wide * 0.75 + (len(text) - wide) * 0.25)
