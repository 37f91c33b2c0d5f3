"""What an API answer says about limits (IETF draft RateLimit headers), and the burst throttle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from accounts import burst, quota
from accounts.models import AccessToken, User

if TYPE_CHECKING:  # REST framework imports this module while it makes APIView
    from rest_framework.views import APIView

DAY = 86_400


class BurstThrottle(BaseThrottle):
    """Refuse a token that asks faster than it may."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.verdict: burst.Verdict | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Take one request from the token's allowance; an unnamed caller is refused by authentication."""
        if not isinstance(request.auth, AccessToken):
            return True
        self.verdict = burst.ask(
            subject=str(request.auth.pk), per_minute=settings.BURST_PER_MINUTE, burst=settings.BURST_SIZE
        )
        if not self.verdict.allowed and isinstance(view, QuotaHeaders):
            view.burst_wait = self.verdict.wait
        return self.verdict.allowed

    def wait(self) -> float | None:
        """Return the seconds until the next request passes."""
        return self.verdict.wait if self.verdict else None


class QuotaHeaders:
    """A view whose answers say how much of the day's quota is left."""

    burst_wait: float | None = None
    """Seconds a request that came too fast has to wait; its answer speaks of that limit instead."""

    def finalize_response(self, request: Request, response: Response, *args: object, **kwargs: object) -> Response:
        """Add ``RateLimit-Policy`` and ``RateLimit``; on a refusal ``Retry-After`` is never before their reset."""
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc] # mixed in
        user = getattr(request, "user", None)
        if self.burst_wait is not None:
            refill = math.ceil(settings.BURST_SIZE * 60 / settings.BURST_PER_MINUTE)
            response["RateLimit-Policy"] = f'"burst";q={settings.BURST_SIZE};w={refill}'
            response["RateLimit"] = f'"burst";r=0;t={math.ceil(self.burst_wait)}'
        elif isinstance(user, User) and "RateLimit" not in response:
            now = timezone.now()
            standing = quota.standing(user=user, now=now)
            resets_in = math.ceil((standing.resets_at - now).total_seconds())
            response["RateLimit-Policy"] = f'"daily";q={standing.limit};w={DAY}'
            response["RateLimit"] = f'"daily";r={standing.left};t={resets_in}'
        return response
