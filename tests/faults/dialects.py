"""What a sound and a failing provider says, in each language it can speak."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversions.pipeline.providers.anthropic import AnthropicWriter
from conversions.pipeline.providers.asking import SdkWriter
from conversions.pipeline.providers.openai import Api, OpenAIWriter

POST = {"title": "", "body": "정부가 24일 1조 2,000억 원을 투입한다고 밝혔습니다.", "hashtags": ["#경제", "정부"]}
TEXT = json.dumps(POST, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of asking: the path it is asked at, and the names it has for the same things."""

    name: str
    path: str
    stops: Mapping[str, str]
    """Its words for: length, refusal."""

    def writer(self, base_url: str, *, key: str, model: str = "model-1") -> SdkWriter:
        """Return a writer that asks a server at this address."""
        if self.name == "anthropic":
            return AnthropicWriter(api_key=key, model=model, base_url=base_url)
        api: Api = "chat" if self.name == "chat" else "responses"
        return OpenAIWriter(api_key=key, model=model, base_url=f"{base_url}/v1", api=api)

    def good(self, text: str = TEXT, *, stop: str = "", **changes: Any) -> dict[str, Any]:
        """Return a whole answer with this text, 1,000 tokens in, of them 200 from a cache, and 50 out."""
        return {**_GOOD[self.name](text, stop), **changes}

    def error(self, kind: str, message: str = "No.", code: str | None = None) -> dict[str, Any]:
        """Return an error body."""
        if self.name == "anthropic":
            return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _responses(text: str, stop: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {
        "id": "resp_1",
        "object": "response",
        "status": "incomplete" if stop else "completed",
        "error": None,
        "incomplete_details": {"reason": stop} if stop else None,
        "model": "model-1-2026-01-01",
        "output": [{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant", "content": content}],
        "usage": {
            "input_tokens": 1000,
            "input_tokens_details": {"cached_tokens": 200, "cache_write_tokens": 0},
            "output_tokens": 50,
            "output_tokens_details": {"reasoning_tokens": 10},
            "total_tokens": 1050,
        },
    }


def _chat(text: str, stop: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "model-1-2026-01-01",
        "choices": [
            {"index": 0, "finish_reason": stop or "stop", "message": {"role": "assistant", "content": text}},
        ],
        "usage": {
            "prompt_tokens": 1000,
            "completion_tokens": 50,
            "total_tokens": 1050,
            "prompt_tokens_details": {"cached_tokens": 200},
        },
    }


def _anthropic(text: str, stop: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "model-1-2026-01-01",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop or "end_turn",
        "usage": {
            "input_tokens": 700,
            "cache_read_input_tokens": 200,
            "cache_creation_input_tokens": 100,
            "output_tokens": 50,
        },
    }


_GOOD = {"responses": _responses, "chat": _chat, "anthropic": _anthropic}

DIALECTS = (
    Dialect(
        name="responses",
        path="/v1/responses",
        stops={"length": "max_output_tokens", "refusal": "content_filter"},
    ),
    Dialect(name="chat", path="/v1/chat/completions", stops={"length": "length", "refusal": "content_filter"}),
    Dialect(name="anthropic", path="/v1/messages", stops={"length": "max_tokens", "refusal": "refusal"}),
)
