"""The words of the article: trafilatura's reading, checked against what the page declares, rescued where it fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import trafilatura
from lxml.html import HtmlElement

from conversions.pipeline.extract import dom, embedded
from conversions.pipeline.extract.blocks import block_lines
from conversions.pipeline.extract.boilerplate import Surroundings, story_lines
from conversions.pipeline.extract.declared import Declared
from conversions.pipeline.extract.lines import (
    clean_line,
    clean_text,
    ends_sentence,
    length,
    prose_length,
    sentence_keys,
)

_SHORT: Final = 250
"""Characters under which trafilatura itself falls back to a dump of the page (MIN_EXTRACTED_SIZE)."""
_LABEL: Final = 40
"""Characters that may be a label rather than a story."""
_PROSE: Final = 0.5
"""Share of sentences under which a text looks like a dump of the page; a story has 0.8 and more."""
_CLEAN: Final = 0.7
_COVERS: Final = 0.6
_SAME: Final = 0.8


def find_body(
    tree: HtmlElement, *, declared: Declared, around: Surroundings, stories: embedded.Stories, free: bool
) -> list[str]:
    """Return the article's lines.

    ``tree`` is pruned and has its loose text wrapped. ``stories`` are the page's JSON, asked only when its markup does
    not tell. ``free`` is False where the page says its text is for payers: then only what it shows is used.
    """
    shown = block_lines_of(_containers(tree))
    found = story_lines(_within(_read(tree), shown), around=around)
    stated = story_lines(_stated(declared), around=around)
    if length(found) < _SHORT or _prose_share(found) < _PROSE:
        found = _rescue(found, _candidates(tree, shown, stories, stated if free else []), around)
    return _crosscheck(found, stated, free=free)


def block_lines_of(elements: Iterable[HtmlElement]) -> list[str]:
    """Return the lines of several elements, one after the other."""
    return [line for element in elements for line in block_lines(element) if line]


def _containers(tree: HtmlElement) -> list[HtmlElement]:
    """Return the outermost elements marked as ``itemprop=articleBody``."""
    marked = [el for el in tree.xpath("//body//*[@itemprop]") if "articleBody" in el.get("itemprop").split()]
    return [el for el in marked if not any("articleBody" in (up.get("itemprop") or "") for up in el.iterancestors())]


def _read(tree: HtmlElement) -> list[str]:
    document = trafilatura.bare_extraction(tree, include_comments=False, with_metadata=False)
    text = getattr(document, "text", None) or ""
    return [line.lstrip("-•| ").rstrip("| ") for line in clean_text(text).split("\n") if line.strip("-•| ")]


def _within(found: list[str], shown: list[str]) -> list[str]:
    """Return what was found inside the declared container, or its own lines when most of them were missed."""
    if not shown:
        return found
    known = {part for line in shown for part in sentence_keys(line)}
    inside: list[str] = []
    outside: list[str] = []
    for line in found:
        (inside if sentence_keys(line) <= known else outside).append(line)
    if prose_length(outside) > length(shown):
        return found  # the container holds a teaser, the story stands elsewhere
    return inside if length(inside) >= _COVERS * length(shown) else shown


def _stated(declared: Declared) -> list[str]:
    body = declared.article.get("articleBody")
    return embedded.prose(body[: dom.MAX_TEXT]) if isinstance(body, str) else []


def _candidates(
    tree: HtmlElement, shown: list[str], stories: embedded.Stories, stated: list[str]
) -> Iterator[list[str]]:
    """Yield where else the body may stand, the most trustworthy first."""
    yield shown
    if stories.best:
        yield list(stories.best.lines)
    yield stated
    yield _densest(tree)


def _densest(tree: HtmlElement) -> list[str]:
    """Return the lines of the block with the most sentences among its own paragraphs, or of a lone paragraph."""
    told: dict[HtmlElement, int] = {}
    for paragraph in tree.iter("p", "div"):
        if paragraph.tag == "p" or not len(paragraph):
            told[paragraph] = prose_length([clean_line(paragraph.text_content())])
    blocks: Counter[HtmlElement] = Counter()
    for paragraph, size in told.items():
        if paragraph.getparent() is not None:
            blocks[paragraph.getparent()] += size
    block = max(blocks, key=lambda element: blocks[element], default=None)
    if block is None:
        return []
    speaking = [child for child in block if told.get(child)]
    return block_lines_of(speaking if len(speaking) == 1 else [block])


def _rescue(found: list[str], candidates: Iterable[list[str]], around: Surroundings) -> list[str]:
    """Return the first candidate that says clearly more in sentences than what was found, or the same more cleanly."""
    for candidate in candidates:
        lines = story_lines(candidate, around=around)
        said, before = prose_length(lines), prose_length(found)
        cleaner = _prose_share(found) < _PROSE and _prose_share(lines) >= _CLEAN and said >= _SAME * before
        if length(lines) > _LABEL and (said > 1.2 * before or (said and cleaner)):
            return lines
    return found


def _prose_share(lines: list[str]) -> float:
    return prose_length(lines) / max(1, length(lines))


def _crosscheck(found: list[str], stated: list[str], *, free: bool) -> list[str]:
    """Use the body that JSON-LD states as a second witness: for where the story starts and ends, and for lost parts."""
    known = {part for line in stated for part in sentence_keys(line)}
    agreed = [index for index, line in enumerate(found) if (parts := sentence_keys(line)) and parts <= known]
    both = length(found[index] for index in agreed)
    if both < _COVERS * length(found) or not stated or not ends_sentence(stated[-1]):
        return found
    if free and length(stated) >= 1.5 * length(found):
        return stated
    if both >= _SAME * max(length(stated), length(found)):
        return found[agreed[0] : agreed[-1] + 1]
    return found
