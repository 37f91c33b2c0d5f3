"""Hashtags as every platform takes them: letters, digits and underscores, once each."""

from __future__ import annotations

from collections.abc import Iterable

import regex

from conversions.enums import Platform
from conversions.pipeline.fit.clean import visible
from conversions.pipeline.platforms import RULES, hashtags_in

LONGEST_TAG = 30
"""Characters; longer ones are sentences (our choice)."""

_NOT_IN_TAG = regex.compile(r"[^\p{L}\p{N}\p{M}_]+")
_LETTER = regex.compile(r"\p{L}")
_TAIL = regex.compile(r"(?:\s*[#＃][\p{L}\p{N}\p{M}_]+[,，]?)+\s*$")
_MARK = regex.compile(r"(?<![\p{L}\p{N}\p{M}_&/])[#＃](?=[\p{N}_]*\p{L}[\p{L}\p{N}\p{M}_]*)")
_TOUCHING = regex.compile(r"(?<=[\p{L}\p{N}\p{M}_])[#＃](?=\p{L})")


def sanitised(tags: Iterable[str]) -> tuple[str, ...]:
    """Return each tag without its mark, spaces and signs, the first of those that differ only in case."""
    kept: dict[str, str] = {}
    for tag in tags:
        words = [word for word in _NOT_IN_TAG.split(visible(tag)) if word]
        joined = "".join(
            word if len(words) == 1 or not word.isascii() else word[:1].upper() + word[1:] for word in words
        )
        if _LETTER.search(joined) and len(joined) <= LONGEST_TAG:
            kept.setdefault(joined.casefold(), joined)
    return tuple(kept.values())


def split_tail(body: str) -> tuple[str, tuple[str, ...]]:
    """Return the body without the row of hashtags at its end, and those hashtags."""
    tail = _TAIL.search(body)
    if tail is None or not body[: tail.start()].strip():
        return body, ()
    return body[: tail.start()], tuple(hashtags_in(tail.group()))


def without_marks(body: str, *, article_words: str) -> str:
    """Return the body with its inline hashtags as plain words; one that the article itself writes so stays."""
    body = _TOUCHING.sub(" #", body) if any(f"#{tag}" not in article_words for tag in hashtags_in(body)) else body
    return str(_MARK.sub(lambda at: at.group() if _is_quoted(body, at.end(), article_words) else "", body))


def allowed(*, platform: Platform, body: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags to add to a body: as many as are usual on the platform, less where its cap is nearer."""
    rules = RULES[platform]
    inline = hashtags_in(body)
    room = (
        rules.usual_hashtags
        if rules.max_hashtags is None
        else min(rules.usual_hashtags, rules.max_hashtags - len(inline))
    )
    present = {tag.casefold() for tag in inline}
    return tuple(tag for tag in sanitised(tags) if tag.casefold() not in present)[: max(room, 0)]


def _is_quoted(body: str, at: int, article_words: str) -> bool:
    word = regex.match(r"[\p{L}\p{N}\p{M}_]+", body[at:])
    return word is not None and f"#{word.group()}" in article_words
