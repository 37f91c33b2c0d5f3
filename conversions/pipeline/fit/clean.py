"""A model's answer without what no reader should see: mark-up, hidden characters, foreign links, surplus emoji."""

from __future__ import annotations

import html
import unicodedata
from itertools import count

import regex

from conversions.pipeline.platforms import spans_of_links

MOST_EMOJI = 2
"""The house cap: newsrooms ask for few."""

_FLAG_OR_TAG = regex.compile(r"(\U0001f3f4[\U000e0061-\U000e007a]{5}\U000e007f)|[\U000e0000-\U000e007f]")
_HIDDEN = regex.compile(
    r"[\p{Cc}--\n]|[\p{Cs}\p{Co}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    r"\uffa0\ufff0-\uffff]|[\ufe00-\ufe0e]|\ufe0f(?<![\p{Emoji}]\ufe0f)",
    regex.V1,
)
_JOINERS = regex.compile(
    r"\u200d(?!\p{Extended_Pictographic})(?<![\p{Arabic}\p{Indic_Syllabic_Category=Virama}]\u200d)"
    r"|\u200d(?<=[\p{Latin}\p{Hangul}\s\p{Nd}]\u200d)|\u200c(?<![\p{Arabic}\p{Indic_Syllabic_Category=Virama}]\u200c)"
)
_SPACES = regex.compile(r"[^\S\n]+")
_LINE_SPACE = regex.compile(r" *\n *")
_BLANK_LINES = regex.compile(r"\n{3,}")
_MARKUP = (
    (regex.compile(r"^ {0,3}(?:```|~~~)[^\n]*$", regex.M), ""),
    (regex.compile(r"!\[[^\]\n]{0,300}\]\([^)\s]*\)"), ""),
    (regex.compile(r"\[([^\]\n]{1,300})\]\((?:https?://|www\.|/|#|mailto:)[^)\s]*\)"), r"\1"),
    (regex.compile(r"^ {0,3}#{1,6} +", regex.M), ""),
    (regex.compile(r"^ {0,3}(?:> ?)+", regex.M), ""),
    (regex.compile(r"^ {0,3}(?:[-*_] ?){3,}$", regex.M), ""),
    (regex.compile(r"^( {0,3})[*+] +", regex.M), "• "),
    (regex.compile(r"(\*\*\*|\*\*|__|~~)(?=\S)([^\n]{1,500}?)(?<=\S)\1"), r"\2"),
    (regex.compile(r"(?<![A-Za-z0-9*])\*(?=[^\s*])([^*\n]{1,500}?)(?<=[^\s*])\*(?![A-Za-z0-9*])"), r"\1"),
    (regex.compile(r"(?<![\p{Latin}\p{N}_])_(?=[^\s_])([^_\n]{1,500}?)(?<=[^\s_])_(?![\p{Latin}\p{N}_])"), r"\1"),
    (regex.compile(r"`{1,3}([^`\n]{1,500})`{1,3}"), r"\1"),
    (regex.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6])>", regex.I), "\n"),
    (
        regex.compile(
            r"</?(?:p|div|span|b|i|u|em|strong|a|ul|ol|li|h[1-6]|blockquote|code|pre|hr)(?:\s[^<>\n]{0,300})?/?>",
            regex.I,
        ),
        "",
    ),
    (regex.compile(r"\\([*_`#~\[\]()>!])"), r"\1"),
)
_ESCAPED_LINE = regex.compile(r"(?:\\r)?\\n")
_LEAD_IN = regex.compile(
    r"(?:\b(?:read (?:more|the full (?:story|article))|full (?:story|article)|more|learn more|link|source|details"
    r"|자세한 내용은?|자세히 보기|전체 기사|기사 (?:보기|전문|링크|원문)|원문|링크|출처|더 보기)"
    r"\s*(?:here|at|에서)?\s*[:：]?\s*)?"
    r"(?:[👉➡🔗▶→👇]\ufe0f?\s*)*[(\[<]?$",
    regex.I,
)
_EMPTY_PAIR = regex.compile(r"\(\s*\)|\[\s*\]|<\s*>")
_PAIRS = {"(": ")", "[": "]", "<": ">"}
_URGENT_WORD = r"(속보|긴급|단독|breaking(?: news)?|just in|exclusive|urgent)"
_URGENT = regex.compile(
    r"^\s*(?:[🚨⚡📢❗‼]\ufe0f?\s*)*"
    rf"(?:[\[【(<]\s*{_URGENT_WORD}\s*[\]】)>]\s*[:：\-–—|]?|{_URGENT_WORD}\s*(?:[:：\-–—|]|!+)+)\s*",
    regex.I | regex.M,
)
_EMOJI = regex.compile(r"(?=[\p{Emoji_Presentation}\p{RI}]|\p{Extended_Pictographic}\ufe0f|[0-9#*]\ufe0f?\u20e3)\X")


def clean(*, text: str, article_words: str) -> str:
    """Return the text as a person would have typed it; ``article_words`` is the article's title and text.

    Links go altogether, because the pipeline adds the source itself, exactly; a bare domain stays where the article
    names it. "속보:" and "Breaking:" go unless the article says so.
    """
    text = visible(_without_markup(visible(text)))
    text = _without_urgency(_without_links(text, article_words), article_words)
    return tidy(capped_emoji(text=text, most=MOST_EMOJI))


def visible(text: str) -> str:
    """Return the text in NFC without control, zero-width and direction characters; emoji keep their joiners."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    text = _FLAG_OR_TAG.sub(r"\1", text.replace("\u2028", "\n").replace("\u2029", "\n"))
    return str(_JOINERS.sub("", _HIDDEN.sub("", text)))


def tidy(text: str) -> str:
    """Return the text with single spaces, no spaces at the ends of lines, and one empty line at most."""
    return str(_BLANK_LINES.sub("\n\n", _LINE_SPACE.sub("\n", _SPACES.sub(" ", text)))).strip()


def capped_emoji(*, text: str, most: int) -> str:
    """Return the text with its first ``most`` emoji only."""
    numbers = count(1)
    return str(_EMOJI.sub(lambda match: match.group() if next(numbers) <= most else "", text))


def emoji_in(text: str) -> list[str]:
    """Return the emoji a reader sees in colour."""
    return [str(match.group()) for match in _EMOJI.finditer(text)]


def _without_markup(text: str) -> str:
    if "\n" not in text:
        text = _ESCAPED_LINE.sub("\n", text)
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return html.unescape(text)


def _without_links(text: str, article_words: str) -> str:
    for start, stop in reversed(spans_of_links(text)):
        end, link = stop, text[start:stop]
        if "/" not in link and link in article_words:
            continue
        lead_in = _LEAD_IN.search(text, max(0, start - 60), start)
        begin = lead_in.start() if lead_in else start
        before = text[:begin]
        if text[start - 1 : start] in _PAIRS and text[end : end + 1] == _PAIRS[text[start - 1]]:
            end, before = end + 1, before.rstrip(" ")
        text = before + text[end:]
    return str(_EMPTY_PAIR.sub("", text))


def _without_urgency(text: str, article_words: str) -> str:
    said = article_words.lower()
    return str(_URGENT.sub(lambda at: at.group() if (at.group(1) or at.group(2)).lower() in said else "", text))
