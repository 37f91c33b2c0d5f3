"""Where links and hashtags stand in a text, and how an address is written so that every platform takes all of it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

import regex

from conversions.pipeline.platforms.weighted import link_spans

_ADDRESS = regex.compile(r"(?<![\p{L}\p{N}])https?://[^\s<>\"]+", regex.IGNORECASE)
_TRAILING = "'\".,;:!?…。)]}>»”’」』"
_TAGS = regex.compile(r"(?<![\p{L}\p{N}\p{M}_&])(?:[#＃][\p{L}\p{N}\p{M}_]+)+")
_TAG = regex.compile(r"[#＃]([\p{L}\p{N}\p{M}_]*[\p{L}\p{M}][\p{L}\p{N}\p{M}_]*)")
_GOES_ON = ("/", "?", "#", ":")
_KEPT = "%:/?#[]@!$&'()*+,;=~-._"
_PICKY = "[]()'*!,;~|"


def links_in(text: str) -> list[str]:
    """Return every link in the text as a reader would see it: addresses in full, and bare domains."""
    return [text[start:end] for start, end in spans_of_links(text)]


def spans_of_links(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every link, in code points.

    An address ends at white space, at a bracket it did not open, and, where it has no path, with its domain: Hangul may
    be part of a path, after a domain it is a particle (naver.com에서).
    """
    known = dict(link_spans(text))
    spans = []
    for match in _ADDRESS.finditer(text):
        start, linked = match.start(), known.get(match.start())
        end = start + len(trimmed(_balanced(match.group())))
        bare = (
            linked is not None
            and "/" not in text[start + len("https://") : linked]
            and text[linked : linked + 1] not in _GOES_ON
        )
        spans.append((start, linked if bare and linked is not None else end))
    taken = set(_covered(spans))
    return sorted([*spans, *((start, end) for start, end in known.items() if start not in taken)])


def hashtags_in(text: str) -> list[str]:
    """Return every hashtag without its mark; also the second of two that touch, never a link's fragment."""
    for start, end in reversed(spans_of_links(text)):
        text = f"{text[:start]} {text[end:]}"
    return [tag for row in _TAGS.findall(text) for tag in _TAG.findall(row)]


def percent_encoded(url: str) -> str:
    """Return the same address in ASCII: host in Punycode, all else percent-encoded once; what is encoded stays so.

    X makes a link only of an address up to its first non-ASCII character, and drops marks from its end.
    """
    parts = urlsplit(url.strip())
    host = parts.netloc if parts.netloc.isascii() else _ascii_host(parts.netloc)
    encoded = urlunsplit((parts.scheme, host, *(quote(part, safe=_KEPT) for part in parts[2:])))
    if list(link_spans(encoded)) == [(0, len(encoded))]:
        return encoded
    head, mark, tail = encoded.partition(host)
    tail = "".join(f"%{ord(char):02X}" if char in _PICKY else char for char in tail)
    if tail and not tail[-1].isalnum() and tail[-1] not in "+-=_#/":
        tail = f"{tail[:-1]}%{ord(tail[-1]):02X}"
    return head + mark + tail


def _ascii_host(netloc: str) -> str:
    """Return a host with its labels in Punycode, or as it is where that is impossible."""
    try:
        return netloc.encode("idna").decode()
    except UnicodeError:
        return quote(netloc, safe="@:[]")


def _balanced(address: str) -> str:
    """Return an address up to the first closing bracket that it did not open."""
    depth = 0
    for at, char in enumerate(address):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return address[:at]
    return address


def trimmed(address: str) -> str:
    """Return an address without the marks of the sentence around it; a closing bracket stays when one was opened."""
    end, surplus = len(address), address.count(")") - address.count("(")
    while end and address[end - 1] in _TRAILING:
        if address[end - 1] == ")":
            if surplus <= 0:
                break
            surplus -= 1
        end -= 1
    return address[:end]


def _covered(spans: list[tuple[int, int]]) -> Iterator[int]:
    for start, end in spans:
        yield from range(start, end)
