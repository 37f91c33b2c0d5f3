"""Where a request comes from, and whether by TLS: as the one that is connected says, or a proxy of ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


def of(request: HttpRequest) -> str | None:
    """Return the client's address, or None where it has none (a Unix socket).

    ``X-Forwarded-For`` counts only from a proxy in ``TRUSTED_PROXIES``, and read from its end: what stands before the
    first address that is no proxy of ours, the client may have written itself.
    """
    nearest = _clean(request.META.get("REMOTE_ADDR", ""))
    named = [_clean(each) for each in request.headers.get("X-Forwarded-For", "").split(",")]
    while nearest is not None and named and _is_trusted(nearest):
        told = named.pop()
        if told is None:
            break
        nearest = told
    return nearest


def scheme_from_proxies(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that lets ``X-Forwarded-Proto`` count only from a proxy in ``TRUSTED_PROXIES``.

    It stands before whatever asks ``request.is_secure()``.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        nearest = _clean(request.META.get("REMOTE_ADDR", ""))
        said = request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        if said is not None and nearest is not None and _is_trusted(nearest):
            request.META["HTTP_X_FORWARDED_PROTO"] = said.rpartition(",")[2].strip()  # before it, the client's own
        return get_response(request)

    return answer


def _clean(text: str) -> str | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _is_trusted(text: str) -> bool:
    address = ip_address(text)
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@cache
def _networks(named: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(each, strict=False) for each in named)
