"""The page for whoever tried too often: when to try again, read from django-allauth's own counts."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

LIMITS = {
    "account_login": "login",
    "account_signup": "signup",
    "account_email": "manage_email",
    "account_change_password": "change_password",
    "account_set_password": "change_password",
    "account_reset_password": "reset_password",
    "account_reset_password_from_key": "reset_password_from_key",
    "account_reauthenticate": "reauthenticate",
    "account_send_again": "confirm_email",
    "mfa_reauthenticate": "reauthenticate",
    "mfa_reauthenticate_webauthn": "reauthenticate",
}
"""By the page: which of ``ACCOUNT_RATE_LIMITS`` it counts under."""

USUAL_WAIT = 60
"""Seconds, of a page that counts in another way."""


def too_many(request: HttpRequest) -> HttpResponse:
    """Say when to try again (``handler429``)."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    seconds = max(_waits(request, LIMITS.get(page, "")), default=USUAL_WAIT)
    context = {"seconds": seconds, "minutes": math.ceil(seconds / 60)}
    answer = render(request, "429.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def _waits(request: HttpRequest, action: str) -> Iterator[int]:
    """Yield the seconds until each limit that is reached lets one more through."""
    typed = request.POST.get("email", "").strip().lower()
    for rate in ratelimit.get_rates(app="allauth.account", action=action):
        if rate.per == "user" and not request.user.is_authenticated:
            continue
        key = ratelimit.get_cache_key(request, app="allauth.account", action=action, rate=rate, key=typed)
        tries = cache.get(key, [])
        if len(tries) >= rate.amount:
            left = tries[rate.amount - 1] + rate.duration - time.time()
            yield max(math.ceil(left), 1)
