"""Tell a sentence that was kept in English in the reader's language: found by its shape, its places filled again.

A row of any age can be told so, for nothing but the sentence is kept; one that nobody marked stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.template import Library
from django.utils.translation import get_language, gettext

from newsforge.lib.sentences import CATALOGUE

register = Library()

PLACE = re.compile(r"%\((\w+)\)[sd]")

WORDS = frozenset({"platform", "state", "status", "tier", "unit", "verdict"})
"""Places that hold a word of a closed set, which has its own translation."""


@register.filter
def retold(text: str) -> str:
    """Return a kept sentence in the active language, and what fills its places too where that is one."""
    language = get_language() or "en"
    return text if language.startswith("en") else _retold(language, text, len(CATALOGUE))


@lru_cache(maxsize=4096)
def _retold(language: str, text: str, known: int) -> str:
    """Return the sentence in the active language, which is that one; ``known`` sentences can be recognised."""
    for sentence, shape in _shapes(known):
        found = shape.fullmatch(text)
        if found:
            told, places = gettext(sentence), found.groupdict()
            filled = {name: _filled(name, value, language, known) for name, value in places.items()}
            return PLACE.sub(r"%(\1)s", told) % filled if filled else told
    return text


def _filled(name: str, value: str, language: str, known: int) -> str:
    return gettext(value.replace("_", " ")) if name in WORDS and value else _retold(language, value, known)


@lru_cache(maxsize=1)
def _shapes(known: int) -> list[tuple[str, re.Pattern[str]]]:
    """Return what each of the ``known`` sentences looks like, those first that say most by themselves."""
    said = [sentence for sentence in list(CATALOGUE)[:known] if PLACE.sub("", sentence)]
    said.sort(key=lambda sentence: len(PLACE.sub("", sentence)), reverse=True)
    return [(sentence, _shape(sentence)) for sentence in said]


def _shape(sentence: str) -> re.Pattern[str]:
    """Return what a sentence looks like with its places filled, each a group under its name."""
    parts = PLACE.split(sentence)  # text, name, text, name, …, text
    seen: set[str] = set()
    pattern = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pattern += re.escape(part.replace("%%", "%") if len(parts) > 1 else part)
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>.*?)"
            seen.add(part)
    return re.compile(pattern, re.DOTALL)
