"""Probes are answered before anything else: they carry no host name of ours, no session, and cost no look at one."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from monitoring import views
from monitoring.metrics.view import metrics

PROBES: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "/health/live/": views.live,
    "/health/ready/": views.ready,
    "/metrics": metrics,
}


def probes(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware; it stands first in the list."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return answer
