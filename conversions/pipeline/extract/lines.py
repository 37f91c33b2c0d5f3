"""Text to clean lines: what a reader sees, in NFC, one paragraph a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


def vocabulary(text: str) -> list[str]:
    """Return the words of a list that is written as one text, to be read at a glance."""
    return text.split()


_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"  # controls
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d"
    "\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters with no shape of their own: soft hyphen, zero-width, bidirectional control, Hangul filler, variation
selectors and Unicode tags. Words can be smuggled in them past a person's eye (https://www.unicode.org/reports/tr36/)."""
_JOINERS = re.compile("(?<![\u0600-\u109f\u1780-\u18af\ufe0f\u2190-\u2bff\U0001f000-\U0001faff])[\u200c\u200d]")
"""Joiners outside emoji and the scripts that are written with them (Arabic to Myanmar, Khmer, Mongolian)."""
_SPACES = re.compile("[^\\S\n]+")

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")
_ENDING = re.compile(r"[.!?。！？…]['\"’”»)\]」』]*$")


def clean_text(text: str) -> str:
    """Return the text in NFC without invisible characters, its lines stripped and none of them empty."""
    text = _UNSEEN.sub(
        "", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    )
    text = _SPACES.sub(" ", _JOINERS.sub("", unicodedata.normalize("NFC", text)))
    return "\n".join(line for line in (raw.strip() for raw in text.split("\n")) if line)


def clean_line(text: str) -> str:
    """Return the text as ``clean_text`` does, on one line."""
    return clean_text(text).replace("\n", " ")


def key(text: str) -> str:
    """Return the letters and digits alone, so that two settings of the same words compare equal."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def sentence_keys(line: str) -> set[str]:
    """Return the keys of a line's sentences, so that the same words compare equal whatever their line breaks."""
    return {part for raw in _SENTENCE_END.split(line) if (part := key(raw))}


def ends_sentence(line: str) -> bool:
    """Return whether a line ends as a sentence does."""
    return bool(_ENDING.search(line[-8:]))


def prose_length(lines: Iterable[str]) -> int:
    """Return the characters in lines that are sentences or long; headlines, menus and link lists have none."""
    return sum(len(line) for line in lines if len(line) >= 120 or (len(line) >= 20 and ends_sentence(line)))


def length(lines: Iterable[str]) -> int:
    """Return the number of characters in the lines, the newlines between them not counted."""
    return sum(map(len, lines))
