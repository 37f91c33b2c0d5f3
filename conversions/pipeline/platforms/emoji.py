"""Where the emoji stand in a text; a sequence that shows as one picture is one emoji."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import regex

JOINER = "\u200d"
TONES = "\U0001f3fb-\U0001f3ff"

_COMPONENT = (
    rf"(?:\p{{Emoji_Modifier_Base}}[{TONES}]|[\p{{Emoji}}--[0-9#*\p{{RI}}]](?:(?<!\p{{Emoji_Presentation}})\ufe0f)?)"
)
_TAGGED = "\U0001f3f4[\U000e0061-\U000e007a]{5}\U000e007f"
_EMOJI = regex.compile(
    rf"{_TAGGED}|[0-9#*]\ufe0f?\u20e3|\p{{RI}}{{2}}|\p{{RI}}|{_COMPONENT}(?:{JOINER}{_COMPONENT})*", regex.V1
)
_PLAIN = regex.compile(rf"[\ufe0f{TONES}]")
_TONE = regex.compile(f"[{TONES}]")
_CHILDREN = "\U0001f466\U0001f467"
_HANDSHAKE = "\U0001f91d"
_ANY = regex.compile(r"[\p{Extended_Pictographic}\p{RI}\u20e3]")


def _load() -> tuple[frozenset[str], frozenset[str]]:
    """Return the joined sequences and the flags of the data file beside this module."""
    lines = (Path(__file__).parent / "emoji.txt").read_text(encoding="utf-8").splitlines()
    at = lines.index("[flags]")
    joined = frozenset(" ".join(lines[lines.index("[zwj]") + 1 : at]).split())
    flags = frozenset(
        "".join(chr(ord(letter) + 0x1F1A5) for letter in code) for code in " ".join(lines[at + 1 :]).split()
    )
    return joined, flags


_JOINED, _FLAGS = _load()


def emoji_spans(text: str) -> Iterator[tuple[int, int]]:
    """Return (start, end) of every emoji in the text, in code points, in order.

    A joined sequence outside Unicode 12.0 comes back as its parts, as X counts it (never less than the truth).
    """
    if not _ANY.search(text) and text.isascii():
        return
    for match in _EMOJI.finditer(text):
        yield from _parts(match.group(), match.start())


def _parts(sequence: str, start: int) -> Iterator[tuple[int, int]]:
    """Return the spans of one run of joined components."""
    if regex.match(r"\p{RI}", sequence):
        if sequence in _FLAGS:
            yield start, start + 2
        return
    components, at = sequence.split(JOINER), 0
    while at < len(components):
        left = min(len(components) - at, 4)
        size = next((n for n in range(left, 1, -1) if _is_one(components[at : at + n])), 1)
        end = start + len(JOINER.join(components[at : at + size]))
        yield start, end
        start, at = end + 1, at + size


def _is_one(components: list[str]) -> bool:
    """Return whether joined components are one emoji: listed, and with skin tones only where there are some."""
    plain = [_PLAIN.sub("", component) for component in components]
    if JOINER.join(plain) not in _JOINED:
        return False
    toned = [bool(_TONE.search(component)) for component in components]
    if not any(toned):
        return True
    if len(plain) == 2:
        return toned == [True, False] and plain[1] not in _CHILDREN
    return plain[1] == _HANDSHAKE and toned == [True, False, True]
