"""What a call to a provider costs through our client, beside the bare SDK, in one process and one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import openai

from bench.processes import simulator
from bench.product import TEXT
from bench.report import Line
from conversions.enums import Platform, Verdict
from conversions.pipeline.compose import compose
from conversions.pipeline.providers.anthropic import AnthropicWriter
from conversions.pipeline.providers.asking import SdkWriter
from conversions.pipeline.providers.openai import OpenAIWriter
from conversions.pipeline.types import Article, Brief, Prompt

CALLS = 60
"""In one round; rounds of the two take turns, and the cheapest of each counts."""
ROUNDS = 8
KEY = "sk-bench"


def run() -> Iterator[Line]:
    """Print CPU milliseconds per call of each API."""
    article = Article(url=None, title="A library", text=TEXT, language="en", verdict=Verdict.OK)
    prompt = compose(article=article, brief=Brief(platform=Platform.X))
    print(f"{'A call to a provider, CPU ms':<32}{'bare SDK':>10}{'ours':>8}{'ratio':>8}")
    with simulator(seconds=0) as address:
        for name, bare, ours in _pairs(address, prompt):
            cheapest = {bare: 9e9, ours: 9e9}
            for _ in range(ROUNDS):
                for call in (bare, ours):
                    cheapest[call] = min(cheapest[call], _cost(call))
            figures = f"{cheapest[bare]:>10.2f}{cheapest[ours]:>8.2f}{cheapest[ours] / cheapest[bare]:>8.2f}"
            print(f"  {name:<30}{figures}", flush=True)
            cost = cheapest[ours]
            yield Line(
                section="provider",
                what=name,
                ours=cost,
                beside=cheapest[bare],
                name="bare SDK",
                unit="CPU ms",
                cpu=cost,
            )


def _cost(call: Callable[[], Any]) -> float:
    began = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - began) * 1000 / CALLS


def _question(writer: SdkWriter, prompt: Prompt) -> dict[str, Any]:
    return writer._arguments(prompt)  # noqa: SLF001 - the SDK alone is asked the very same


def _pairs(address: str, prompt: Prompt) -> list[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    """Return each API's name, the call through the SDK as its manual shows it, and ours. Both ask the same."""
    base = f"{address}/v1"
    sdk = openai.OpenAI(api_key=KEY, base_url=base)
    claude = anthropic.Anthropic(api_key=KEY, base_url=address)
    responses = OpenAIWriter(api_key=KEY, model="gpt-6-luna", base_url=base)
    chat = OpenAIWriter(api_key=KEY, model="gpt-6-luna", base_url=base, api="chat")
    messages = AnthropicWriter(api_key=KEY, model="claude-haiku-5-5", base_url=address)
    return [
        (
            "OpenAI responses",
            lambda: sdk.responses.create(**_question(responses, prompt)).output_text,
            lambda: responses.complete(prompt, timeout=30),
        ),
        (
            "OpenAI chat",
            lambda: sdk.chat.completions.create(**_question(chat, prompt)).choices[0].message.content,
            lambda: chat.complete(prompt, timeout=30),
        ),
        (
            "Anthropic messages",
            lambda: claude.messages.create(**_question(messages, prompt)).content[0],
            lambda: messages.complete(prompt, timeout=30),
        ),
    ]
