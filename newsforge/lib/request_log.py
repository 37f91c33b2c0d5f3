"""One log line a request, and the address it came from on every line in between."""

from __future__ import annotations

from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from newsforge.lib import client_address
from newsforge.lib.error_id import error_id


class RequestLog(RequestMiddleware):
    """What django-structlog does, without its way to the client's address, which takes it 0.3 ms."""

    def process_got_request_exception(self, sender: type[Any], request: HttpRequest, **kwargs: Any) -> None:
        """Log the traceback under the id that the answer will name."""
        error_id()
        super().process_got_request_exception(sender, request, **kwargs)

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Bind the client's address, as a proxy of ours or the connection itself says."""
        structlog.contextvars.bind_contextvars(ip=client_address.of(request))
