"""Ask Anthropic."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from conversions.enums import Provider
from conversions.pipeline.providers.asking import Sdk, SdkWriter, Secret
from conversions.pipeline.providers.replies import SCHEMA, Completion, Stop, pick, rows, text_of, tokens
from conversions.pipeline.types import Prompt, Usage

if TYPE_CHECKING:
    from anthropic import Anthropic

BASE_URL = "https://api.anthropic.com"

_STOPS = {
    "max_tokens": Stop.LENGTH,
    "refusal": Stop.REFUSED,
    "model_context_window_exceeded": Stop.CONTEXT,
    "tool_use": Stop.UNFINISHED,
    "pause_turn": Stop.UNFINISHED,
}


class AnthropicWriter(SdkWriter):
    """Ask a model of Anthropic."""

    provider = Provider.ANTHROPIC

    def __init__(self, *, api_key: str, model: str, base_url: str | None = None) -> None:
        """Keep who is asked; nothing is imported or connected yet."""
        super().__init__(api_key=api_key, model=model, base_url=base_url or BASE_URL)

    def _sdk(self) -> Sdk:
        import anthropic

        return cast("Sdk", anthropic)

    def _endpoint(self) -> Callable[..., Any]:
        return _client(self._secret, self._base_url).messages.with_raw_response.create

    def _models(self) -> Callable[..., Any]:
        return _client(self._secret, self._base_url).models.with_raw_response.list

    def _arguments(self, prompt: Prompt) -> dict[str, Any]:
        return {
            "model": self.model,
            "max_tokens": prompt.max_output_tokens,
            "system": prompt.system,
            "messages": [{"role": "user", "content": prompt.user}],
            "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        }

    def _usage(self, data: Mapping[str, Any]) -> Usage | None:
        usage = pick(data, "usage")
        if not isinstance(usage, Mapping):
            return None
        read = tokens(usage.get("cache_read_input_tokens"))
        written = tokens(usage.get("cache_creation_input_tokens"))
        return Usage(
            # Anthropic counts the cached ones apart.
            input_tokens=tokens(tokens(usage.get("input_tokens")) + read + written),
            output_tokens=tokens(usage.get("output_tokens")),
            cache_read_tokens=read,
            cache_write_tokens=written,
        )

    def _completion(self, data: Mapping[str, Any]) -> Completion:
        text = "".join(text_of(part.get("text")) for part in rows(data, "content") if part.get("type") == "text")
        return Completion(text=text, stop=_STOPS.get(text_of(data.get("stop_reason"))))


@functools.lru_cache(maxsize=32)
def _client(secret: Secret, base_url: str) -> Anthropic:
    """Return the SDK's client for one key; all of them share this process's connections."""
    import anthropic

    from conversions.pipeline.providers.transport import http_client

    return anthropic.Anthropic(
        api_key=secret.text, base_url=base_url, max_retries=0, http_client=http_client(), open_telemetry=False
    )


os.register_at_fork(after_in_child=_client.cache_clear)
