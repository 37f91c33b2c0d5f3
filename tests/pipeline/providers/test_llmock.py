"""Both SDKs against a simulator somebody else wrote, as a real process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from conversions.pipeline import pricing
from conversions.pipeline.providers import errors
from conversions.pipeline.providers.anthropic import AnthropicWriter
from conversions.pipeline.providers.asking import SdkWriter
from conversions.pipeline.providers.errors import ProviderFailure
from conversions.pipeline.providers.openai import OpenAIWriter
from conversions.pipeline.types import Prompt
from newsforge.lib.errors import TransientError
from tests.faults.canary import KEY
from tests.faults.dialects import POST, TEXT
from tests.faults.llmock import Llmock, llmock

REPLY = {"type": "reply", "text": TEXT}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Llmock]:
    with llmock() as running:
        yield running


@pytest.fixture(params=["responses", "chat", "anthropic"])
def writer(request: pytest.FixtureRequest, simulator: Llmock) -> SdkWriter:
    if request.param == "anthropic":
        return AnthropicWriter(api_key=KEY, model="claude-haiku-5-5", base_url=simulator.anthropic_url)
    return OpenAIWriter(api_key=KEY, model="gpt-6-luna", base_url=simulator.openai_url, api=request.param)


def test_a_post_with_tokens_and_a_price(writer: SdkWriter, simulator: Llmock, prompt: Prompt) -> None:
    simulator.script(REPLY)
    reply = writer.complete(prompt, timeout=60)
    assert (reply.body, reply.title, reply.hashtags) == (POST["body"], "", ("경제", "정부"))
    assert reply.provider == writer.provider
    assert reply.model == writer.model
    assert reply.usage.input_tokens > 100
    assert reply.usage.output_tokens > 10
    cost = pricing.cost(provider=reply.provider, model=reply.model, usage=reply.usage)
    assert cost is not None
    assert cost > Decimal("0.00001")
    (request,) = simulator.requests()
    assert request["status"] == 200
    sent = json.dumps(request["body"], ensure_ascii=False)
    assert "1조 2,000억 원을 투입" in sent
    assert "json_schema" in sent


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, errors.BadProviderRequest),
        (401, errors.BadKey),
        (403, errors.KeyForbidden),
        (404, errors.BadProviderRequest),
        (429, errors.RateLimited),
        (500, errors.ProviderUnavailable),
        (503, errors.ProviderOverloaded),
        (504, errors.ProviderTimedOut),
        (529, errors.ProviderOverloaded),
    ],
)
def test_its_errors(
    status: int, expected: type[ProviderFailure], writer: SdkWriter, simulator: Llmock, prompt: Prompt
) -> None:
    simulator.script({"type": "fail", "status": status, "retry_after": 7, "times": 5})
    with pytest.raises(ProviderFailure) as caught:
        writer.complete(prompt, timeout=60)
    kinds = {expected, errors.ProviderUnavailable} if status == 503 else {expected}
    assert type(caught.value) in kinds
    if isinstance(caught.value, TransientError):
        assert caught.value.retry_after == 7
    assert len(simulator.requests()) == 1


def test_its_time_limit(writer: SdkWriter, simulator: Llmock, prompt: Prompt) -> None:
    simulator.script(REPLY, {"type": "delay", "seconds": 3})
    started = time.monotonic()
    with pytest.raises(errors.ProviderTimedOut):
        writer.complete(prompt, timeout=1)
    assert time.monotonic() - started < 2


def test_a_length_stop_is_no_post(writer: SdkWriter, simulator: Llmock, prompt: Prompt) -> None:
    simulator.script({**REPLY, "finish_reason": "length"})
    with pytest.raises(errors.Truncated) as caught:
        writer.complete(prompt, timeout=60)
    assert caught.value.usage is not None
    assert caught.value.usage.output_tokens > 10


@pytest.mark.parametrize("writer", ["chat", "anthropic"], indirect=True)
def test_a_filtered_answer_is_refused(writer: SdkWriter, simulator: Llmock, prompt: Prompt) -> None:
    """Of its Responses API the simulator says ``completed`` here too; test_faults has that one."""
    simulator.script({**REPLY, "finish_reason": "content_filter"})
    with pytest.raises(errors.ContentRefused):
        writer.complete(prompt, timeout=60)
