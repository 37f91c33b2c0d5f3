"""One log line a request, and the address it came from on every line in between."""

from __future__ import annotations

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class RequestLog(RequestMiddleware):
    """What django-structlog does, without its way to the client's address, which takes it 0.3 ms."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Bind the nearest address a proxy names, or the one that is connected.

        It is for people who read logs. Whoever connects without a proxy can write what they like into the header.
        """
        forwarded = request.headers.get("X-Forwarded-For", "").partition(",")[0].strip()
        structlog.contextvars.bind_contextvars(ip=forwarded or request.META.get("REMOTE_ADDR"))
