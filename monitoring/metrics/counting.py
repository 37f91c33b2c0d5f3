"""The middleware that counts: what was asked for, how it ended, and how long it took.

Every label comes from a closed set: the names of our own addresses, HTTP's methods, status codes and our errors' codes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cache
from time import perf_counter

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve
from prometheus_client import CollectorRegistry, Counter, Histogram, values

from monitoring.metrics.slots import Slot, place
from newsforge.lib.problem import CONTENT_TYPE

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
TOO_MANY = 429

log = structlog.get_logger(__name__)


@cache
def _count_into_files() -> None:
    """Let what is counted outlive this process, as prometheus_client's multi-process mode has it."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(place())
    try:
        values.ValueClass = values.MultiProcessValue(Slot(place()).name)  # type: ignore[no-untyped-call] # it has no types
    except OSError as error:
        log.warning("requests of this process are not counted", error=str(error))


_registry = CollectorRegistry()

REQUESTS = Counter("newsforge_requests", "Requests answered.", ("method", "endpoint", "status"), registry=_registry)
DURATION = Histogram(
    "newsforge_request_duration_seconds", "Time until the answer was made.", ("endpoint",),
    buckets=BUCKETS, registry=_registry,
)  # fmt: skip
PROBLEMS = Counter(
    "newsforge_problems", "Requests refused or failed, by the error's code.", ("code",), registry=_registry
)
REJECTIONS = Counter(
    "newsforge_quota_rejections", "Requests that would have been too many (429).", ("code",), registry=_registry
)


def requests(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware; it stands first in the list, so that it sees every answer that leaves.

    Whoever makes no handler of requests, as a worker does that only imports this, takes no slot.
    """
    _count_into_files()

    def answer(request: HttpRequest) -> HttpResponseBase:
        began = perf_counter()
        response = get_response(request)
        endpoint = _endpoint(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, endpoint, response.status_code).inc()
        DURATION.labels(endpoint).observe(perf_counter() - began)
        if response.headers.get("Content-Type") == CONTENT_TYPE and isinstance(response, HttpResponse):
            code = json.loads(response.content)["code"]
            PROBLEMS.labels(code).inc()
            if response.status_code == TOO_MANY:
                REJECTIONS.labels(code).inc()
        return response

    return answer


def _endpoint(request: HttpRequest) -> str:
    """Return the name of the address; what is asked for and not there has no name of its own."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    try:
        return resolve(request.path_info).view_name  # a probe: answered before anybody looked for its view
    except Resolver404:
        return "unmatched"
