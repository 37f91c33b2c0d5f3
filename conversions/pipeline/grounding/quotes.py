"""Whether what a post puts in quotation marks stands in the article, word for word."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from conversions.pipeline.types import Article, Finding
from newsforge.lib.sentences import stored

MISQUOTED = stored("These words do not stand in the article as quoted.")

MOST_QUOTATIONS = 100
"""Of a post."""

_QUOTED = regex.compile(
    r"“([^“”\n]{1,600})”|「([^「」\n]{1,600})」|『([^『』\n]{1,600})』|‘([^‘’\n]{1,600}+(?:’(?=\p{Latin})[^‘’\n]{1,600}+){0,8}+)’(?!\p{Latin})"
    r"|\"([^\"\n]{1,600})\"|(?<![\p{L}\p{N}])'([^'\n]{1,600}+(?:'(?=\p{Latin})[^'\n]{1,600}+){0,8}+)'(?!\p{Latin})"
)
_GAP = regex.compile(r"\s*(?:…|\.\.\.|\[[^\]]*\]|\([^)]*\))\s*")
_MARKS = regex.compile(r"[\"'“”‘’「」『』`´]")
_DASHES = regex.compile(r"\s*[‐-―−-]+\s*")
_UNSPACED = regex.compile(r"[\p{Hangul}\p{Han}\p{Hiragana}\p{Katakana}]")
_SPACES = regex.compile(r"\s+")
_ENDS = " ,.;:!?…"


def check_quotes(*, text: str, article: Article) -> Iterator[Finding]:
    """Return a finding for each quotation that is not in the article in these words and this order."""
    source = _plain(f"{article.title}\n{article.text}")
    compact = source.replace(" ", "")
    quotations = {match.group(): next(filter(None, match.groups())) for match in _QUOTED.finditer(text)}
    for excerpt, quoted in list(quotations.items())[:MOST_QUOTATIONS]:
        if not _stands_in(quoted, source, compact):
            yield Finding(kind="quote", excerpt=excerpt, message=MISQUOTED)


def _stands_in(quoted: str, source: str, compact: str) -> bool:
    """Return whether all parts of a quotation stand in the source in order; "…" and [brackets] may bridge gaps.

    White space may differ in Korean, Chinese and Japanese only: 띄어쓰기 is often mended in print, words are not.
    """
    at = 0
    for part in filter(None, (_plain(piece).strip(_ENDS) for piece in _GAP.split(quoted))):
        unspaced = _UNSPACED.search(part) is not None
        found = compact.find(part.replace(" ", ""), at) if unspaced else _find_words(source, part, at)
        if found < 0:
            return False
        at = found
    return True


def _find_words(source: str, part: str, at: int) -> int:
    match = regex.search(rf"(?<![\p{{L}}\p{{N}}]){regex.escape(part)}(?![\p{{L}}\p{{N}}])", source, pos=at)
    return int(match.start()) if match else -1


def _plain(text: str) -> str:
    """Return the text in one case, without quotation marks, with one kind of dash and single spaces."""
    return str(_SPACES.sub(" ", _DASHES.sub("-", _MARKS.sub("", text)))).casefold().strip()
