"""Tree to lines: the text of an element, broken where a browser breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from conversions.pipeline.extract.lines import clean_text, vocabulary

_BLOCKS: Final = frozenset(
    vocabulary(
        "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption "
        "figure footer "
        "form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
    )
)


def block_lines(element: HtmlElement) -> list[str]:
    """Return the text of an element, a line for each block or ``<br>``."""
    return clean_text("".join(_pieces(element))).split("\n")


def _pieces(element: HtmlElement) -> Iterator[str]:
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if not isinstance(node.tag, str):
            continue
        block = node.tag in _BLOCKS
        if event == "start":
            if block:
                yield "\n"
            if node.text:
                yield re.sub(r"\s+", " ", node.text)
        else:
            if block:
                yield "\n"
            if node.tail and node is not element:
                yield re.sub(r"\s+", " ", node.tail)
