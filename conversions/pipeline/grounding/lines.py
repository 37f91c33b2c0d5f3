"""The sentences of an article in a form that can be compared with a post's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import regex

from conversions.pipeline.sentences import sentences
from conversions.pipeline.words import STOP_WORDS, stem, words

ALIGNED = 0.75
"""Two sentences speak of the same when this share of the post's words stands in the article's (our choice)."""
MOST_LINES = 800
"""A comparison of every pair of sentences must stay short; no news article is longer."""

_NOT = regex.compile(r"\b(?:not|no|never|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b", regex.I)
_NOT_BEFORE = regex.compile(r"([가-힣]{2,})\s+(?:않|못하|못했|아니[라었]|없)")
_NOT_AFTER = regex.compile(r"(?<![가-힣])(?:안|못)\s+([가-힣]{2,})")
_ENDINGS = (("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("d", ""), ("ied", "y"), ("ing", ""), ("ing", "e"))
_IRREGULAR = {"men": "man", "women": "woman", "children": "child", "feet": "foot", "wives": "wife", "people": "person"}
_SYLLABLES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence: its words in every form they may be listed under, what it is about, and what it negates."""

    text: str
    forms: frozenset[str]
    content: frozenset[str]
    negated: frozenset[str]

    def share_of(self, other: Line) -> float:
        """Return which share of this sentence's content stands in another."""
        return len(self.content & other.content) / len(self.content) if self.content else 0.0


@lru_cache(maxsize=4)
def lines_of(text: str) -> tuple[Line, ...]:
    """Return the sentences of a text; one article is asked for once a platform."""
    return tuple(_line(sentence) for sentence in sentences(text)[:MOST_LINES])


def best_match(line: Line, others: Iterable[Line]) -> Line | None:
    """Return the sentence that says most of what this one says, or None where none says enough of it."""
    best = max(others, key=line.share_of, default=None)
    return best if best is not None and len(line.content) > 2 and line.share_of(best) >= ALIGNED else None


@lru_cache(maxsize=20_000)
def forms_of(word: str) -> frozenset[str]:
    """Return a word in lower case, its parts around hyphens, and what each may be an inflection of."""
    lower = word.lower().replace("’", "'").removesuffix("'s")
    found = {lower, *lower.split("-"), _IRREGULAR.get(lower, lower)}
    for each in tuple(found):
        for ending, instead in _ENDINGS:
            root = each[: -len(ending)] + instead
            if each.endswith(ending) and len(root) > 2:
                found.add(root)
                found.add(root[:-1] if root[-1] == root[-2] else root)
    return frozenset(found)


@lru_cache(maxsize=20_000)
def content_of(word: str) -> str:
    """Return by what a word is compared: an English stem, or the first two syllables of a Korean word."""
    return word[:_SYLLABLES] if "가" <= word[0] <= "힣" else stem(word)


def _line(sentence: str) -> Line:
    tokens = words(sentence)
    return Line(
        text=sentence,
        forms=frozenset(form for token in tokens for form in forms_of(token)),
        content=frozenset(content_of(token) for token in tokens if len(token) > 1 and token.lower() not in STOP_WORDS),
        negated=frozenset(content_of(word) for word in _negated(sentence)),
    )


def _negated(sentence: str) -> list[str]:
    """Return the word each negation is about: in English the next that says something, in Korean the one before."""
    found = [*_NOT_BEFORE.findall(sentence), *_NOT_AFTER.findall(sentence)]
    for match in _NOT.finditer(sentence):
        after = words(sentence[match.end() : match.end() + 60])
        found += [word for word in after if word.lower() not in STOP_WORDS][:1]
    return [word for word in found if word]
