"""The pages the reading tests share: written by us, in tests/fixtures/articles."""

from __future__ import annotations

from pathlib import Path

from conversions.pipeline.extract import extract
from conversions.pipeline.types import Article, Page

FIXTURES = Path(__file__).parents[1] / "fixtures" / "articles"
URL = "https://news.example/articles/1"


def read_fixture(name: str) -> str:
    return (FIXTURES / f"{name}.html").read_text("utf-8")


def extract_fixture(name: str, *, url: str | None = URL) -> Article:
    return extract_html(read_fixture(name), url=url)


def extract_html(html: str, *, url: str | None = URL) -> Article:
    return extract(page=Page(url=url, content=html.encode(), content_type="text/html; charset=utf-8"))


def paragraphs(count: int) -> str:
    """English prose of about 90 characters a paragraph, no two alike."""
    return "".join(
        f"<p>The committee approved budget number {n} on Tuesday after a long debate about roads.</p>"
        for n in range(count)
    )
