"""Whether every number of a post stands in the article, with the same unit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from conversions.pipeline.grounding.quantities import Quantity, quantities
from conversions.pipeline.types import Article, Finding
from newsforge.lib.sentences import stored

NOT_THERE = stored("The number %(excerpt)s does not stand in the article.")
OF_SOMETHING_ELSE = stored("The article has this number of something else than %(excerpt)s.")
TURNED_ROUND = stored("More and less are turned round: the article says otherwise about %(excerpt)s.")

_ROUNDED = Decimal("0.06")
"""How far "about" may be from the article's number (our choice); "over" and "up to" reach three times as far."""
_SMALL = 2
"""Up to here a bare number word is more often a turn of phrase than a fact."""


def check_numbers(*, text: str, article: Article) -> Iterator[Finding]:
    """Return a finding for each number the article does not have, or has of something else, or the other way round."""
    known = _known(article)
    for found in quantities(text):
        if _is_phrase(found, text):
            continue
        excerpt = text[max(0, found.start - 1) : found.end].strip(" \n(-")
        same_value = [other for other in known if _agree(found, other)]
        if not same_value:
            yield Finding(kind="number", excerpt=excerpt, message=NOT_THERE % {"excerpt": excerpt})
        elif not any(_same_unit(found, other) for other in same_value):
            message = OF_SOMETHING_ELSE % {"excerpt": excerpt}
            yield Finding(kind="number", excerpt=excerpt, message=message)
        elif all(_opposed(found, other) for other in same_value if _same_unit(found, other)):
            message = TURNED_ROUND % {"excerpt": excerpt}
            yield Finding(kind="number", excerpt=excerpt, message=message)


def _known(article: Article) -> list[Quantity]:
    """Return the article's numbers, with the parts of the day it was published."""
    known = quantities(f"{article.title}\n{article.text}")
    day = article.published_at
    parts = (("year", day.year), ("month", day.month), ("day", day.day)) if day else ()
    return [
        *known,
        *(Quantity(value=Decimal(value), unit=unit, relation="=", start=0, end=0) for unit, value in parts),
    ]


def _is_phrase(found: Quantity, text: str) -> bool:
    written = text[found.start : found.end]
    return (
        found.value < _SMALL
        and not any(char.isdigit() for char in written)
        and found.unit in {"", "ordinal", "times", "day"}
    )


def _agree(found: Quantity, other: Quantity) -> bool:
    """Return whether two values are the same, or near enough for how the post puts it."""
    if found.value == other.value:
        return True
    if found.unit == "hour" and other.unit == "hour" and abs(found.value - other.value) == 12:
        return True
    if found.unit == "decade" and other.unit == "decade":
        return found.value % 100 == other.value % 100  # the 60s are the 1960s
    if other.value == 0 or found.relation == "=":
        return False
    distance = (other.value - found.value) / other.value
    reach = _ROUNDED * 3
    return {"~": abs(distance) <= _ROUNDED, ">": 0 < distance <= reach, "<": -reach <= distance < 0}[found.relation]


def _same_unit(found: Quantity, other: Quantity) -> bool:
    return found.unit == other.unit or not found.unit or (not other.unit and found.unit != "ordinal")


def _opposed(found: Quantity, other: Quantity) -> bool:
    return {found.relation, other.relation} == {">", "<"}
