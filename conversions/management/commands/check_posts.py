"""Check finished posts on the command line, without database or broker."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from conversions.enums import Language, Platform, Provider
from conversions.management.jsonl import failure_fields
from conversions.pipeline.extract.language import detect_language
from conversions.pipeline.grounding import ground
from conversions.pipeline.platforms import check, count, fits, limit_of
from conversions.pipeline.types import Article, Post
from newsforge.lib.errors import Fault, PermanentError

LONGEST = 200_000
"""Characters of a post or an article, as for a pasted text."""


class BadPost(PermanentError):
    """Say that a line is not what the command reads."""

    code = "bad-line"
    status_code = 400
    title = "Not a line of the expected form"
    sentence = 'A line is a JSON object with "id", "post" and "platform": %(problem)s.'
    fault = Fault.REQUEST


class UnsupportedPlatform(BadPost):
    """Say that the platform is none we know."""

    code = "unsupported-platform"
    title = "Unsupported platform"
    sentence = "The platform is not supported. Choose one of: %(known)s."


class Command(BaseCommand):
    help = (
        'Check posts. Standard input: a JSON object a line with "id", "post", "platform" and, to check its facts, '
        '"article" (its text, title first) and "language". Standard output: one a line, in the same order, with '
        '"length", "limit", "fits" and "problems", or an "error" code.'
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--jsonl", action="store_true", required=True, help="lines of JSON in, lines of JSON out")

    def handle(self, **_options: Any) -> None:
        for line in sys.stdin.buffer:
            if line.strip():
                told = json.dumps(answer(line), ensure_ascii=False)
                self.stdout.write(told.encode(errors="backslashreplace").decode())  # half a character stays \ud800
                self.stdout.flush()


def answer(line: bytes) -> dict[str, Any]:
    """Return what is told of one line: the post's measures and problems, or why the line cannot be read."""
    asked: dict[str, Any] = {}
    try:
        asked = _parse(line)
        return {"id": asked.get("id")} | _checked(asked)
    except BadPost as failure:
        return {"id": failure.params.get("id", asked.get("id"))} | failure_fields(failure)


def _parse(line: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        raise BadPost(problem="this is not JSON") from None
    if not isinstance(asked, dict):
        raise BadPost(problem="this is no object")
    wrong = [name for name in ("post", "platform") if not isinstance(asked.get(name), str)]
    wrong += [name for name in ("article", "language", "title", "url") if not isinstance(asked.get(name) or "", str)]
    if wrong:
        raise BadPost(problem=f'"{wrong[0]}" is missing or not text', id=asked.get("id"))
    if asked["platform"] not in set(Platform):
        raise UnsupportedPlatform(id=asked.get("id"), known=", ".join(Platform))
    if max(len(asked["post"]), len(asked.get("article") or "")) > LONGEST:
        raise BadPost(problem=f"a text is over {LONGEST:,} characters", id=asked.get("id"))
    return asked


def _checked(asked: dict[str, Any]) -> dict[str, Any]:
    platform, text, title = Platform(asked["platform"]), asked["post"], asked.get("title") or ""
    limit = limit_of(platform=platform, limit=settings.PLATFORM_LIMITS.get(platform))
    length = count(platform=platform, text=text)
    problems = [asdict(each) for each in check(platform=platform, text=text, title=title, limit=limit)]
    if asked.get("article"):
        heading, _, _ = asked["article"].strip().partition("\n")
        article = Article(
            url=asked.get("url") or None,
            title=heading,
            text=asked["article"],
            language=detect_language(text=asked["article"]),
        )
        post = Post(
            text=text,
            title=title,
            platform=platform,
            language=_language(asked, article),
            length=length,
            limit=limit,
            provider=Provider.EXTRACTIVE,
        )
        problems += [asdict(each) for each in ground(post=post, article=article)]
    return {
        "length": length,
        "limit": limit,
        "fits": fits(platform=platform, text=text, limit=limit),
        "problems": problems,
    }


def _language(asked: dict[str, Any], article: Article) -> str:
    """Return the language the post should be in; "source", or none, means the article's own."""
    wanted = asked.get("language") or Language.SOURCE
    return article.language or "" if wanted == Language.SOURCE else wanted
