"""The real outside world, built from settings: the fetcher, the writers, the journal of paid answers."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from accounts.keys import reveal
from accounts.models import ApiKey, User
from conversions.enums import AUTO, Provider
from conversions.models import Attempt, Conversion
from conversions.pipeline import convert, pricing
from conversions.pipeline.fetch import fetch
from conversions.pipeline.providers.anthropic import AnthropicWriter
from conversions.pipeline.providers.extractive import ExtractiveWriter
from conversions.pipeline.providers.openai import OpenAIWriter
from conversions.pipeline.types import Page, Prompt, Reply, Usage, Writer
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.http import HttpPolicy, parse_allow

log = structlog.get_logger(__name__)


@functools.cache
def http_policy() -> HttpPolicy:
    """Return the rules of the one door out, as settings name them."""
    return HttpPolicy(user_agent=settings.FETCH_USER_AGENT, allow=parse_allow(text=settings.FETCH_ALLOW))


def fetch_page(url: str) -> Page:
    """Return the page at an address under the site's own rules."""
    return fetch(url=url, policy=http_policy())


def writers_for(*, user: User | None, wanted: str) -> tuple[Writer, ...]:
    """Return who is asked, in order: the user's own keys, the operator's, and the extractive writer for ``auto``.

    A provider asked for by name stands alone: its failure is told, not papered over by another's answer.
    """
    if wanted == Provider.EXTRACTIVE:
        return (ExtractiveWriter(),)
    named = [wanted] if wanted != AUTO else [Provider.OPENAI.value, Provider.ANTHROPIC.value]
    keys = (
        list(ApiKey.objects.filter(user=user, is_active=True, provider__in=named).order_by("-created_at"))
        if user
        else []
    )
    writers = [_writer(name, reveal(key=key)) for name in named for key in keys if key.provider == name]
    writers += [
        _writer(name, settings.OPERATOR_PROVIDERS[name]["api_key"])
        for name in named
        if settings.OPERATOR_PROVIDERS[name]["api_key"]
    ]
    if wanted == AUTO:
        writers.append(ExtractiveWriter())
    return tuple(writers)


def tools_for_command_line(*, provider: str) -> convert.Tools:
    """Return tools that need no database: the operator's keys, and a journal in memory."""
    return convert.Tools(
        fetch=fetch_page,
        writers=writers_for(user=None, wanted=provider),
        journal=MemoryJournal(),
        remaining=countdown(seconds=settings.CONVERSION_DEADLINE_SECONDS),
    )


def tools_for(*, conversion: Conversion, seconds: float) -> convert.Tools:
    """Return the tools of one conversion that has this many seconds left."""
    return convert.Tools(
        fetch=fetch_page,
        writers=writers_for(user=conversion.user, wanted=conversion.requested_provider),
        journal=AttemptJournal(conversion_id=conversion.pk),
        remaining=countdown(seconds=seconds),
    )


def countdown(*, seconds: float) -> Callable[[], float]:
    """Return a function that tells how many of these seconds are left."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def _writer(provider: str, api_key: str) -> Writer:
    facts = settings.OPERATOR_PROVIDERS[provider]
    if provider == Provider.OPENAI:
        return OpenAIWriter(api_key=api_key, model=facts["model"], base_url=facts["base_url"] or None, api=facts["api"])
    return AnthropicWriter(api_key=api_key, model=facts["model"], base_url=facts["base_url"] or None)


class MemoryJournal:
    """A journal for one run of the command line: nothing outlives the process."""

    def __init__(self) -> None:
        """Start empty."""
        self.replies: dict[tuple[str, str], Reply] = {}

    def recall(self, *, writer: Writer, prompt: Prompt) -> Reply | None:
        """Return the answer this provider gave to this prompt before."""
        return self.replies.get((writer.provider, prompt.digest))

    def record(self, *, prompt: Prompt, reply: Reply) -> None:
        """Keep an answer."""
        self.replies[reply.provider, prompt.digest] = reply

    def record_failure(self, *, writer: Writer, prompt: Prompt, failure: NewsforgeError, latency_ms: int) -> None:
        """Log a failed call."""
        log.warning(
            "provider failed", provider=writer.provider, code=failure.code, ms=latency_ms, prompt=prompt.digest[:8]
        )


class AttemptJournal:
    """The journal in the database: every call to a provider is a row before its answer is judged."""

    def __init__(self, *, conversion_id: UUID) -> None:
        """Keep the rows of one conversion."""
        self.conversion_id = conversion_id

    def recall(self, *, writer: Writer, prompt: Prompt) -> Reply | None:
        """Return the answer this provider and model gave to this prompt before."""
        row = (
            Attempt.objects.filter(
                conversion_id=self.conversion_id,
                prompt_hash=prompt.digest,
                provider=writer.provider,
                succeeded=True,
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
            provider=Provider(row.provider),
            model=row.model,
            request_id=row.request_id,
            latency_ms=row.latency_ms,
            usage=Usage(
                input_tokens=row.input_tokens,
                output_tokens=row.output_tokens,
                cache_read_tokens=row.cache_read_tokens,
                cache_write_tokens=row.cache_write_tokens,
            ),
        )

    def record(self, *, prompt: Prompt, reply: Reply) -> None:
        """Keep an answer, its tokens and its price."""
        self._keep(
            prompt=prompt,
            usage=reply.usage,
            provider=reply.provider,
            model=reply.model,
            succeeded=True,
            reply={"title": reply.title, "body": reply.body, "hashtags": list(reply.hashtags)},
            request_id=reply.request_id,
            latency_ms=reply.latency_ms,
        )

    def record_failure(self, *, writer: Writer, prompt: Prompt, failure: NewsforgeError, latency_ms: int) -> None:
        """Keep a failed call; an answer that was paid for but unusable keeps its tokens and its price."""
        self._keep(
            prompt=prompt,
            usage=getattr(failure, "usage", None) or Usage(),
            provider=writer.provider,
            model=writer.model,
            failure_code=failure.code,
            error_message=failure.detail,
            request_id=getattr(failure, "request_id", None) or "",
            latency_ms=latency_ms,
        )

    def _keep(self, *, prompt: Prompt, usage: Usage, provider: Provider, model: str, **facts: Any) -> None:
        Attempt.objects.create(
            conversion_id=self.conversion_id,
            prompt_hash=prompt.digest,
            provider=provider,
            model=model,
            **asdict(usage),
            cost_usd=pricing.cost(provider=provider, model=model, usage=usage),
            price_version=pricing.price_version(),
            created_at=timezone.now(),
            **facts,
        )
