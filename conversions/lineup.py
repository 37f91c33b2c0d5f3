"""Who may be asked, in which order, for which model: what staff say in the admin, over what the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings

from conversions.enums import PAID, Provider
from conversions.models import ProviderSetting
from newsforge.lib.breaker import Policy
from newsforge.lib.fresh import Fresh

FRESH = 3.0
"""Seconds a process goes by what it read last: staff wait no longer, and a conversion costs no query of its own."""

MODELS: dict[Provider, tuple[str, ...]] = {
    Provider.OPENAI: ("gpt-6-astra", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna", "gpt-5.5"),
    Provider.ANTHROPIC: ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"),
}
"""What the providers offer as of November 2026, largest first (their model pages); any other name may be set too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One provider in the line."""

    provider: Provider
    position: int
    is_enabled: bool
    model: str
    base_url: str
    """Empty for the provider's own address."""
    api: Literal["responses", "chat"]
    """How OpenAI, or a server that speaks its language, is asked."""
    policy: Policy
    paused_until: datetime | None

    @property
    def circuit(self) -> str:
        """Return the name of its circuit: another address fails by itself."""
        url = urlsplit(self.base_url)
        port = f":{url.port}" if url.port else ""
        return f"{self.provider}@{url.hostname}{port}" if url.hostname else str(self.provider)


def lineup() -> list[Place]:
    """Return the providers that take keys, in the order they are asked in; switched off ones stay among them."""
    return _lined_up(_rows.value())


def lineup_without_database() -> list[Place]:
    """Return the providers as the environment alone has them."""
    return _lined_up({})


def place_of(*, provider: str) -> Place:
    """Return one provider's place."""
    return next(place for place in lineup() if place.provider == provider)


def forget() -> None:
    """Read the rows anew with the next question: they were changed in this process."""
    _rows.forget()


def _read() -> dict[str, ProviderSetting]:
    return {row.provider: row for row in ProviderSetting.objects.all()}


_rows = Fresh(_read, seconds=FRESH)


def _lined_up(rows: Mapping[str, ProviderSetting]) -> list[Place]:
    places = [_place(provider, rank, rows.get(provider)) for rank, provider in enumerate(PAID, 1)]
    return sorted(places, key=lambda place: place.position)


def _place(provider: Provider, rank: int, row: ProviderSetting | None) -> Place:
    facts = settings.OPERATOR_PROVIDERS[provider]
    row = row or ProviderSetting(provider=provider, position=rank)
    return Place(
        provider=provider,
        position=row.position,
        is_enabled=row.is_enabled,
        model=row.model or facts.get("model", ""),
        base_url=facts.get("base_url", ""),
        api="chat" if facts.get("api") == "chat" else "responses",
        policy=Policy(
            threshold=row.failure_threshold or settings.CIRCUIT_FAILURES,
            window=settings.CIRCUIT_WINDOW_SECONDS,
            recovery=row.recovery_seconds or settings.CIRCUIT_RECOVERY_SECONDS,
        ),
        paused_until=row.forced_open_until,
    )
