"""One line in, one line out: what ``manage.py extract --jsonl`` reads and answers.

Plain Python, so that it runs in a process of its own without Django or a database.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversions.pipeline.extract import extract
from conversions.pipeline.fetch import fetch
from conversions.pipeline.types import Article, Page
from newsforge.lib.errors import Fault, NewsforgeError, PermanentError
from newsforge.lib.http import HttpPolicy
from newsforge.lib.http.errors import TooLarge


class BadLine(PermanentError):
    """Say that a line is not what the command reads."""

    code = "bad-line"
    status_code = 400
    title = "Not a line of the expected form"
    sentence = 'A line is a JSON object with "path" or "url": %(problem)s.'
    fault = Fault.REQUEST


class UnreadableFile(PermanentError):
    """Say that a file cannot be read."""

    code = "unreadable-file"
    status_code = 400
    title = "The file cannot be read"
    sentence = "%(path)s cannot be read: %(problem)s. Check the path and the file."
    fault = Fault.REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it came, and the rules for fetching what it names."""

    text: bytes
    policy: HttpPolicy


def answer_line(line: Line) -> dict[str, Any]:
    """Return the answer to one line: the article's fields, with ``file`` as it came.

    :raises NewsforgeError: if the line, its file or its address cannot be read.
    """
    asked = parse_line(line.text)
    page = _page_at_path(asked) if asked.get("path") else fetch(url=asked["url"], policy=line.policy)
    return {"file": asked.get("file")} | article_fields(extract(page=page))


def file_of(text: bytes) -> object:
    """Return the ``file`` of a line that may be no JSON at all."""
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return asked.get("file") if isinstance(asked, dict) else None


def failure_fields(failure: NewsforgeError) -> dict[str, str]:
    """Return how a failure is told in a line."""
    return {"error": str(failure.code), "reason": failure.detail}


def parse_line(text: bytes) -> dict[str, Any]:
    """Return the object in a line.

    :raises BadLine: if it is none, or names neither a file nor an address, or anything but text.
    """
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        raise BadLine(problem="this is not JSON") from None
    if not isinstance(asked, dict):
        raise BadLine(problem="this is no object")
    for name in ("path", "url", "content_type"):
        if asked.get(name) is not None and not isinstance(asked[name], str):
            raise BadLine(problem=f'"{name}" is not text')
    if not asked.get("path") and not asked.get("url"):
        raise BadLine(problem="both are missing")
    return asked


def _page_at_path(asked: dict[str, Any]) -> Page:
    path, limit = Path(asked["path"]), HttpPolicy().max_bytes
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(limit + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        problem = getattr(error, "strerror", None) or "it is not what its name says"
        raise UnreadableFile(path=asked["path"], problem=problem) from None
    if len(content) > limit:
        raise TooLarge(megabytes=limit // 1_000_000)
    return Page(url=asked.get("url") or None, content=content, content_type=asked.get("content_type"))


def article_fields(article: Article) -> dict[str, Any]:
    """Return an article as it is told in a line."""
    return {
        "title": article.title,
        "text": article.text,
        "authors": list(article.authors),
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "language": article.language,
        "image": article.image,
        "site": article.site,
        "canonical_url": article.canonical_url,
        "verdict": article.verdict.value,
        "reason": article.reason,
    }
