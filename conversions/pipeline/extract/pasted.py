"""Pasted or plain text to an article."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from conversions.pipeline.extract import authors
from conversions.pipeline.extract.boilerplate import Surroundings, story_lines
from conversions.pipeline.extract.language import detect_language
from conversions.pipeline.extract.lines import clean_line, clean_text, ends_sentence, key
from conversions.pipeline.extract.verdict import judge_length
from conversions.pipeline.types import Article
from newsforge.lib.errors import Fault, PermanentError

MAX_TEXT: Final = 200_000
"""Characters a person may paste: a book's worth, and still a second's work."""
_TITLE_LIMIT: Final = 120


class EmptyText(PermanentError):
    """There is nothing in the text."""

    code = "empty-text"
    status_code = 400
    title = "The text is empty"
    sentence = "There is no text to write about. Paste the article's text, or give its address."
    fault = Fault.REQUEST


class TextTooLong(PermanentError):
    """The text is longer than anybody's article."""

    code = "text-too-long"
    status_code = 413
    title = "The text is too long"
    sentence = (
        "The text has %(length)s characters; at most %(limit)s are read. Paste the part the posts should be about."
    )
    fault = Fault.REQUEST


def from_text(*, text: str, url: str | None = None, title: str = "") -> Article:
    """Return the article in a pasted text; a first line that looks like a headline becomes its title.

    ``url`` is the address the person names as its source; it is not fetched. The verdict is ``ok`` or ``too_short``.

    :raises EmptyText: if there is no letter or digit in it.
    :raises TextTooLong: if it has more than 200,000 characters.
    """
    if len(text) > MAX_TEXT:
        raise TextTooLong(length=len(text), limit=MAX_TEXT)
    lines = clean_text(text).split("\n")
    if not key("".join(lines)):
        raise EmptyText
    headline = clean_line(title) or _headline(lines)
    body = story_lines(lines, around=Surroundings(titles=frozenset({key(headline)} if headline else ())))
    verdict, reason = judge_length(len("\n".join(body)))
    return Article(
        url=url,
        canonical_url=url,
        title=headline,
        text="\n".join(body),
        authors=authors.signed_authors(lines=lines, body=body, publishers=()),
        language=detect_language("\n".join(lines)),
        site=(urlsplit(url).hostname or "").removeprefix("www.") if url else "",
        verdict=verdict,
        reason=reason,
    )


def _headline(lines: list[str]) -> str:
    """Return the first line when it stands above the text as a headline does: short, and no sentence."""
    first = lines[0]
    if len(lines) < 2 or len(first) > _TITLE_LIMIT or re.match(r"[-*•▶▷■]", first):
        return ""
    speaks = ends_sentence(first) and first.rstrip("\"'”’)")[-1:] == "."
    return "" if speaks else first
