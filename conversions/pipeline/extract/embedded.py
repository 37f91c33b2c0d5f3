"""The story inside a page's own JSON, for pages that a browser has to assemble."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from lxml.html import HtmlElement, fragment_fromstring

from conversions.pipeline.extract import dom
from conversions.pipeline.extract.blocks import block_lines
from conversions.pipeline.extract.lines import clean_line, key, length, vocabulary
from conversions.pipeline.extract.prune import link_keys

_ASSIGNED = re.compile(r"(?:Fusion\.globalContent|window(?:\.\w+|\[[\"']\w+[\"']\]))\s*=\s*(?=[{\[])")
_START = re.compile(r"^\s*")
_FLIGHT = re.compile(r"self\.__next_f\.push\(\s{0,9}(?=\[)")
_FLIGHT_TEXT = re.compile(r"^[0-9a-f]{1,8}:T([0-9a-f]{1,6}),", re.MULTILINE)
_FLIGHT_ROW = re.compile(r"^[0-9a-f]{1,8}:(?:I|HL)?(?=[\[{])", re.MULTILINE)
_JSON_TYPES: Final = frozenset({"application/json", "text/json"})

_BODY_KEYS: Final = vocabulary(
    "content_elements articleBody article_body bodyHtml body_html bodyText body_text bodyParts body content_html "
    "contentHtml contents content paragraphs blocks articleText article_text text html"
)
_TITLE_KEYS: Final = ("headline", "headlines", "title", "articleTitle", "subject", "name")
_TEXT_KEYS: Final = ("content", "text", "html", "value", "data", "children", "nodes", "leaves")
_PROSE_BLOCKS = re.compile(r"text|para|^p$|^h[1-6]$|head|list|quote|html|block|unstyled|^$", re.IGNORECASE)
_CODE = re.compile(
    r"\s*(?:[{\[(][\"'{\[(f]|<!doctype|<html|function\b|var\s|window\.|!function|@import|[.#][\w-]+\s*\{)",
    re.IGNORECASE,
)
_MAX_NODES: Final = 50_000
"""JSON values that are looked at; the largest state object of a real page here has 9,000."""
_MIN_STORY: Final = 80
"""Characters below which a string in a page's JSON is a label rather than a story."""
_POINTER: Final = 10
_MAX_DEPTH: Final = 24
_MAX_JSON: Final = 20_000_000
"""Characters of JSON that are parsed, failures counted: four times the largest page."""
_TRIED: Final = 8
"""Objects, the heaviest first, whose markup is turned into lines."""


Script = tuple[str, str]
"""A script's type in lower case, and its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story found in JSON: its lines, and the object that held it (headline, credits, dates)."""

    lines: tuple[str, ...]
    source: dict[str, Any]


def read_scripts(tree: HtmlElement) -> list[Script]:
    """Return the scripts that may hold a story, before they are dropped from the tree."""
    return [((el.get("type") or "").lower(), el.text) for el in tree.iter("script") if el.text]


class Stories:
    """The stories in a page's scripts, looked for once and only when somebody asks."""

    def __init__(self, scripts: Sequence[Script], *, title: str) -> None:
        """Keep the scripts; ``title`` is the page's headline."""
        self._scripts = scripts
        self._wanted = key(title)

    @cached_property
    def best(self) -> Story | None:
        """Return the page's story from Arc's ``Fusion.globalContent``, Next.js data or another state object.

        An object whose headline is the page's title wins over a longer one: teasers' stories are in the JSON too.
        """
        nodes = (node for document in _Reader(self._scripts).documents() for node in _objects(document))
        weighed = ((self._is_ours(node), _weight(node), -index, node) for index, node in enumerate(nodes))
        heaviest = heapq.nlargest(_TRIED, (each for each in weighed if each[1] >= _MIN_STORY))
        stories = [Story(lines=tuple(lines), source=node) for *_, node in heaviest if (lines := _body(node))]
        return max(stories, key=lambda story: (self._is_ours(story.source), length(story.lines)), default=None)

    @property
    def source(self) -> dict[str, Any]:
        """Return the object that held the story when its headline is the page's own, else an empty one."""
        return self.best.source if self.best and self._is_ours(self.best.source) else {}

    def _is_ours(self, node: dict[str, Any]) -> bool:
        return bool(self._wanted) and key(_title(node)) == self._wanted


