"""The real outside world, built from settings: the fetcher, the writers, the journal of paid answers."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.utils import timezone

from accounts.keys import active_keys, note_refusal, reveal
from accounts.models import ApiKey, User
from conversions import active_prompts
from conversions.enums import AUTO, FailureCode, Payer, Provider
from conversions.gate import Gate
from conversions.lineup import Place, lineup, lineup_without_database, place_of
from conversions.models import Conversion
from conversions.pipeline import convert
from conversions.pipeline.fetch import fetch
from conversions.pipeline.providers.anthropic import AnthropicWriter
from conversions.pipeline.providers.asking import SdkWriter
from conversions.pipeline.providers.errors import NAMES
from conversions.pipeline.providers.extractive import ExtractiveWriter
from conversions.pipeline.providers.openai import OpenAIWriter
from conversions.pipeline.types import Page, Writer
from conversions.route import Route, silent_for
from newsforge.lib.errors import Fault, PermanentError
from newsforge.lib.http import HttpPolicy, parse_allow


@functools.cache
def http_policy() -> HttpPolicy:
    """Return the rules of the one door out, as settings name them."""
    return HttpPolicy(user_agent=settings.FETCH_USER_AGENT, allow=parse_allow(text=settings.FETCH_ALLOW))


def fetch_page(url: str) -> Page:
    """Return the page at an address under the site's own rules."""
    return fetch(url=url, policy=http_policy())


class ProviderDisabled(PermanentError):
    """Staff switched the provider off."""

    code = FailureCode.PROVIDER_UNAVAILABLE
    status_code = 503
    title = "The provider is switched off"
    sentence = "%(provider)s is switched off by the operator. Choose another provider, or auto."
    fault = Fault.US


def writers_for(*, conversion: Conversion) -> tuple[Route, ...]:
    """Return who is asked, in order: the user's own keys, the operator's where the tier allows, our own for ``auto``.

    A provider asked for by name stands alone: its failure is told, not papered over by another's answer.

    :raises ProviderDisabled: if it is switched off.
    """
    wanted, user = conversion.requested_provider, conversion.user
    route = functools.partial(Route, conversion_id=conversion.pk, is_first_run=conversion.claim <= 1)
    places = _named(wanted, lineup())
    writers = [
        route(writer=writer, payer=Payer.USER, user=user, key=key, gate=Gate(place=place, key=key))
        for place, key, writer in _users_own(user, places)
    ]
    if user is not None and settings.OPERATOR_KEYS_FOR_TIER.get(user.subscription_tier, False):
        writers += [
            route(writer=writer, payer=Payer.OPERATOR, gate=Gate(place=place)) for place, writer in _operators(places)
        ]
    if wanted in {AUTO, Provider.EXTRACTIVE}:
        writers.append(route(writer=ExtractiveWriter()))
    return tuple(writers)


def tools_for_command_line(*, provider: str) -> convert.Tools:
    """Return tools that need no database: the operator's keys alone."""
    writers: list[Writer] = [writer for _, writer in _operators(_named(provider, lineup_without_database()))]
    return convert.Tools(
        fetch=fetch_page,
        writers=(*writers, *([ExtractiveWriter()] if provider in {AUTO, Provider.EXTRACTIVE} else [])),
        remaining=countdown(seconds=settings.CONVERSION_DEADLINE_SECONDS),
    )


def tools_for(*, conversion: Conversion, seconds: float) -> convert.Tools:
    """Return the tools of one conversion that has this many seconds left."""
    is_first_run = conversion.claim <= 1
    return convert.Tools(
        fetch=fetch_page,
        writers=writers_for(conversion=conversion),
        remaining=countdown(seconds=seconds),
        prompts=active_prompts.in_force(),
        may_come_again=is_first_run,
        silent=frozenset() if is_first_run else silent_for(conversion=conversion),
    )


def countdown(*, seconds: float) -> Callable[[], float]:
    """Return a function that tells how many of these seconds are left."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def writer_with(*, provider: str, api_key: str) -> SdkWriter:
    """Return the provider's writer that pays with this key, at the model and the address in force."""
    return _writer(place_of(provider=provider), api_key)


def _writer(place: Place, api_key: str) -> SdkWriter:
    base_url = place.base_url or None
    if place.provider == Provider.OPENAI:
        return OpenAIWriter(api_key=api_key, model=place.model, base_url=base_url, api=place.api)
    return AnthropicWriter(api_key=api_key, model=place.model, base_url=base_url)


def _named(wanted: str, places: list[Place]) -> list[Place]:
    named = [place for place in places if wanted in {AUTO, place.provider}]
    enabled = [place for place in named if place.is_enabled]
    if named and not enabled and wanted != AUTO:
        raise ProviderDisabled(provider=NAMES[named[0].provider])
    return enabled


def _users_own(user: User | None, places: list[Place]) -> Iterator[tuple[Place, ApiKey, SdkWriter]]:
    """Yield the user's own keys in the order of providers, newest first; one that cannot be opened is passed over."""
    stored = active_keys(user=user) if user else []
    for place in places:
        for key in stored:
            if key.provider != place.provider:
                continue
            try:
                yield place, key, _writer(place, reveal(key=key))
            except PermanentError as failure:
                note_refusal(key=key, code=failure.code, now=timezone.now())


def _operators(places: list[Place]) -> list[tuple[Place, SdkWriter]]:
    keys = [(place, settings.OPERATOR_PROVIDERS[place.provider]["api_key"]) for place in places]
    return [(place, _writer(place, key)) for place, key in keys if key]
