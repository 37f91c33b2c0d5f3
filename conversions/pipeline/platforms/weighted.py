"""X's weighted length (twitter-text 3, config v3), in linear time.

The grammar of links is that of github.com/twitter/twitter-text (Apache-2.0). Its regular expressions backtrack: a
15,000-character Korean text without spaces costs them half a minute, and 200,000 would hold a worker for hours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from conversions.pipeline.platforms.emoji import emoji_spans

LINK_WEIGHT = 23
"""Any link, also a bare domain (twitter-text config v3, transformedURLLength)."""

_LIGHT = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_INVALID = re.compile("[\ufffe\ufeff\uffff]")
_DIRECTION = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_NOT_IN_LABEL = (
    r"!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
    "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufffe\ufeff\uffff" + _DIRECTION
)
_RUN = re.compile(rf"(?:[^{_NOT_IN_LABEL}]|[-_.])+")
_NO_LINK_AFTER = re.compile("[A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff]")
_ASCII_STEM = re.compile(r"[0-9A-Za-z@+\-]*")
_PUNYCODE = re.compile(r"xn--[\-0-9a-z]+", re.IGNORECASE)
_ACCENTED = (
    "\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    "\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_ASCII_LABELS = re.compile(rf"[-a-z0-9{_ACCENTED}][-a-z0-9{_ACCENTED}.]*", re.IGNORECASE)
_PATH_CHAR = rf"[a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_ACCENTED}]"
_PATH = re.compile(
    rf"/(?:{_PATH_CHAR}++|\((?!\)){_PATH_CHAR}*+(?:\({_PATH_CHAR}++\){_PATH_CHAR}*+)?\))*+", re.IGNORECASE
)
_PATH_END = re.compile(rf"[+\-a-z\u0400-\u04ff0-9=_#/{_ACCENTED})]", re.IGNORECASE)
_SCHEME = re.compile(r"https?://$", re.IGNORECASE)
_PORT = re.compile(r":[0-9]+")
_QUERY = re.compile(r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]", re.IGNORECASE)
_SHORT_LINK = re.compile(
    r"https?://t\.co/([a-z0-9]+)(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?", re.IGNORECASE
)
_MAX_URL = 4096
_MAX_SLUG = 40


def _load() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the top-level domains in ASCII, and the others longest first."""
    lines = (Path(__file__).parent / "tlds.txt").read_text(encoding="utf-8").splitlines()
    names = " ".join(line for line in lines if not line.startswith("#")).split()
    return (
        frozenset(name for name in names if name.isascii()),
        tuple(sorted((name for name in names if not name.isascii()), key=len, reverse=True)),
    )


_TLDS, _UNICODE_TLDS = _load()
_UNICODE_TLD = re.compile("|".join(map(re.escape, _UNICODE_TLDS)))


def weighted_length(text: str) -> int:
    """Return the length X counts: NFC, 1 or 2 a character, 2 an emoji sequence, 23 a link."""
    text = normalized(text)
    links = list(link_spans(text))
    total, at = LINK_WEIGHT * len(links), 0
    for start, end in [*links, (len(text), len(text))]:
        total += _weight(text[at:start])
        at = max(at, end)
    return total


def normalized(text: str) -> str:
    """Return the text as X stores it: NFC, line ends as one newline."""
    return re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", text))


def has_invalid_characters(text: str) -> bool:
    """Return whether X refuses the text for a character of it (U+FFFE, U+FEFF, U+FFFF)."""
    return _INVALID.search(text) is not None


def _weight(piece: str) -> int:
    """Return the weight of a text without links."""
    emoji = list(emoji_spans(piece))
    inside = "".join(piece[start:end] for start, end in emoji)
    light = len(piece) - len(_LIGHT.sub("", piece)) - (len(inside) - len(_LIGHT.sub("", inside)))
    heavy = len(piece) - len(inside) - light
    return light + 2 * heavy + 2 * len(emoji)


def link_spans(text: str) -> Iterator[tuple[int, int]]:
    """Return (start, end) of everything X makes a link of, in code points, in order."""
    consumed = 0
    for run in _RUN.finditer(text):
        if "." not in run.group():
            continue  # almost every word
        while consumed < run.end():
            start = max(consumed, run.start())
            domain = _domain(text, start, run.end(), consumed)
            if domain is None:
                break
            spans, consumed = _links(text, domain, consumed)
            yield from spans


def _domain(text: str, start: int, end: int, consumed: int) -> tuple[int, int] | None:
    """Return (start, end) of the first domain in ``text[start:end]``, a run of labels and dots, or None.

    It is the longest row of sound labels before a top-level domain. ``consumed`` is where the link before it ended.
    """
    labels, number = _offsets(text, start, end), 0
    while number < len(labels) - 1:
        at, stop = labels[number]
        reached = number + 1
        begin = next((q for q in _starts(text, at, stop) if _may_start(text, q, consumed)), None)
        if begin is not None and text[stop - 1] not in "-_":
            for first in (begin, text.rfind("_", begin, stop) + 1):
                tld_end, reached = _longest(text, labels, number, max(first, begin))
                if tld_end is not None:
                    return max(first, begin), tld_end
        number = reached
    return None


