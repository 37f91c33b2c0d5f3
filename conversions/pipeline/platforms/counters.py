"""How each platform measures a text."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import regex

from conversions.pipeline.platforms.emoji import emoji_spans
from conversions.pipeline.platforms.links import trimmed
from conversions.pipeline.platforms.weighted import LINK_WEIGHT, link_spans, weighted_length

_GRAPHEME = regex.compile(r"\X")
_REST_OF_ADDRESS = regex.compile(r"[^\s<>\"]*")
_REMOTE_MENTION = regex.compile(
    r"(?<![=/\p{L}\p{N}])@([a-z0-9_][a-z0-9_.-]*+)(?<![.-])@[\p{L}\p{N}.\-]*[\p{L}\p{N}]", regex.IGNORECASE
)


class Unit(StrEnum):
    """What one unit of length is on a platform; the values are words for people."""

    WEIGHTED = "weighted characters"
    CHARACTERS = "characters"
    GRAPHEMES = "graphemes"
    THREADS = "characters, emoji as bytes"
    MASTODON = "characters, links as 23"


def code_points(text: str) -> int:
    """Return the number of Unicode code points."""
    return len(text)


def graphemes(text: str) -> int:
    """Return the number of extended grapheme clusters (UAX 29)."""
    return len(text) if text.isascii() and "\r" not in text else sum(1 for _ in _GRAPHEME.finditer(text))


def threads_length(text: str) -> int:
    """Return code points, an emoji counted as its UTF-8 bytes (developers.facebook.com/docs/threads/posts)."""
    return len(text) + sum(len(text[start:end].encode()) - (end - start) for start, end in emoji_spans(text))


def mastodon_length(text: str) -> int:
    """Return graphemes, every http(s) link as 23 and a remote mention as its local part.

    Source: docs.joinmastodon.org/user/posting and ``StatusLengthValidator`` in mastodon/mastodon.
    """
    pieces, at = [], 0
    for start, linked in link_spans(text):
        if start < at or "://" not in text[start : start + 8]:
            continue
        pieces += [text[at:start], "x" * LINK_WEIGHT]
        at = _address_end(text, start, linked)
    return graphemes(_REMOTE_MENTION.sub(r"@\1", "".join(pieces) + text[at:]))


def _address_end(text: str, start: int, linked: int) -> int:
    """Return where Mastodon's link ends that X ends at ``linked``: a path may go on in any script."""
    if "/" not in text[start + len("https://") : linked]:
        return linked
    rest = _REST_OF_ADDRESS.match(text, linked)
    return start + len(trimmed(text[start:linked] + (rest.group() if rest else "")))


COUNTERS: dict[Unit, Callable[[str], int]] = {
    Unit.WEIGHTED: weighted_length,
    Unit.CHARACTERS: code_points,
    Unit.GRAPHEMES: graphemes,
    Unit.THREADS: threads_length,
    Unit.MASTODON: mastodon_length,
}
