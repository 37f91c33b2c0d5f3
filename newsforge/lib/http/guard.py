"""Who may be called: the name by its form, then every address the name resolves to.

The ranges are those of microsoft-antissrf. Its session is not used: it resolves without a time limit, tries only the
first address, and cannot bound a server that drips its headers; so the same check sits in our own connect.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from AntiSSRF import IPAddressRanges

from newsforge.lib.http.errors import AddressNotAllowed, FetchTimedOut, HostLookupFailed, HostNotFound
from newsforge.lib.http.policy import HttpPolicy
from newsforge.lib.http.url import Target

Address = IPv4Address | IPv6Address

_DENIED: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, IPAddressRanges.recommended_latest))
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All public IPv6 (RFC 4291, 2.4). Mapped, IPv4-compatible, SIIT and NAT64 forms of IPv4 lie outside it."""

_PRIVATE_SUFFIXES = (
    ".localhost", ".localdomain", ".local", ".internal", ".home.arpa", ".lan", ".home", ".corp", ".private",
    ".intranet", ".intra",
)  # fmt: skip  # RFC 6761, 6762, 8375; ICANN's .internal; the names that routers and offices use
_UNRESOLVABLE_SUFFIXES = (".invalid", ".test", ".example", ".onion", ".alt")
"""RFC 6761, 7686 and 9476: no public resolver answers these, so they are not asked."""
_CONTROL_HOSTS = frozenset({"metadata.goog", "www.googleapis.com"})
"""Public names that answer with a cloud's own data or its control API, and never with an article."""

_GONE = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


def check_target(*, target: Target, policy: HttpPolicy) -> None:
    """Refuse a target by its form alone, before any look-up.

    :raises AddressNotAllowed: if the port is not one of the policy's, or the name is one of a private network.
    :raises HostNotFound: if the name is reserved so that it never resolves.
    """
    if target.pair in policy.allow:
        return
    if target.port not in policy.ports or target.host in _CONTROL_HOSTS:
        raise AddressNotAllowed(host=target.host)
    if target.ip is None:
        if "." not in target.host or target.host.endswith(_PRIVATE_SUFFIXES):
            raise AddressNotAllowed(host=target.host)
        if target.host.endswith(_UNRESOLVABLE_SUFFIXES):
            raise HostNotFound(host=target.host)


def vetted_addresses(*, target: Target, policy: HttpPolicy, deadline: float) -> tuple[Address, ...]:
    """Return the addresses to connect to, in the resolver's order; nothing else may be connected to.

    One denied address among the answers denies the name. ``deadline`` is on the monotonic clock.

    :raises AddressNotAllowed: if an address is not on the public internet.
    :raises HostNotFound: if the name has no address.
    :raises HostLookupFailed: if the resolver could not say.
    :raises FetchTimedOut: if the resolver did not answer in time.
    """
    check_target(target=target, policy=policy)
    addresses = (target.ip,) if target.ip else _resolve(target, policy, deadline)
    if target.pair not in policy.allow and not all(map(is_public, addresses)):
        raise AddressNotAllowed(host=target.host)
    return addresses


def is_public(address: Address) -> bool:
    """Return whether an address is on the public internet and in no special-purpose range."""
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not any(address in network for network in _DENIED)


def _resolve(target: Target, policy: HttpPolicy, deadline: float) -> tuple[Address, ...]:
    """Ask the system's resolver in a thread, since it knows no time limit of its own."""
    answers: queue.SimpleQueue[tuple[Address, ...] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except OSError as error:
            answers.put(error)
        else:
            answers.put(tuple(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found)))

    threading.Thread(target=ask, name=f"resolve {target.host}", daemon=True).start()
    try:
        answer = answers.get(timeout=max(deadline - time.monotonic(), 0))
    except queue.Empty:
        raise FetchTimedOut(host=target.host, seconds=f"{policy.timeout:g}") from None
    if isinstance(answer, OSError):
        kind = HostNotFound if answer.errno in _GONE else HostLookupFailed
        raise kind(host=target.host) from answer
    if not answer:
        raise HostNotFound(host=target.host)
    return answer
