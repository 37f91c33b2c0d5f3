"""What an answer costs: exact, from a list on this machine, and unknown where it is unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conversions.enums import Provider
from conversions.pipeline.pricing import cost, price_version
from conversions.pipeline.types import Usage

SOME = Usage(input_tokens=1000, output_tokens=200, cache_read_tokens=100)
CURRENT = [
    (Provider.OPENAI, "gpt-6-luna"),
    (Provider.OPENAI, "gpt-6.1-sol"),
    (Provider.OPENAI, "gpt-5.5"),
    (Provider.ANTHROPIC, "claude-sonnet-5-5"),
    (Provider.ANTHROPIC, "claude-haiku-5-5"),
]


@pytest.mark.parametrize(("provider", "model"), CURRENT)
def test_current_models_have_a_price(provider: Provider, model: str) -> None:
    price = cost(provider=provider, model=model, usage=SOME)
    assert isinstance(price, Decimal)
    assert Decimal("0.00001") < price < Decimal(1)
    twice = Usage(input_tokens=2000, output_tokens=400, cache_read_tokens=200)
    assert cost(provider=provider, model=model, usage=twice) == 2 * price


@pytest.mark.parametrize(("provider", "model"), CURRENT)
def test_a_dated_version_costs_what_its_model_costs(provider: Provider, model: str) -> None:
    price = cost(provider=provider, model=model, usage=SOME)
    assert cost(provider=provider, model=f"{model}-2026-05-01", usage=SOME) == price
    assert cost(provider=provider, model=f"{model}-20260501", usage=SOME) == price


def test_cached_tokens_cost_less() -> None:
    fresh = cost(provider=Provider.OPENAI, model="gpt-6.1-sol", usage=Usage(input_tokens=1000, output_tokens=200))
    cached = cost(provider=Provider.OPENAI, model="gpt-6.1-sol", usage=SOME)
    assert fresh is not None
    assert cached is not None
    assert cached < fresh


@pytest.mark.parametrize("model", ["", "SmolLM2", "gpt-99", "claude-sonnet-5-5"])
def test_an_unknown_price_is_unknown_and_not_free(model: str) -> None:
    assert cost(provider=Provider.OPENAI, model=model, usage=SOME) is None


def test_no_tokens_and_our_own_writer_are_free() -> None:
    assert cost(provider=Provider.OPENAI, model="gpt-6-luna", usage=Usage()) == 0
    assert cost(provider=Provider.EXTRACTIVE, model="", usage=Usage()) == 0


def test_impossible_usage_is_priced_all_the_same() -> None:
    odd = Usage(input_tokens=10, output_tokens=1, cache_read_tokens=500, cache_write_tokens=500)
    assert cost(provider=Provider.ANTHROPIC, model="claude-haiku-5-5", usage=odd) is not None


def test_the_list_is_named() -> None:
    assert price_version().startswith("genai-prices ")
