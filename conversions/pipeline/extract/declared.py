"""What a page says about itself to machines: JSON-LD, meta tags, microdata and its headings."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # who reads pasted texts needs what a page declares, but no page
    from lxml.html import HtmlElement

Node = dict[str, Any]

_ARTICLE_TYPES: Final = re.compile(r"(?:Article|BlogPosting|Report|SocialMediaPosting)$")
_MAX_NODES: Final = 2_000
"""Nodes of one page's JSON-LD that are looked at; real pages stay below a hundred."""
_MAX_HEADINGS: Final = 20
_LISTED: Final = 2
"""Articles in a page's JSON-LD beyond which they are a list, unless one is known to be the page's own."""
_META_KEYS: Final = ("property", "name", "itemprop")
_MICRODATA: Final = "//*[@itemprop='headline' or @itemprop='datePublished' or @itemprop='dateCreated']"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The machine-readable half of a page, read before anything is taken out of its tree."""

    article: Node = field(default_factory=dict)
    """The JSON-LD node of the article, or an empty one."""
    types: frozenset[str] = frozenset()
    """Every JSON-LD type on the page."""
    metas: dict[str, list[str]] = field(default_factory=dict)
    """Contents of meta tags and dated or named microdata, by lower-case property, name or itemprop."""
    headings: tuple[str, ...] = ()
    """The texts of the ``h1`` elements."""
    title_tag: str = ""
    canonical: str = ""
    html_lang: str = ""

    def meta(self, *names: str) -> str:
        """Return the first content that is not empty among the named meta tags."""
        return next((value for name in names for value in self.metas.get(name, ()) if value), "")


def read_declared(tree: HtmlElement) -> Declared:
    """Return what the page declares about itself."""
    nodes = list(_nodes(tree))
    metas = _metas(tree)
    title = next((squeeze(el.text_content()) for el in tree.iter("title")), "")
    canonical = next(iter(tree.xpath("//link[@rel='canonical']/@href")), "")
    return Declared(
        article=_main_node(
            nodes, title=metas.get("og:title", [title])[0], addresses={canonical, *metas.get("og:url", ())} - {""}
        ),
        types=frozenset(name for node in nodes for name in _types(node)),
        metas=metas,
        headings=tuple(
            text for el in islice(tree.iter("h1"), _MAX_HEADINGS) if (text := squeeze(el.text_content())[:500])
        ),
        title_tag=title,
        canonical=canonical,
        html_lang=(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip(),
    )


def squeeze(text: str) -> str:
    """Return the text on one line, entities that were escaped twice resolved."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return " ".join(text.split())


def texts(value: object) -> list[str]:
    """Return the strings in a JSON-LD value: one, several, or the names of things."""
    if isinstance(value, str):
        return [squeeze(value)] if value.strip() else []
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    if isinstance(value, dict):
        return texts(value.get("name") or value.get("@value") or value.get("url"))
    return []


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        if not content:
            continue
        for key in _META_KEYS:
            if name := element.get(key):
                metas.setdefault(name.strip().lower(), []).append(squeeze(content))
    for element in tree.xpath(_MICRODATA):
        value = element.get("datetime") or element.get("content") or element.text_content()
        if element.tag != "meta" and value.strip():
            metas.setdefault(element.get("itemprop").lower(), []).append(squeeze(value)[:300])
    return metas


def _nodes(tree: HtmlElement) -> Iterator[Node]:
    left = _MAX_NODES
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for node in _walk(_loads(script.text or "")):
            left -= 1
            if left < 0:
                return
            yield node


def _loads(text: str) -> object:
    """Return the JSON in a script, forgiving what publishers do to it: CDATA, raw newlines, commas before a bracket."""
    text = re.sub(
        r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*.{0,80}?\*/|<!\[CDATA\[)|(?:-->|(?://\s{0,9})?\]\]>)$",
        "",
        text.strip().rstrip(";"),
    )
    for candidate in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            return json.loads(candidate.strip(), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: object, depth: int = 0) -> Iterator[Node]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        if depth < 6:
            for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "liveBlogUpdate"):
                if isinstance(value.get(key), (list, dict)):
                    yield from _walk(value[key], depth + 1)


def _types(node: Node) -> list[str]:
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return [name.rsplit("/", 1)[-1] for name in names if isinstance(name, str)]


def _main_node(nodes: list[Node], *, title: str, addresses: set[str]) -> Node:
    """Return the article's own node, or an empty one: lists of other stories are JSON-LD articles too."""
    articles = [node for node in nodes if any(_ARTICLE_TYPES.search(name) for name in _types(node))]
    if not articles:
        return {}
    wanted = _key(title)

    def is_ours(node: Node) -> bool:
        headline = _key(" ".join(texts(node.get("headline") or node.get("name"))[:1]))
        if headline and wanted and (headline in wanted or wanted in headline):
            return True
        page = node.get("mainEntityOfPage")
        stated = (node.get("url"), node.get("@id"), page.get("@id") if isinstance(page, dict) else page)
        return any(isinstance(each, str) and each in addresses for each in stated)

    def facts(node: Node) -> int:
        return sum(1 for field in ("author", "datePublished", "articleBody", "headline") if node.get(field))

    ours = [node for node in articles if is_ours(node)]
    if not ours and len(articles) > _LISTED:
        return {}
    return max(ours or articles, key=facts)


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()
