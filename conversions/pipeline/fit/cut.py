"""Where a text may be cut: after a sentence, else between words; never in a number, a quotation or a character."""

from __future__ import annotations

from collections.abc import Callable

import regex

from conversions.pipeline.sentences import open_at, sentence_spans

ELLIPSIS = "…"
FEWEST_WORDS = 3
"""A part of a sentence shorter than this says nothing."""

_GAP = regex.compile(r"\s+")
_NUMBER_BEFORE = regex.compile(
    r"(?:[\p{Sc}\d][\d.,]*|\d[\d.,]*\p{L}*|약|최대|최소|총|제|about|nearly|than|some|over|under)$", regex.I
)
_NUMBER_AFTER = regex.compile(
    r"\s+(?:[\p{Sc}]?\d|[%％]|percent|per cent|million|billion|trillion|thousand|hundred|dollars?|euros?|pounds?|won"
    r"|[조억만천백원달년월일시분초명개건회위차%])",
    regex.I,
)
_LOOSE_END = regex.compile(r"[\s,;:·\-–—(\[“‘\"'「『]+$")
_LONGEST_SENTENCE = 20_000
_MOST_SENTENCES = 200
_LEAST_LETTERS = 10


def longest_sentences(text: str, *, fits: Callable[[str], bool]) -> str:
    """Return the most whole sentences from the start that fit, or nothing."""
    ends = [end for _, end in sentence_spans(text)]
    return text[: _last_that_fits(text, ends, fits)].rstrip()


def first_sentence_that_fits(text: str, *, fits: Callable[[str], bool]) -> str:
    """Return the first whole sentence that fits, wherever it stands, or nothing."""
    each = (text[start:end] for start, end in sentence_spans(text)[:_MOST_SENTENCES])
    return next(
        (sentence for sentence in each if sum(map(str.isalpha, sentence)) >= _LEAST_LETTERS and fits(sentence)), ""
    )


def longest_words(text: str, *, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of the first sentence that fits with an ellipsis, or nothing."""
    spans = sentence_spans(text)
    sentence = text[slice(*spans[0])][:_LONGEST_SENTENCE] if spans else ""
    ends = _word_ends(sentence)
    end = _last_that_fits(sentence, ends, lambda part: fits(_closed(part)))
    return _closed(sentence[:end]) if end else ""


def _word_ends(sentence: str) -> list[int]:
    """Return where the sentence may break: no quotation open, no number on both sides, some words before."""
    is_open = open_at(sentence)
    gaps = [gap.start() for gap in _GAP.finditer(sentence)]
    return [at for at in gaps[FEWEST_WORDS - 1 :] if not is_open[at] and not _in_number(sentence, at)]


def _in_number(sentence: str, at: int) -> bool:
    return bool(_NUMBER_BEFORE.search(sentence[max(0, at - 24) : at]) and _NUMBER_AFTER.match(sentence, at))


def _closed(part: str) -> str:
    return str(_LOOSE_END.sub("", part)) + ELLIPSIS


def _last_that_fits(text: str, ends: list[int], fits: Callable[[str], bool]) -> int:
    """Return the greatest of the ends up to which the text fits, or 0; the length grows with the text."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[: ends[middle - 1]].rstrip()):
            low = middle
        else:
            high = middle - 1
    return ends[low - 1] if low else 0