def _starts(text: str, at: int, stop: int) -> Iterator[int]:
    """Return where a domain may start in its first label; the first character of a text rather stands before it."""
    if at == 0 and stop > 1 and text[1] not in "-_" and not _NO_LINK_AFTER.match(text[0]):
        yield 1
    yield from (q for q in range(at, stop) if text[q] not in "-_")


def _longest(text: str, labels: list[tuple[int, int]], number: int, begin: int) -> tuple[int | None, int]:
    """Return the end of the longest domain that begins at ``begin`` in that label, or None, and the label reached."""
    best, name = None, text[begin : labels[number][1]]
    for reached in range(number + 1, len(labels)):
        at, stop = labels[reached]
        tld_end = _tld_end(text, at, stop)
        if tld_end is not None and "_" not in name:
            best = tld_end
        name = text[at:stop]
        if not name or name[0] in "-_" or name[-1] in "-_":
            return best, reached
    return best, len(labels)


def _tld_end(text: str, at: int, stop: int) -> int | None:
    """Return where the top-level domain ends that the label ``text[at:stop]`` begins with, or None."""
    match = _PUNYCODE.match(text, at, stop)
    if match:
        return match.end()
    stem = _ASCII_STEM.match(text, at)
    if stem and stem.group().lower() in _TLDS:
        return stem.end()
    native = _UNICODE_TLD.match(text, at, stop)
    if native and not _ASCII_STEM.match(text, native.end()).group():  # type: ignore[union-attr]  # matches always
        return native.end()
    return None


def _may_start(text: str, at: int, consumed: int) -> bool:
    """Return whether a link may begin here: at the start, or after a character that is not a word's or a tag's."""
    return at == 0 or ((at > consumed or consumed == 0) and not _NO_LINK_AFTER.match(text[at - 1]))


def _links(text: str, domain: tuple[int, int], consumed: int) -> tuple[list[tuple[int, int]], int]:
    """Return the links a domain makes with what stands around it, and where to go on."""
    start, tld_end = domain
    end = _tail_end(text, tld_end)
    scheme = _SCHEME.search(text[max(consumed, start - 8) : start])
    if scheme and _may_start(text, start - len(scheme.group()), consumed):
        return _with_scheme(text, start - len(scheme.group()), domain, end)
    if (start and text[start - 1] in "-_./") or not _is_encodable(text[start:tld_end], end - start + len("https://")):
        return [], end
    spans = list(_ascii_domains(text, start, tld_end))
    if spans and _has_path(text, tld_end):
        spans[-1] = (spans[-1][0], end)
    return spans, end


def _with_scheme(text: str, start: int, domain: tuple[int, int], end: int) -> tuple[list[tuple[int, int]], int]:
    """Return the link that begins with http:// or https://; X's own short links end where their name ends."""
    if not _is_encodable(text[slice(*domain)], end - start):
        return [], end
    short = _SHORT_LINK.match(text, start, end)
    if short is None:
        return [(start, end)], end
    return ([(start, short.end())], short.end()) if len(short.group(1)) <= _MAX_SLUG else ([], end)


def _tail_end(text: str, at: int) -> int:
    """Return where port, path and query end that follow a domain ending at ``at``."""
    port = _PORT.match(text, at)
    at = port.end() if port else at
    path = _PATH.match(text, at)
    if path:
        at = next((end for end in range(path.end(), at + 1, -1) if _PATH_END.match(text, end - 1)), at + 1)
    query = _QUERY.match(text, at)
    return query.end() if query else at


def _has_path(text: str, at: int) -> bool:
    """Return whether a path follows a domain that ends at ``at``."""
    port = _PORT.match(text, at)
    return text.startswith("/", port.end() if port else at)


def _is_encodable(domain: str, length: int) -> bool:
    """Return whether the domain can be written in Punycode and the whole link stays within X's 4096 characters."""
    if length > _MAX_URL:
        return False
    try:
        encoded = domain.encode("idna")
    except UnicodeError:
        return False
    return length + len(encoded) - len(domain) <= _MAX_URL


def _ascii_domains(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Return the parts of a bare domain that X makes links of: rows of ASCII labels before a top-level domain."""
    at = start
    while row := _ASCII_LABELS.search(text, at, end):
        labels = list(takewhile(lambda label: label[0] < label[1], _offsets(text, row.start(), row.end())))
        following = [label[1] + 1 for label in labels if label[1] + 1 <= row.end()]
        stop = max((_tld_end(text, each, end) or 0 for each in following), default=0)
        if stop:
            yield row.start(), stop
        at = stop or row.end()


def _offsets(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return (start, end) of every label in ``text[start:end]``."""
    labels = []
    for label in text[start:end].split("."):
        labels.append((start, start + len(label)))
        start += len(label) + 1
    return labels
