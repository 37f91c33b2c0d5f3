"""The one door out for addresses we did not choose: every hop is vetted, timed and capped."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import urllib3

from newsforge.lib.http.body import ACCEPT_ENCODING, read_start, read_whole
from newsforge.lib.http.errors import InvalidRedirect, InvalidUrl, TooManyRedirects
from newsforge.lib.http.guard import vetted_addresses
from newsforge.lib.http.policy import HttpPolicy
from newsforge.lib.http.url import Target, follow, parse_url
from newsforge.lib.http.wire import exchange, plain_errors

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERROR_BODY_BYTES = 65_536
"""What is read of an answer whose status already tells the story: enough to recognise a bot wall."""
_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer: ``url`` is normalised and final, header names are lower case, ``body`` is decompressed.

    The body of a status of 300 and above, and of every answer to a ``post``, is cut at 64 KiB and may be incomplete.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    headers: Mapping[str, str]
    body: bytes | None = None


def get(*, url: str, policy: HttpPolicy) -> Response:
    """Return the answer to a GET after its redirects, whatever its status.

    :raises PermanentError: if the address is invalid, not allowed, unknown, redirects without end or is too large.
    :raises TransientError: if the connection is refused, breaks, or takes longer than ``policy.timeout`` in all.
    """
    deadline = time.monotonic() + policy.timeout
    request = _Request(
        method="GET",
        headers={
            "accept": _ACCEPT,
            "accept-encoding": ACCEPT_ENCODING,
            "accept-language": "ko,en;q=0.8,*;q=0.5",
            "user-agent": policy.user_agent,
        },
    )
    target = parse_url(url=url)
    seen: set[str] = set()
    while len(seen) <= policy.max_redirects:
        seen.add(target.url)
        response = _send(request, target, policy, deadline)
        location = response.headers.get("location")
        if response.status not in _REDIRECTS or location is None:
            return response
        target = _next(target, location)
        if target.url in seen:
            break
    raise TooManyRedirects(host=target.host)


def post(*, url: str, body: bytes, headers: Mapping[str, str], policy: HttpPolicy) -> Response:
    """Return the answer to a POST, whatever its status; a redirect is not followed but returned.

    :raises PermanentError: if the address is invalid, not allowed or unknown.
    :raises TransientError: if the connection is refused, breaks, or takes longer than ``policy.timeout`` in all.
    """
    deadline = time.monotonic() + policy.timeout
    own = {"accept-encoding": ACCEPT_ENCODING, "user-agent": policy.user_agent}
    request = _Request(method="POST", headers={**own, **headers}, body=body)
    return _send(request, parse_url(url=url), policy, deadline)


def _send(request: _Request, target: Target, policy: HttpPolicy, deadline: float) -> Response:
    with (
        plain_errors(host=target.host, timeout=policy.timeout),
        exchange(
            target=target,
            addresses=vetted_addresses(target=target, policy=policy, deadline=deadline),
            method=request.method,
            body=request.body,
            headers=request.headers,
            deadline=deadline,
        ) as response,
    ):
        if request.method == "GET" and response.status < 300:
            content = read_whole(response, host=target.host, max_bytes=policy.max_bytes)
        elif response.status in _REDIRECTS:
            content = b""
        else:
            content = read_start(response, host=target.host, max_bytes=_ERROR_BODY_BYTES)
        return Response(
            url=target.url,
            status=response.status,
            headers=_lowered(response),
            body=content,
            received_at=datetime.now(tz=UTC),
        )


def _lowered(response: urllib3.BaseHTTPResponse) -> dict[str, str]:
    """Join repeated headers with a comma, but keep only the first location: two joined are no address."""
    joined = {name.lower(): value for name, value in response.headers.items()}
    if "location" in joined:
        joined["location"] = response.headers.getlist("location")[0]
    return joined


def _next(target: Target, location: str) -> Target:
    try:
        return follow(target=target, location=location)
    except InvalidUrl:
        raise InvalidRedirect(host=target.host) from None
