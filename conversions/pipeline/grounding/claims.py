"""Whether a post turns round what the article says: opposites, exchanges in a set, negations, inventions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from conversions.pipeline.grounding.lines import Line, best_match, forms_of, lines_of
from conversions.pipeline.grounding.names import NOT_IN_ARTICLE
from conversions.pipeline.grounding.opposites import ENGLISH, ENGLISH_ALIGNED, ENGLISH_SETS, KOREAN, Sides
from conversions.pipeline.grounding.things import THINGS
from conversions.pipeline.types import Article, Finding
from conversions.pipeline.words import is_korean, words
from newsforge.lib.sentences import stored

OPPOSITE = stored("The article says the opposite of “%(excerpt)s”, or something else in its place.")
EXCHANGED = stored("The article says %(written)s where the post says %(said)s.")
NEGATED = stored("The article says this the other way round: a “not” is missing or too many.")

MOST_SENTENCES = 150
"""Of a post; a longer one is an article itself."""
_STARTS_WITH = 4
_ALIGNED_SIDES = frozenset(side for sides in ENGLISH_ALIGNED for side in sides)
_LISTED = frozenset(word for sides in KOREAN for side in sides for word in side)
_LONGEST = max(map(len, _LISTED))


def check_claims(*, text: str, article: Article) -> Iterator[Finding]:
    """Return a finding for each word that contradicts the article; words are compared in one language only."""
    source = f"{article.title}\n{article.text}"
    korean = is_korean(text)
    if korean != is_korean(source):
        return
    article_lines = lines_of(source)
    known = _forms_in(source)
    for line in lines_of(text)[:MOST_SENTENCES]:
        if korean:
            yield from _opposed_korean(line, source, article_lines)
        else:
            yield from _opposed(line, known, article_lines)
            yield from _invented(line, known)
        yield from _negated(line, article_lines)


def _opposed(line: Line, known: frozenset[str], article_lines: tuple[Line, ...]) -> Iterator[Finding]:
    for sides in ENGLISH + ENGLISH_SETS + ENGLISH_ALIGNED:
        for side, others in _alternatives(sides):
            said = side & line.forms
            if said and not others & line.forms and _is_turned(line, side, others, known, article_lines):
                excerpt = next(word for word in words(line.text) if forms_of(word) & said)
                yield _finding(excerpt, OPPOSITE % {"excerpt": excerpt})


def _is_turned(
    line: Line, side: frozenset[str], others: frozenset[str], known: frozenset[str], article_lines: tuple[Line, ...]
) -> bool:
    """Return whether the article has only the other side, in all of it or in the sentence that says the same."""
    if not side & known and side not in _ALIGNED_SIDES:
        return bool(others & known)
    match = best_match(line, article_lines)
    return match is not None and bool(others & match.forms) and not side & match.forms


def _opposed_korean(line: Line, source: str, article_lines: tuple[Line, ...]) -> Iterator[Finding]:
    """Return the Korean opposites; a Korean word begins with its meaning, so beginnings are compared."""
    here, in_article = _beginnings(line.text), _beginnings(source)
    for sides in KOREAN:
        for side, others in _alternatives(sides):
            if not side & here.keys() or others & here.keys():
                continue
            match = best_match(line, article_lines)
            there = in_article if match is None or not side & in_article.keys() else _beginnings(match.text)
            if others & there.keys() and not side & there.keys():
                said, written = (_first(side, here), _first(others, there))
                yield _finding(said, EXCHANGED % {"written": written, "said": said})


@lru_cache(maxsize=2_000)
def _beginnings(text: str) -> dict[str, str]:
    """Return which of the listed Korean words a text has, with the form it first has them in."""
    found: dict[str, str] = {}
    for token in words(text):
        for size in range(1, _LONGEST + 1):
            if token[:size] in _LISTED:
                found.setdefault(token[:size], token)
    return found


def _first(side: frozenset[str], found: dict[str, str]) -> str:
    return next(form for word, form in found.items() if word in side)


@lru_cache(maxsize=4)
def _forms_in(source: str) -> frozenset[str]:
    return frozenset(form for line in lines_of(source) for form in line.forms)


@cache
def _alternatives(sides: Sides) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    return tuple((side, frozenset().union(*(other for other in sides if other is not side)) - side) for side in sides)


def _invented(line: Line, known: frozenset[str]) -> Iterator[Finding]:
    """Return concrete nouns the article does not have, in no word that begins alike."""
    for word in words(line.text):
        plain = {word.lower(), word.lower().removesuffix("s"), word.lower().removesuffix("es")} & THINGS
        if not plain or plain & known or (word[0].isupper() and not line.text.startswith(word)):
            continue
        if not any(_related(thing, other) for thing in plain for other in known):
            yield _finding(word, NOT_IN_ARTICLE % {"excerpt": f"“{word}”"})


def _related(thing: str, other: str) -> bool:
    shorter, longer = sorted((thing, other), key=len)
    return len(shorter) >= _STARTS_WITH and longer.startswith(shorter)


def _negated(line: Line, article_lines: tuple[Line, ...]) -> Iterator[Finding]:
    """Return a sentence that denies what the article's sentence says, or says what that denies."""
    match = best_match(line, article_lines)
    if match is None:
        return
    denied = line.negated and not match.negated and line.negated & match.content
    dropped = match.negated and not line.negated and match.negated & line.content
    if denied or dropped:
        yield _finding(line.text[:80], NEGATED)


def _finding(excerpt: str, message: str) -> Finding:
    return Finding(kind="claim", excerpt=excerpt, message=message)
