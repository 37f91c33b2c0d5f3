"""The real outside world, built from settings: the fetcher, the writers, the journal of paid answers."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from typing import Literal

from django.conf import settings
from django.utils import timezone

from accounts.keys import note_refusal, reveal
from accounts.models import ApiKey, User
from conversions.enums import AUTO, Payer, Provider
from conversions.models import Conversion
from conversions.pipeline import convert
from conversions.pipeline.fetch import fetch
from conversions.pipeline.providers.anthropic import AnthropicWriter
from conversions.pipeline.providers.asking import SdkWriter
from conversions.pipeline.providers.extractive import ExtractiveWriter
from conversions.pipeline.providers.openai import OpenAIWriter
from conversions.pipeline.types import Page, Writer
from conversions.route import Route
from newsforge.lib.errors import PermanentError
from newsforge.lib.http import HttpPolicy, parse_allow


@functools.cache
def http_policy() -> HttpPolicy:
    """Return the rules of the one door out, as settings name them."""
    return HttpPolicy(user_agent=settings.FETCH_USER_AGENT, allow=parse_allow(text=settings.FETCH_ALLOW))


def fetch_page(url: str) -> Page:
    """Return the page at an address under the site's own rules."""
    return fetch(url=url, policy=http_policy())


def writers_for(*, conversion: Conversion) -> tuple[Route, ...]:
    """Return who is asked, in order: the user's own keys, the operator's, and the extractive writer for ``auto``.

    A provider asked for by name stands alone: its failure is told, not papered over by another's answer.
    """
    wanted = conversion.requested_provider
    route = functools.partial(Route, conversion_id=conversion.pk, is_first_run=conversion.claim <= 1)
    writers = [
        route(writer=writer, payer=Payer.USER, user=conversion.user, key=key)
        for writer, key in _users_own(conversion.user, wanted)
    ]
    writers += [route(writer=writer, payer=Payer.OPERATOR) for writer in _operators(wanted)]
    if wanted in {AUTO, Provider.EXTRACTIVE}:
        writers.append(route(writer=ExtractiveWriter()))
    return tuple(writers)


def tools_for_command_line(*, provider: str) -> convert.Tools:
    """Return tools that need no database: the operator's keys alone."""
    return convert.Tools(
        fetch=fetch_page,
        writers=(*_operators(provider), *([ExtractiveWriter()] if provider in {AUTO, Provider.EXTRACTIVE} else [])),
        remaining=countdown(seconds=settings.CONVERSION_DEADLINE_SECONDS),
    )


def tools_for(*, conversion: Conversion, seconds: float) -> convert.Tools:
    """Return the tools of one conversion that has this many seconds left."""
    return convert.Tools(
        fetch=fetch_page,
        writers=writers_for(conversion=conversion),
        remaining=countdown(seconds=seconds),
    )


def countdown(*, seconds: float) -> Callable[[], float]:
    """Return a function that tells how many of these seconds are left."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def writer_with(*, provider: str, api_key: str) -> SdkWriter:
    """Return the provider's writer that pays with this key, at the model and the address settings name."""
    facts = settings.OPERATOR_PROVIDERS[provider]
    if provider == Provider.OPENAI:
        api: Literal["responses", "chat"] = "chat" if facts["api"] == "chat" else "responses"
        return OpenAIWriter(api_key=api_key, model=facts["model"], base_url=facts["base_url"] or None, api=api)
    return AnthropicWriter(api_key=api_key, model=facts["model"], base_url=facts["base_url"] or None)


def _named(wanted: str) -> list[str]:
    return [name for name in (Provider.OPENAI, Provider.ANTHROPIC) if wanted in {AUTO, name}]


def _users_own(user: User | None, wanted: str) -> Iterator[tuple[Writer, ApiKey]]:
    """Yield the user's own keys in the order of providers, newest first; one that cannot be opened is passed over."""
    stored = list(ApiKey.objects.filter(user=user, is_active=True).order_by("-created_at")) if user else []
    for name in _named(wanted):
        for key in stored:
            if key.provider != name:
                continue
            try:
                yield writer_with(provider=name, api_key=reveal(key=key)), key
            except PermanentError as failure:
                note_refusal(key=key, code=failure.code, now=timezone.now())


def _operators(wanted: str) -> list[Writer]:
    keys = {name: settings.OPERATOR_PROVIDERS[name]["api_key"] for name in _named(wanted)}
    return [writer_with(provider=name, api_key=key) for name, key in keys.items() if key]
