"""What a stranger sees of the product: the bundled article and its posts, written and counted for this page."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from conversions.enums import Platform, Status
from conversions.models import Conversion
from conversions.pipeline import convert
from conversions.pipeline.providers.extractive import ExtractiveWriter
from conversions.pipeline.types import Article, Brief, Page
from conversions.tools import countdown, fetch_page
from conversions.web.cards import Card

SHOWN = (Platform.X, Platform.KAKAO, Platform.INSTAGRAM, Platform.LINKEDIN)
SECONDS = 20.0
"""For all posts; they take a fraction of one."""


class Sample(NamedTuple):
    """An article and its posts."""

    article: Article
    opening: str
    """The article's first paragraph."""
    cards: tuple[Card, ...]


@cache
def sample(language: str) -> Sample:
    """Return the bundled article of a language with its posts; each process writes them once."""
    file = Path(settings.BASE_DIR) / f"newsforge/embedded/samples/{'ko' if language.startswith('ko') else 'en'}.html"
    article = convert.read(source=Page(url=None, content=file.read_bytes()), fetch=fetch_page)
    tools = convert.Tools(fetch=fetch_page, writers=(ExtractiveWriter(),), remaining=countdown(seconds=SECONDS))
    cards = tuple(_card(article, platform, tools) for platform in SHOWN)
    return Sample(article, article.text.partition("\n")[0], cards)


def _card(article: Article, platform: Platform, tools: convert.Tools) -> Card:
    brief = Brief(platform=platform, limit=settings.PLATFORM_LIMITS.get(platform), label=settings.AI_LABEL)
    outcome = convert.write(article=article, brief=brief, tools=tools)
    row = Conversion(
        target_platform=platform,
        status=Status.SUCCEEDED,
        title=outcome.post.title,
        content_generated=outcome.post.text,
        content_language=article.language or "",
        provider=outcome.post.provider,
        findings=[asdict(each) for each in outcome.findings],
    )
    return Card(conversion=row)
