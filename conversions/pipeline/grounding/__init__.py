"""Post × Article → Findings: every number, quotation, name and claim of a post is looked up in the article.

Nothing here asks a model, so the same post and article give the same findings, in milliseconds. A finding is not a
verdict: it points a person to the words to check.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from conversions.pipeline.fit import LABELS
from conversions.pipeline.fit.tags import split_tail
from conversions.pipeline.grounding.allegations import check_allegations
from conversions.pipeline.grounding.claims import check_claims
from conversions.pipeline.grounding.house import check_house
from conversions.pipeline.grounding.leaks import check_leaks
from conversions.pipeline.grounding.names import check_names
from conversions.pipeline.grounding.numbers import check_numbers
from conversions.pipeline.grounding.quotes import check_quotes
from conversions.pipeline.platforms import spans_of_links
from conversions.pipeline.types import Article, Finding, Post

MOST_FINDINGS = 30
"""Whoever gets more than this rewrites the post anyway."""

_CHECKS = (check_numbers, check_quotes, check_names, check_allegations, check_claims)


def ground(*, post: Post, article: Article) -> tuple[Finding, ...]:
    """Return what a person should look at before posting, each once, instructions first.

    A post in another language than the article's is checked for numbers, known places and days, and allegations; its
    other names and its words cannot be looked up.
    """
    article = _normal(article)
    body = "\n".join(part for part in (post.title, own_words(post.text)) if part)
    found = dict.fromkeys(_all(post, body, article))
    return tuple(found)[:MOST_FINDINGS]


def own_words(text: str) -> str:
    """Return a post's text without its links, the row of hashtags at its end, and the AI label."""
    text = unicodedata.normalize("NFC", text)
    for label in LABELS.values():
        text = text.removesuffix(label).rstrip()
    for start, end in reversed(spans_of_links(text)):
        if "/" in text[start:end]:
            text = text[:start] + text[end:]
    return split_tail(text)[0].strip()


def _all(post: Post, body: str, article: Article) -> Iterator[Finding]:
    yield from check_leaks(text="\n".join(part for part in (post.title, post.text) if part), article=article)
    for check in _CHECKS:
        yield from check(text=body, article=article)
    yield from check_house(post=post, body=body, article=article)


def _normal(article: Article) -> Article:
    """Return the article in NFC, as every post is."""
    if unicodedata.is_normalized("NFC", article.text) and unicodedata.is_normalized("NFC", article.title):
        return article
    return Article(
        url=article.url,
        canonical_url=article.canonical_url,
        title=unicodedata.normalize("NFC", article.title),
        text=unicodedata.normalize("NFC", article.text),
        authors=article.authors,
        published_at=article.published_at,
        language=article.language,
        site=article.site,
        verdict=article.verdict,
    )
