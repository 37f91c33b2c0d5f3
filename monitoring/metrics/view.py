"""The door to the metrics: with the token, or without one from private networks alone."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from monitoring.metrics.scrape import scrape
from newsforge.lib import problem
from newsforge.lib.errors import Fault, PermanentError

PRIVATE = tuple(
    ip_network(each) for each in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
PROXIED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


class MetricsNotForYou(PermanentError):
    """Whoever asks has no token, or is not on a private network."""

    code = "metrics-not-public"
    status_code = 403
    title = "The metrics are not public"
    sentence = "Send the operator's token in the header: Authorization: Bearer …"
    fault = Fault.REQUEST


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Say everything there is to count and to measure, as Prometheus reads it."""
    if not _may_read(request):
        with structlog.contextvars.bound_contextvars(problem=MetricsNotForYou.code):  # of this request alone
            return problem.answer(MetricsNotForYou(), request=request)
    return HttpResponse(scrape(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    # Through a proxy everybody comes from its address, and what it says of theirs anybody else could have written.
    return not any(name in request.headers for name in PROXIED) and _is_private(request.META.get("REMOTE_ADDR", ""))


def _is_private(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in PRIVATE)
