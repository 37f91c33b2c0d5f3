"""What a platform takes: its rules as data, how it counts, and what is wrong with a text for it."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from conversions.enums import Platform
from conversions.pipeline.platforms.counters import COUNTERS, Unit
from conversions.pipeline.platforms.links import hashtags_in, links_in, percent_encoded, spans_of_links
from conversions.pipeline.platforms.rules import RULES, LinkPolicy, Register, Rules, Trust
from conversions.pipeline.platforms.weighted import has_invalid_characters
from conversions.pipeline.types import Finding
from newsforge.lib.sentences import stored

EMPTY = stored("The post is empty.")
TOO_LONG = stored("The post is %(length)s %(unit)s long; %(platform)s takes %(limit)s.")
NO_TITLE = stored("%(platform)s posts have no title.")
LONG_TITLE = stored("The title is %(length)s characters long; %(limit)s is the most.")
MANY_HASHTAGS = stored("There are %(count)s hashtags; %(platform)s takes %(most)s.")
DEAD_LINK = stored("A link in the text does not work on %(platform)s.")
MANY_LINKS = stored("There are %(count)s different links; %(platform)s takes %(most)s.")
BROKEN_LINK = stored("The link has characters that are not percent-encoded; it breaks off at the first of them.")
BYTES = stored("bytes")
UNSEEN = stored("The text holds characters nobody sees.")
UNSEEN_ON_X = stored("The text holds characters nobody sees. X refuses the post.")

__all__ = [
    "RULES",
    "LinkPolicy",
    "Register",
    "Rules",
    "Trust",
    "Unit",
    "check",
    "count",
    "fits",
    "hashtags_in",
    "limit_of",
    "links_in",
    "percent_encoded",
    "spans_of_links",
]

_UNSEEN = regex.compile(
    r"[\p{Cc}--[\t\n\r]]|[\p{Cs}\u200b\u2060\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]", regex.V1
)
_EXCERPT = 60


def count(*, platform: Platform, text: str) -> int:
    """Return the length of a text in the platform's own unit."""
    return COUNTERS[RULES[platform].unit](text)


def limit_of(*, platform: Platform, limit: int | None = None) -> int | None:
    """Return the limit that holds: the account's own, else the platform's; None where there is none."""
    return RULES[platform].limit if limit is None else limit


def fits(*, platform: Platform, text: str, limit: int | None = None) -> bool:
    """Return whether a text is within the platform's size, in its unit and in bytes."""
    rules, top = RULES[platform], limit_of(platform=platform, limit=limit)
    if top is not None and count(platform=platform, text=text) > top:
        return False
    return rules.max_bytes is None or _bytes(text) <= rules.max_bytes


def check(*, platform: Platform, text: str, title: str = "", limit: int | None = None) -> tuple[Finding, ...]:
    """Return everything the platform would refuse or spoil, the size first.

    Kinds: length, title, hashtag, link, character. ``limit`` is the account's own, in the platform's unit.
    """
    rules = RULES[platform]
    return (
        *_check_size(rules, text, limit_of(platform=platform, limit=limit)),
        *_check_title(rules, title),
        *_check_hashtags(rules, text),
        *_check_links(rules, text),
        *_check_characters(rules, text),
    )


def _check_size(rules: Rules, text: str, limit: int | None) -> Iterator[Finding]:
    if not text.strip():
        yield Finding(kind="length", excerpt="", message=EMPTY)
    length = count(platform=rules.platform, text=text)
    if limit is not None and length > limit:
        yield Finding(
            kind="length",
            excerpt=text[-_EXCERPT:],
            message=_long(rules, length, rules.unit.value, limit),
        )
    if rules.max_bytes is not None and _bytes(text) > rules.max_bytes:
        yield Finding(
            kind="length",
            excerpt=text[-_EXCERPT:],
            message=_long(rules, _bytes(text), BYTES, rules.max_bytes),
        )


def _check_title(rules: Rules, title: str) -> Iterator[Finding]:
    if title and rules.max_title is None:
        yield Finding(kind="title", excerpt=title[:_EXCERPT], message=NO_TITLE % {"platform": rules.platform.value})
    elif rules.max_title is not None and len(title) > rules.max_title:
        message = LONG_TITLE % {"length": len(title), "limit": rules.max_title}
        yield Finding(kind="title", excerpt=title[:_EXCERPT], message=message)


def _check_hashtags(rules: Rules, text: str) -> Iterator[Finding]:
    tags = hashtags_in(text) if rules.max_hashtags is not None else []
    if rules.max_hashtags is not None and len(tags) > rules.max_hashtags:
        message = MANY_HASHTAGS % {"count": len(tags), "platform": rules.platform.value, "most": rules.max_hashtags}
        yield Finding(
            kind="hashtag",
            excerpt=" ".join(f"#{tag}" for tag in tags[rules.max_hashtags :])[:_EXCERPT],
            message=message,
        )


def _check_links(rules: Rules, text: str) -> Iterator[Finding]:
    links = links_in(text)
    if rules.links is LinkPolicy.NONE:
        for link in dict.fromkeys(links):
            message = DEAD_LINK % {"platform": rules.platform.value}
            yield Finding(kind="link", excerpt=link[:_EXCERPT], message=message)
        return
    if rules.max_links is not None and len(set(links)) > rules.max_links:
        message = MANY_LINKS % {"count": len(set(links)), "platform": rules.platform.value, "most": rules.max_links}
        yield Finding(kind="link", excerpt=links[-1][:_EXCERPT], message=message)
    for link in dict.fromkeys(links):
        if not link.isascii() and "://" in link:
            message = BROKEN_LINK
            yield Finding(kind="link", excerpt=link[:_EXCERPT], message=message)


def _check_characters(rules: Rules, text: str) -> Iterator[Finding]:
    unseen = dict.fromkeys(_UNSEEN.findall(text))
    if unseen:
        is_refused = rules.platform is Platform.X and has_invalid_characters(text)
        names = " ".join(f"U+{ord(char):04X}" for char in list(unseen)[:5])
        yield Finding(kind="character", excerpt=names, message=UNSEEN_ON_X if is_refused else UNSEEN)


def _long(rules: Rules, length: int, unit: str, limit: int) -> str:
    return TOO_LONG % {"length": length, "unit": unit, "platform": rules.platform.value, "limit": limit}


def _bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))
