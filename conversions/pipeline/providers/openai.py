"""Ask OpenAI, or a server that speaks its language."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from conversions.enums import Provider
from conversions.pipeline.providers.asking import Sdk, SdkWriter, Secret
from conversions.pipeline.providers.replies import SCHEMA, SCHEMA_NAME, Completion, Stop, pick, rows, text_of, tokens
from conversions.pipeline.types import Prompt, Usage

if TYPE_CHECKING:
    from openai import OpenAI

BASE_URL = "https://api.openai.com/v1"

_FORMAT = {"name": SCHEMA_NAME, "schema": SCHEMA, "strict": True}

Api = Literal["responses", "chat"]
"""``responses`` is OpenAI's own; most compatible servers know only ``chat``."""


class OpenAIWriter(SdkWriter):
    """Ask a model of OpenAI, or of a compatible server at ``base_url``."""

    provider = Provider.OPENAI

    def __init__(self, *, api_key: str, model: str, base_url: str | None = None, api: Api = "responses") -> None:
        """Keep who is asked; nothing is imported or connected yet."""
        super().__init__(api_key=api_key, model=model, base_url=base_url or BASE_URL)
        self._api = api

    def _sdk(self) -> Sdk:
        import openai

        return cast("Sdk", openai)

    def _endpoint(self) -> Callable[..., Any]:
        client = _client(self._secret, self._base_url)
        if self._api == "chat":
            return client.chat.completions.with_raw_response.create
        return client.responses.with_raw_response.create

    def _models(self) -> Callable[..., Any]:
        return _client(self._secret, self._base_url).models.with_raw_response.list

    def _arguments(self, prompt: Prompt) -> dict[str, Any]:
        return {"model": self.model, **(_chat_arguments(prompt) if self._api == "chat" else _arguments(prompt))}

    def _usage(self, data: Mapping[str, Any]) -> Usage | None:
        usage = pick(data, "usage")
        if not isinstance(usage, Mapping):
            return None
        way_in, way_out = ("prompt", "completion") if self._api == "chat" else ("input", "output")
        total = tokens(usage.get(f"{way_in}_tokens"))
        details = usage.get(f"{way_in}_tokens_details")
        read = min(tokens(pick(details, "cached_tokens")), total)
        return Usage(
            input_tokens=total,
            output_tokens=tokens(usage.get(f"{way_out}_tokens")),
            cache_read_tokens=read,
            cache_write_tokens=min(tokens(pick(details, "cache_write_tokens")), total - read),
        )

    def _completion(self, data: Mapping[str, Any]) -> Completion:
        return _read_chat(data) if self._api == "chat" else _read_response(data)


@functools.lru_cache(maxsize=32)
def _client(secret: Secret, base_url: str) -> OpenAI:
    """Return the SDK's client for one key; all of them share this process's connections."""
    import openai

    from conversions.pipeline.providers.transport import http_client

    client = openai.OpenAI(api_key=secret.text, base_url=base_url, max_retries=0, http_client=http_client())
    # The operator's OPENAI_ORG_ID and OPENAI_PROJECT_ID must not travel with a user's key.
    client.organization = client.project = None
    return client


os.register_at_fork(after_in_child=_client.cache_clear)


def _arguments(prompt: Prompt) -> dict[str, Any]:
    return {
        "instructions": prompt.system,
        "input": prompt.user,
        # Sent as it is: the SDK would look for names to translate in every corner of the schema.
        "extra_body": {"text": {"format": {"type": "json_schema", **_FORMAT}}},
        "max_output_tokens": prompt.max_output_tokens,
        "store": False,  # an unpublished article does not stay with the provider
    }


def _chat_arguments(prompt: Prompt) -> dict[str, Any]:
    return {
        "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        "extra_body": {"response_format": {"type": "json_schema", "json_schema": _FORMAT}},
        "max_tokens": prompt.max_output_tokens,  # the name every compatible server knows
    }


def _read_response(data: Mapping[str, Any]) -> Completion:
    parts = [part for item in rows(data, "output") for part in rows(item, "content")]
    text = "".join(text_of(part.get("text")) for part in parts if part.get("type") == "output_text")
    status, reason = data.get("status"), pick(data, "incomplete_details", "reason")
    stop = None
    if reason == "content_filter" or any(part.get("type") == "refusal" for part in parts):
        stop = Stop.REFUSED
    elif status == "incomplete":
        stop = Stop.LENGTH
    elif status not in {"completed", None}:
        stop = Stop.UNFINISHED
    return Completion(text=text, stop=stop)


def _read_chat(data: Mapping[str, Any]) -> Completion:
    choice = next(rows(data, "choices"), {})
    reason = choice.get("finish_reason")
    stop = None
    if reason == "content_filter" or pick(choice, "message", "refusal"):
        stop = Stop.REFUSED
    elif reason == "length":
        stop = Stop.LENGTH
    return Completion(text=text_of(pick(choice, "message", "content")), stop=stop)
