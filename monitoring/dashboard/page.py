"""The dashboard as it is sent: made at most every 30 s for all who may see the same and read the same language."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from redis import Redis

from accounts.models import User
from monitoring.dashboard import state, work
from newsforge.lib.shared_state import SharedState

KEPT_SECONDS = 30

PANELS: Mapping[str, tuple[str, Callable[[datetime], Mapping[str, Any]]]] = {
    "incidents": ("monitoring.view_incident", state.incidents),
    "conversions": ("conversions.view_conversion", work.conversions),
    "stages": ("conversions.view_conversion", work.stages),
    "processes": ("monitoring.view_heartbeat", state.processes),
    "providers": ("conversions.view_providersetting", state.providers),
    "spend": ("conversions.view_hourlyspend", work.spend),
    "quota": ("accounts.view_user", state.quota),
}
"""What stands on it, the right it takes to see it, and what gathers it."""


def fragment(*, user: User | AnonymousUser, now: datetime) -> SafeString:
    """Return the page's part that changes; while Redis is away it is made for each request."""
    shown = [name for name, (right, _) in PANELS.items() if user.has_perm(right)]
    key = f"dashboard:{get_language()}:{','.join(shown)}"
    kept = _shared().ask(lambda redis: _text(redis.get(key)), otherwise=lambda: None)
    if kept is None:
        kept = render_to_string("admin/dashboard.html", {"at": now} | {name: PANELS[name][1](now) for name in shown})
        _shared().ask(functools.partial(_keep, key, kept), otherwise=lambda: None)
    return SafeString(kept)


@functools.cache
def _shared() -> SharedState:
    return SharedState(url=settings.REDIS_URL)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _keep(key: str, text: str, redis: Redis) -> None:
    redis.set(key, text, ex=KEPT_SECONDS)
