"""Where the sentences of a Korean or English text begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

_END = regex.compile(r"(?:[.!?…。！？‽]+)[\"'”’」』》)\]]*")
_NEVER_LAST = regex.compile(
    r"(?:^|[\s(\"'“‘])(?:Mr|Mrs|Ms|Mx|Dr|Prof|St|Mt|Ft|Gen|Lt|Col|Maj|Capt|Sgt|Cmdr|Adm|Gov|Sen|Rep|Pres|Hon|Rev|Supt"
    r"|Insp|Det|vs|cf|No|Nos|Vol|pp?|ca|approx|est|e\.g|i\.e|\p{Lu})\.$"
)
_SELDOM_LAST = regex.compile(
    r"(?:^|[\s(\"'“‘])(?:Sr|Jr|etc|al|Inc|Ltd|Co|Corp|Bros|Dept|Univ|Assn|Ave|Blvd|Rd|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?"
    r"|Oct|Nov|Dec|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun|[ap]\.m|(?:\p{L}\.)+\p{L})\.$"
)
_OPENS_SENTENCE = regex.compile(
    r"\s*[\"'“‘(]?(?:The|A|An|He|She|It|They|We|I|You|This|That|These|Those|But|And|So|Or|If|In|On|At|As|For|From|After"
    r"|Before|When|While|However|Meanwhile|There|His|Her|Its|Their|Our|Some|Many|Most|All|No|Not|With|By|To)\b"
)
_STILL_SAID = regex.compile(r"\s+(?:이?라고|라며|라면서|고|며|면서|하고|라는|이?란)(?:\s|$)")
_NUMBERED = regex.compile(r"(?:^|\n)\s*[\"'“‘(]?\d{1,3}\.$")
_KOREAN_END = regex.compile(r"[다요죠까음함됨임][.!?…]+$")
_OPENING = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "(": ")", "（": "）"}
_FIRST = regex.compile(r"\s+(\S)")
_STRAIGHT = '"'
_LONGEST_QUOTE = 1200
_BEFORE = 12


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, without the white space around them; a line's end ends a sentence."""
    return [text[start:end] for start, end in sentence_spans(text)]


@lru_cache(maxsize=8)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of every sentence, in code points.

    No sentence ends inside a quotation, a number, an abbreviation or a pair of brackets.
    """
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        spans += [_stripped(text, at + start, at + end) for start, end in _in_line(line)]
        at += len(line)
    return tuple((start, end) for start, end in spans if start < end)


def open_at(line: str) -> list[bool]:
    """Return for each position of a line, and its end, whether a quotation or bracket is open before it.

    A mark that is never closed within reach opens nothing; apostrophes and inches are common in news.
    """
    is_open = [False] * (len(line) + 1)
    for start, end in _enclosed(line):
        is_open[start + 1 : end] = [True] * (end - start - 1)
    return is_open


def _enclosed(line: str) -> Iterator[tuple[int, int]]:
    """Return (opening mark, after the closing mark) of the outermost pairs."""
    at = 0
    while at < len(line):
        closing = _closing_mark(line, at)
        end = line.find(closing, at + 1, at + _LONGEST_QUOTE) if closing else -1
        if end > at:
            yield at, end + 1
            at = end
        at += 1


def _closing_mark(line: str, at: int) -> str:
    """Return what closes the mark at this place, or nothing where it opens nothing."""
    mark = line[at]
    if mark in _OPENING:
        return _OPENING[mark]
    if mark == _STRAIGHT or (mark == "'" and not line[at + 1 : at + 2].isspace()):
        before = line[at - 1] if at else " "
        return mark if not (before.isalnum() and (before.isascii() or mark == _STRAIGHT)) else ""
    return ""


def _in_line(line: str) -> Iterator[tuple[int, int]]:
    start, is_open = 0, open_at(line)
    for end in _END.finditer(line):
        if not is_open[end.end()] and _ends_here(line, start, end.start(), end.end()):
            yield start, end.end()
            start = end.end()
    yield start, len(line)


def _ends_here(line: str, start: int, mark: int, end: int) -> bool:
    """Return whether the marks at ``line[mark:end]`` end the sentence that began at ``start``."""
    stop = mark + 1
    before = line[max(start, stop - _BEFORE) : stop]
    if (
        end < len(line) and not line[end].isspace()
    ):  # "했다.그러나": a space forgotten; never "1.5", "U.S.A" or 했다."고
        return line[mark] == "." and end == stop and bool(_KOREAN_END.search(before)) and "가" <= line[end] <= "힣"
    following = _FIRST.match(line, end)
    if following is None:
        return True
    if following.group(1).islower() or (end > stop and _STILL_SAID.match(line, end)):
        return False
    return _is_sentence_mark(line, end, before)


def _is_sentence_mark(line: str, end: int, before: str) -> bool:
    """Return whether a full stop ends a sentence and not only an abbreviation or a number in a list."""
    if not before.isascii() and not before[-3:].isascii():
        return True
    if _NUMBERED.search(before) or _NEVER_LAST.search(before):
        return False
    return not _SELDOM_LAST.search(before) or bool(_OPENS_SENTENCE.match(line, end))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
