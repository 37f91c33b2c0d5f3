"""Any error becomes an RFC 9457 answer: ``application/problem+json``, one shape for every address and every status."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import structlog
from django.conf import settings
from django.core import signals
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template import loader
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext
from django.views import defaults
from drf_standardized_errors.formatter import flatten_errors
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from newsforge.lib.error_id import error_id
from newsforge.lib.errors import Fault, NewsforgeError, TransientError
from newsforge.lib.refusals import DatabaseUnavailable, InvalidRequest, recognise

CONTENT_TYPE = "application/problem+json"
MACHINE_PATHS = ("/api/", "/health/")
"""Below these, Django's own refusals are problems too; elsewhere a person reads a page."""

MOST_ERRORS = 50
"""Entries under ``errors``; whoever sends more mistakes than this sees the first ones."""

SHORT = {402: "Insufficient quota", 429: "Rate limit exceeded"}
"""What ``error`` says of these two, whatever the reason: clients compare it. English, as codes are."""

logger = structlog.get_logger(__name__)


def told(error: NewsforgeError) -> str:
    """Return the error's sentence in the active language."""
    sentence = gettext(error.sentence)
    return sentence % error.params if error.params else sentence


def title_of(*, code: str) -> str:
    """Return the title, in the active language, of the error with this code; the code itself when none has it."""
    return next((gettext(kind.title) for kind in _kinds(NewsforgeError) if kind.code == code), code)


def fault_of(*, code: str) -> Fault:
    """Return whose fault the failure with this code is; ours when none has it."""
    return next((kind.fault for kind in _kinds(NewsforgeError) if kind.code == code), Fault.US)


def short_of(*, code: str) -> str:
    """Return ``error`` for the failure with this code: a few English words that stay as they are."""
    kind = next((kind for kind in _kinds(NewsforgeError) if kind.code == code), NewsforgeError)
    return SHORT.get(kind.status_code, kind.title)


def advice_of(*, code: str, **params: object) -> str:
    """Return, in the active language, what to do about the error with this code; nothing when more is to be filled in.

    It is for failures of which the code alone was stored.
    """
    sentence = next((gettext(kind.sentence) for kind in _kinds(NewsforgeError) if kind.code == code), "")
    try:
        return sentence % params
    except KeyError:
        return ""


def answer(error: NewsforgeError, *, request: HttpRequest) -> HttpResponse:
    """Return the error as an answer to the request; one of ours (5xx) is reported and gets an id to ask us by."""
    structlog.contextvars.bind_contextvars(problem=error.code)
    body: dict[str, Any] = {
        "type": f"{settings.SITE_URL}/problems/{error.code}",
        "title": gettext(error.title),
        "error": SHORT.get(error.status_code, error.title),
        "status": error.status_code,
        "detail": told(error),
        "instance": escape_uri_path(request.path),
        "code": error.code,
        "fault": error.fault.value,
    }
    if isinstance(error, TransientError) and error.retry_after is not None:
        body["retry_after"] = _whole(error.retry_after)
    if isinstance(error, InvalidRequest) and error.errors:
        body["errors"] = list(error.errors)
    if error.violated_policies:
        body["violated-policies"] = list(error.violated_policies)
    if error.status_code >= 500:
        body["error_id"] = error_id()
        logger.error("answered_with_error", error_id=body["error_id"], problem=error.code)
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return HttpResponse(content, status=error.status_code, content_type=CONTENT_TYPE, headers=_headers(error))


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Return the answer to any exception of an API view; the name and signature are REST framework's."""
    request: HttpRequest = getattr(context["request"], "_request", context["request"])
    if isinstance(exc, ValidationError):
        in_query = request.method in {"GET", "HEAD"}
        return answer(InvalidRequest(errors=list(_entries(exc.detail, in_query=in_query))), request=request)
    error = recognise(exc)
    if isinstance(error, DatabaseUnavailable):
        # Whatever still adds to the answer shall not ask the database again, and wait again, for who it is for.
        context["request"].user = api_settings.UNAUTHENTICATED_USER()  # type: ignore[operator] # the stubs call it a name
    response = answer(error, request=request)
    if error.status_code >= 500:
        # What Django would have sent had the exception left the view: logs the traceback, tells Sentry.
        signals.got_request_exception.send(sender=None, request=request)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what Django refused as malformed (``handler400``)."""
    return _django_answer(request, exception) or render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what Django refused as forbidden (``handler403``)."""
    return _django_answer(request, exception) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an address nobody serves (``handler404``)."""
    return _django_answer(request, exception) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer an exception nobody caught (``handler500``); Django has logged it by now."""
    exception = sys.exc_info()[1]
    cause = exception if isinstance(exception, Exception) else NewsforgeError()
    return _django_answer(request, cause) or _page_of_error(recognise(cause))


def _django_answer(request: HttpRequest, exc: Exception) -> HttpResponse | None:
    return answer(recognise(exc), request=request) if request.path_info.startswith(MACHINE_PATHS) else None


def _page_of_error(error: NewsforgeError) -> HttpResponse:
    """Return a page for people that asks nothing of the request: its user or session may be what is broken."""
    said: dict[str, Any] = {"error_id": error_id()}
    if isinstance(error, TransientError):
        said |= {"title": gettext(error.title), "detail": told(error)}
    content = loader.render_to_string("500.html", said)
    status = error.status_code if isinstance(error, TransientError) else 500
    return HttpResponse(content, status=status, headers=_headers(error))


def _whole(seconds: float) -> int:
    return min(math.ceil(seconds), 2**31 - 1)


def _headers(error: NewsforgeError) -> dict[str, str]:
    headers = {}
    if error.status_code == 401:
        headers["WWW-Authenticate"] = "Bearer"
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(_whole(retry_after))
    return headers


def _entries(detail: Any, *, in_query: bool) -> Iterator[dict[str, str]]:
    for error in flatten_errors(detail)[:MOST_ERRORS]:
        steps = [step for step in (error.attr or "").split(".") if step != api_settings.NON_FIELD_ERRORS_KEY]
        place = {"parameter": ".".join(steps)} if in_query else {"pointer": _pointer(steps)}
        yield {"detail": error.detail, "code": error.code.replace("_", "-"), **place}


def _pointer(steps: list[str]) -> str:
    """Write a JSON Pointer as a URI fragment (RFC 6901, 6); ``#`` alone is the whole body."""
    return "#" + "".join("/" + quote(step.replace("~", "~0").replace("/", "~1")) for step in steps if step)


def _kinds(kind: type[NewsforgeError]) -> Iterator[type[NewsforgeError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)
