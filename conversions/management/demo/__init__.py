"""A demo set of people and their work, small to be looked at or large to be measured, by a few set-based statements."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import translation

from accounts import keys
from accounts.enums import KeyProvider
from accounts.models import ApiKey, User
from conversions import active_prompts, execution, reading, tallies  # noqa: F401 - the failures they can end with
from conversions.enums import FailureCode, Platform, Provider
from conversions.management.demo import ledger, loading, people, work
from conversions.management.demo.articles import STORIES
from conversions.models import Conversion, WebhookEndpoint
from conversions.pipeline import pricing
from conversions.pipeline.platforms import count, limit_of
from conversions.pipeline.types import Usage
from newsforge.lib.problem import fault_of, title_of

Tell = Callable[[str], object]

MODELS = (("openai", "gpt-6-luna", 5), ("anthropic", "claude-haiku-5-5", 3), ("openai", "gpt-6.1-terra", 2))
"""Who wrote the posts, and how many of ten."""

STAFF = "desk@newsforge-demo.example"
MOST_KEYS = 5000
"""Provider keys, each sealed by itself."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are; everything else follows from these two."""

    users: int
    conversions: int


def is_there() -> bool:
    """Return whether a demo set was made here before."""
    with connection.cursor() as cursor:
        cursor.execute(people.FOUND)
        return bool(cursor.fetchone()[0])


def fill(*, size: Size, now: datetime, tell: Tell) -> None:
    """Add the demo's people, their work of thirty days, and the ledger of it, all or nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        facts = _facts(size, now)
        cursor.execute("SELECT setseed(0.618)")
        with loading.emptied_of_checks(cursor, tell=tell):
            for name, statement in _steps(cursor, facts):
                began = time.monotonic()
                cursor.execute(statement, facts)
                tell(f"{name}: {max(cursor.rowcount, 0):,} in {time.monotonic() - began:.1f} s")
    tallies.fill(now=now)
    loading.analyse()


def _steps(cursor: CursorWrapper, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each statement when those before it have run."""
    yield "names", people.TABLES
    yield "users", people.USERS
    yield "access tokens", people.TOKENS
    yield "grants", people.GRANTS
    _add_keys_and_endpoints(facts["now"])
    yield "texts", work.TABLES
    _add_texts(cursor)
    yield "requests", work.REQUESTS
    yield "articles", work.ARTICLES
    yield "draws", work.CONVERSIONS
    yield "conversions", work.LOGS
    yield "attempts", work.ATTEMPTS
    yield "webhook messages", work.DELIVERIES
    yield "days", ledger.TABLES
    yield "ledger lines", ledger.LINES
    yield "counters", ledger.COUNTERS
    yield "raised limits", ledger.RAISED
    yield "monthly spends", ledger.SPENDS
    yield "lines of the history", ledger.HISTORY


def _facts(size: Size, now: datetime) -> dict[str, Any]:
    staff = User(email=STAFF, username=STAFF, password=people.NO_PASSWORD, is_staff=True)
    staff.save()
    return {
        "now": now,
        "users": size.users,
        "conversions": size.conversions,
        "requests": -(-size.conversions // 10) * 4,
        "open": max(12, size.conversions // 5000),
        "quotas": json.dumps(settings.TIER_DAILY_QUOTA),
        "phase": 12 - (now.astimezone(ZoneInfo("Asia/Seoul")).hour - 11) % 24,
        "stories": len(STORIES),
        "platforms": len(Platform),
        "codes": len(FailureCode),
        "prices": pricing.price_version(),
        "prompt": active_prompts.in_force().choose(platform="", language="").version,
        "staff": staff.pk,
        "kind": ContentType.objects.get_for_model(Conversion).pk,
    }


def _add_keys_and_endpoints(now: datetime) -> None:
    """Store a key for whoever has a tariff, sealed; its provider does not know it. Business customers are told."""
    paying = User.objects.filter(password=people.NO_PASSWORD).exclude(subscription_tier="free")
    owners = list(paying.order_by("pk")[:MOST_KEYS])
    stored, endpoints = [], []
    for number, owner in enumerate(owners):
        key = ApiKey(user=owner, key_name="newsroom", provider=[*KeyProvider][number % 2], created_at=owner.created_at)
        keys.seal(key=key, plaintext=f"sk-demo-{key.pk}")
        key.is_active, key.usage_count, key.last_used = number % 9 > 0, number * 37 % 900, now - timedelta(hours=number)
        if number % 8 == 3:
            key.status, key.status_reason, key.status_since = "needs_attention", "bad-key", now - timedelta(days=1)
        elif number % 8:
            key.accepted_at = now - timedelta(hours=number)
        stored.append(key)
        if owner.subscription_tier == "business":
            hook = WebhookEndpoint(user=owner, description="CMS", created_at=owner.created_at, is_active=number % 3 > 0)
            hook.url = f"https://hooks.{owner.email.partition('@')[2]}/newsforge"
            hook.encrypted_secret = keys.ring().encrypt(plaintext=f"demo-{hook.pk}", bound_to=hook.sealed_for)
            endpoints.append(hook)
    ApiKey.objects.bulk_create(stored, batch_size=1000)
    WebhookEndpoint.objects.bulk_create(endpoints, batch_size=1000)


def _add_texts(cursor: CursorWrapper) -> None:
    stories = [(number, each.language, each.title, each.text, [*each.tags]) for number, each in enumerate(STORIES, 1)]
    _insert(cursor, "demo_stories", stories)
    posts: list[tuple[Any, ...]] = []
    for number, story in enumerate(STORIES, 1):
        post = f"{story.post}\n\n{' '.join(f'#{tag}' for tag in story.tags[:1])}"
        posts += [
            (number, place, each.value, post, count(platform=each, text=post), limit_of(platform=each))
            for place, each in enumerate(Platform)
        ]
    _insert(cursor, "demo_posts", posts)
    _insert(cursor, "demo_models", _models())
    with translation.override("en"):
        codes = [
            (place, each.value, fault_of(code=each).value, title_of(code=each))
            for place, each in enumerate(FailureCode)
        ]
    _insert(cursor, "demo_failures", codes)


def _models() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    floor = 0.0
    for provider, model, share in MODELS:
        prices = [
            (pricing.cost(provider=Provider(provider), model=model, usage=usage) or 0) / 1_000_000
            for usage in (Usage(input_tokens=1_000_000), Usage(output_tokens=1_000_000))
        ]
        rows.append((floor, floor + share / 10, provider, model, *prices))
        floor += share / 10
    return rows


def _insert(cursor: CursorWrapper, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join(["%s"] * len(rows[0]))
    cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - names of ours
