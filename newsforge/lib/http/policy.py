"""What one call may cost and where it may go."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PAIR = re.compile(r"(\[[0-9a-f:.]+\]|[^\s\[\]:]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPolicy:
    """The limits of one call.

    ``timeout`` is the wall time in seconds for everything: look-ups, all hops, the whole body. ``max_bytes`` counts
    the body after decompression. ``allow`` names the host:port pairs, written as in a URL, that are opened whatever
    their address: for local use only, since any page may redirect there. All others are called on ``ports`` alone.
    """

    timeout: float = 10.0
    max_bytes: int = 5_000_000
    max_redirects: int = 5
    user_agent: str = "NewsForge/1.0"
    allow: frozenset[tuple[str, int]] = frozenset()
    ports: frozenset[int] = frozenset({80, 443})


def parse_allow(*, text: str) -> frozenset[tuple[str, int]]:
    """Return the pairs of a comma-separated list of host:port, the form of NEWSFORGE_FETCH_ALLOW.

    :raises ValueError: if an entry is not host:port; an IPv6 host stands in brackets.
    """
    return frozenset(_parse_pair(entry.strip().lower()) for entry in text.split(",") if entry.strip())


def _parse_pair(entry: str) -> tuple[str, int]:
    match = _PAIR.fullmatch(entry)
    if match is None or not 0 < int(match[2]) < 65536:
        raise ValueError(f"{entry!r} is not host:port, for example 127.0.0.1:8099")
    return match[1].strip("[]"), int(match[2])
