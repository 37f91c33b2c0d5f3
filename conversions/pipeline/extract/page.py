"""A page to an article: decode, parse, prune, read, merge, judge."""

from __future__ import annotations

import re
from typing import Final

from lxml.html import HtmlElement

from conversions.enums import Verdict
from conversions.pipeline.extract import dom, embedded, metadata, prune
from conversions.pipeline.extract.blocks import block_lines
from conversions.pipeline.extract.body import find_body
from conversions.pipeline.extract.boilerplate import Surroundings
from conversions.pipeline.extract.charset import decode
from conversions.pipeline.extract.declared import read_declared
from conversions.pipeline.extract.language import detect_language
from conversions.pipeline.extract.lines import key
from conversions.pipeline.extract.pasted import EmptyText, TextTooLong, from_text
from conversions.pipeline.extract.verdict import Evidence, is_free, judge
from conversions.pipeline.types import Article, Page

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|article|div|p|h1|meta|title|span|br)\b", re.IGNORECASE)
_OTHER_TYPES: Final = re.compile(
    r"^(?:image|audio|video|font)/|pdf|zip|octet-stream|json|rss|atom|msword|officedocument", re.IGNORECASE
)
_BINARY = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_SNIFF: Final = 65_536


def read_page(page: Page) -> Article:
    """Return what ``extract`` returns.

    :raises conversions.pipeline.extract.TooComplex: if the page has too many elements.
    """
    text = decode(content=page.content, content_type=page.content_type)
    foreign = _OTHER_TYPES.search(page.content_type or "") and not text.lstrip().startswith("<")
    if foreign or _is_binary(text[:_SNIFF]):
        return _nothing(page, "The document is not a web page or text.")
    if not _MARKUP.search(text[:_SNIFF]):
        return _plain(page, text)
    tree = dom.parse(text)
    if tree is None:
        return _nothing(page, "There is nothing in the document.")
    return _read(page, text, tree)


def _read(page: Page, html: str, tree: HtmlElement) -> Article:
    declared = read_declared(tree)
    scripts = embedded.read_scripts(tree)
    dom.drop_invisible(tree)
    dom.narrow(tree)
    lines = [line for line in block_lines(tree) if line]
    titles = metadata.page_titles(declared, url=page.url)
    title = metadata.find_title(declared, url=page.url)
    links = prune.link_keys(tree)
    prune.prune(tree, titles=titles)
    dom.wrap_loose_text(tree)
    dom.unfold_layout(tree)
    stories = embedded.Stories(scripts, title=title)
    names = metadata.declared_authors(declared, url=page.url)
    around = Surroundings(titles=titles, links=frozenset(links), authors=frozenset(map(key, names)))
    body = find_body(tree, declared=declared, around=around, stories=stories, free=is_free(declared))
    language = detect_language("\n".join(body) or title, declared=declared.html_lang or declared.meta("og:locale"))
    view = metadata.View(
        declared=declared, tree=tree, lines=lines, body=body, url=page.url, language=language, stories=stories
    )
    verdict, reason = judge(Evidence(declared=declared, lines=lines, body=body, title=title, html=html, url=page.url))
    return Article(
        url=page.url,
        canonical_url=metadata.find_canonical(declared, url=page.url),
        title=title,
        text="\n".join(body),
        authors=names or metadata.find_authors(view),
        published_at=metadata.find_published(view),
        language=language,
        image=metadata.find_image(declared, url=page.url),
        site=metadata.find_site(declared, url=page.url),
        verdict=verdict,
        reason=reason,
    )


def _plain(page: Page, text: str) -> Article:
    try:
        return from_text(text=text, url=page.url)
    except (EmptyText, TextTooLong) as failure:
        return _nothing(page, failure.detail)


def _is_binary(start: str) -> bool:
    """Return whether a document is no text at all: one character in fifty is a control or belongs to no charset."""
    return sum(1 for _ in _BINARY.finditer(start)) > len(start) / 50


def _nothing(page: Page, reason: str) -> Article:
    return Article(url=page.url, canonical_url=page.url, verdict=Verdict.NOT_AN_ARTICLE, reason=reason)
