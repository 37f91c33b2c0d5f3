"""Tree to the tree of one article: other stories, captions and widgets out, before anything is scored."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from conversions.pipeline.extract.dom import remove
from conversions.pipeline.extract.lines import key, vocabulary

_HEADINGS: Final = ("h1", "h2", "h3")
_CARD_PARTS: Final = frozenset(vocabulary("p div h1 h2 h3 h4 h5 section li"))
_CARD_LIMIT: Final = 1_500
_CAPTION_LIMIT: Final = 400
"""A caption runs to some sentences; a longer text beside a picture is the article."""
_WIDGET_LIMIT: Final = 800
_WIDGET_TEXT: Final = 250
_LINKED: Final = 0.4
_CAPTION_PARTS: Final = 2
_SHARE: Final = 0.3
"""Nothing that holds more than this share of the page's text is taken for an accessory."""
_MIN_OTHER: Final = 200

_CAPTION_WORDS: Final = frozenset(
    vocabulary(
        "caption captions figcaption credit credits cutline photo photos picture image images img imgbox "
        "imgarea figure "
        "photobox aboutphoto imgdesc gallery slideshow thumbnail"
    )
)
_CAPTION_ITSELF: Final = frozenset(vocabulary("caption captions figcaption cutline imgdesc aboutphoto"))
_WIDGET_WORDS: Final = frozenset(
    vocabulary(
        "ad ads advert advertisement adsense promo promotion sponsor sponsored newsletter subscribe "
        "subscription paywall related "
        "recommended recommend recommendation recommendations recirc recirculation share sharing social sns "
        "follow toolbar "
        "breadcrumb breadcrumbs popup modal tooltip cookie cookies consent cta outbrain taboola mostread "
        "trending comment comments "
        "reply replies copyright byline reporter"
    )
)
_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def prune(tree: HtmlElement, *, titles: Collection[str]) -> None:
    """Remove from the tree, in place, what is not this page's article.

    ``titles`` are the keys of the page's own headlines; where several stories stand on one page, theirs is kept.
    """
    sizes = _text_sizes(tree)
    total = sizes.get(tree, 0)
    for element in list(_others(tree, sizes, titles)) + list(_accessories(tree, sizes, int(total * _SHARE))):
        remove(element)


def link_keys(tree: HtmlElement) -> set[str]:
    """Return the texts of links to other pages as ``lines.key`` makes them; what is also a heading here is left out."""
    here = {key(heading.text_content()) for heading in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")}
    links = {
        key(text)
        for link in tree.iter("a")
        if 1 <= len(text := link.text_content().strip()) <= 300 and "#" not in (link.get("href") or "#")[:1]
    }
    return links - here


def _text_sizes(tree: HtmlElement) -> dict[HtmlElement, int]:
    """Return the characters of text under every element, in one pass."""
    sizes: dict[HtmlElement, int] = {}
    for _, element in etree.iterwalk(tree, events=("end",)):
        own = len((element.text or "").strip())
        sizes[element] = own + sum(sizes.get(child, 0) + len((child.tail or "").strip()) for child in element)
    return sizes


def _others(tree: HtmlElement, sizes: dict[HtmlElement, int], titles: Collection[str]) -> Iterator[HtmlElement]:
    """Yield further ``article`` elements with a headline and a text of their own."""
    stories = [
        el for el in tree.iter("article") if sizes[el] >= _MIN_OTHER and next(el.iter("h1", "h2"), None) is not None
    ]
    outer = {up for el in stories for up in el.iterancestors("article")}
    stories = [el for el in stories if el not in outer]
    main = next((el for el in stories if any(key(h.text_content()) in titles for h in el.iter("h1", "h2"))), None)
    # A page may put its headline in one ``article`` and the body in another: then the first is far the smaller.
    if main is not None and sizes[main] >= _SHARE * max(sizes[el] for el in stories):
        yield from (story for story in stories if story is not main)


def _accessories(tree: HtmlElement, sizes: dict[HtmlElement, int], limit: int) -> Iterator[HtmlElement]:
    for element in tree.iter(etree.Element):
        size = sizes[element]
        if (
            size > limit
            or element.tag in ("html", "head", "body", "main", "article")
            or element.get("itemprop") == "articleBody"
        ):
            continue
        if element.tag == "figcaption" or _is_card(element, size) or _is_link_box(element, size):
            yield element
            continue
        words = _class_words(element)
        if _is_caption(element, size, words) or _is_widget(element, size, words):
            yield element


def _class_words(element: HtmlElement) -> set[str]:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return {word.lower() for word in _TOKEN.findall(names)} if names != " " else set()


def _is_card(element: HtmlElement, size: int) -> bool:
    """Return whether the element is a link around a heading or paragraph: a teaser of another page."""
    return (
        element.tag == "a"
        and 0 < size <= _CARD_LIMIT
        and element.getparent() is not None
        and element.getparent().tag not in _HEADINGS
        and any(child.tag in _CARD_PARTS for child in element.iterdescendants(etree.Element))
    )


def _is_link_box(element: HtmlElement, size: int) -> bool:
    """Return whether a span is a pop-up menu inside a sentence: three links or more and hardly a word besides."""
    if element.tag != "span" or not size:
        return False
    links = [child for child in element if child.tag == "a"]
    return len(links) >= 3 and sum(len(link.text_content()) for link in links) >= 0.8 * size


def _is_caption(element: HtmlElement, size: int, words: set[str]) -> bool:
    if not 0 < size <= _CAPTION_LIMIT or words.isdisjoint(_CAPTION_WORDS):
        return False
    if not words.isdisjoint(_CAPTION_ITSELF):
        return True
    parts = sum(1 for _ in element.iter("p", "br"))
    return parts <= _CAPTION_PARTS and next(element.iter("img", "picture"), None) is not None


def _is_widget(element: HtmlElement, size: int, words: set[str]) -> bool:
    """Return whether a block is named as an accessory, and is short or mostly links: bodies bear such names too."""
    if not 0 < size <= _WIDGET_LIMIT or element.tag in ("p", "a", "span") or words.isdisjoint(_WIDGET_WORDS):
        return False
    if size > _WIDGET_TEXT and sum(len(link.text_content()) for link in element.iter("a")) < _LINKED * size:
        return False
    return not any(part.get("itemprop") == "articleBody" for part in element.iter(etree.Element))