class _Reader:
    """The JSON documents in a page's scripts, within a budget of characters."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self._scripts = scripts
        self._decoder = json.JSONDecoder(strict=False)
        self._budget = _MAX_JSON

    def documents(self) -> Iterator[object]:
        flight: list[str] = []
        for kind, text in self._scripts:
            if kind in _JSON_TYPES:
                yield from self._decode_after(_START, text)
            elif "__next_f" in text:
                flight.extend(
                    pushed[1]
                    for pushed in self._decode_after(_FLIGHT, text)
                    if isinstance(pushed, list) and len(pushed) > 1 and isinstance(pushed[1], str)
                )
            else:
                yield from self._decode_after(_ASSIGNED, text)
        if flight:
            yield from self._flight_rows("".join(flight))

    def _decode_after(self, place: re.Pattern[str], text: str) -> Iterator[object]:
        """Yield the JSON value behind each match, going on after its end."""
        start = 0
        while self._budget > 0 and (found := place.search(text, start)):
            try:
                value, end = self._decoder.raw_decode(text, found.end())
            except json.JSONDecodeError as error:
                value, end = None, found.end()
                self._budget -= error.pos  # the error counts its line from the start of the text
            except RecursionError:
                return
            self._budget -= end - start
            start = max(end, found.start() + 1)
            if value is not None:
                yield value

    def _flight_rows(self, flight: str) -> Iterator[object]:
        """Yield the values of React's flight rows: ``id:json``, and ``id:Tsize,text`` with the size in bytes."""
        for found in _FLIGHT_TEXT.finditer(flight):
            size = int(found[1], 16)
            self._budget -= size
            if self._budget <= 0:
                return
            raw = flight[found.end() : found.end() + size].encode()[:size]
            yield {"content": raw.decode("utf-8", "ignore")}
        yield from self._decode_after(_FLIGHT_ROW, flight)


def _objects(document: object) -> Iterator[dict[str, Any]]:
    """Yield every object of a document, shallow ones first."""
    level: list[object] = [document]
    seen = 0
    for _ in range(_MAX_DEPTH):
        below: list[object] = []
        for value in level:
            seen += 1
            if seen > _MAX_NODES:
                return
            if isinstance(value, dict):
                yield value
                below.extend(v for v in value.values() if isinstance(v, (dict, list)))
            elif isinstance(value, list):
                below.extend(v for v in value if isinstance(v, (dict, list)))
        level = below


def _title(node: dict[str, Any]) -> str:
    for name in _TITLE_KEYS:
        value = node.get(name)
        if isinstance(value, dict):
            value = value.get("basic") or value.get("main") or value.get("text")
        if isinstance(value, str) and value.strip():
            return clean_line(value)
    return ""


def _values(node: dict[str, Any]) -> Iterator[str | list[Any]]:
    """Yield what may be the story of an object: a long string, or a list of blocks."""
    for name in _BODY_KEYS:
        value = node.get(name)
        if (isinstance(value, str) and len(value) >= _MIN_STORY and " " in value) or (
            isinstance(value, list) and value and not _is_block(node)
        ):
            yield value


def _weight(node: dict[str, Any]) -> int:
    """Return about how many characters an object's story has, markup and all."""
    return max(
        (len(v) if isinstance(v, str) else sum(len(_words(block)) for block in v) for v in _values(node)), default=0
    )


def _body(node: dict[str, Any]) -> list[str]:
    for value in _values(node):
        lines = prose(value) if isinstance(value, str) else [line for block in value for line in _block(block)]
        if length(lines) >= _MIN_STORY:
            return lines
    return []


def _is_block(node: dict[str, Any]) -> bool:
    """Return whether the object is itself a paragraph of a story (its list holds words, not blocks)."""
    return node.get("type") in ("paragraph", "p", "text") or node.get("_type") == "block"


def _block(block: object) -> list[str]:
    if isinstance(block, str):
        return prose(block)
    if not isinstance(block, dict):
        return []
    kind = block.get("type") or block.get("_type") or block.get("__typename") or ""
    if not isinstance(kind, str) or not _PROSE_BLOCKS.search(kind):
        return []
    if isinstance(block.get("items"), list):
        return [line for item in block["items"] for line in _block(item)]
    return prose(_words(block))


def _words(value: object, depth: int = 0) -> str:
    """Return the words of a block, its spans joined in order."""
    if isinstance(value, str):
        return value
    if depth > 6:
        return ""
    if isinstance(value, list):
        return "".join(_words(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return next((words for name in _TEXT_KEYS if (words := _words(value.get(name), depth + 1))), "")
    return ""


def prose(markup: str) -> list[str]:
    """Return the lines of text or markup, nothing for code."""
    if _CODE.match(markup):
        return []
    if "<" not in markup:
        return [line for line in (clean_line(part) for part in markup.split("\n")) if line]
    fragment = fragment_fromstring(f"<div>{markup}</div>")
    dom.drop_invisible(fragment)
    links = link_keys(fragment)
    return [line for line in block_lines(fragment) if line and (len(line) < _POINTER or key(line) not in links)]
