"""Text to tree: parse within bounds, drop what no reader sees, give loose text its paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from conversions.pipeline.extract.failures import TooComplex
from conversions.pipeline.extract.lines import vocabulary

MAX_ELEMENTS: Final = 10_000
"""A page of this many elements takes trafilatura 0.5 s (links) to 1.3 s (paragraphs), and time grows faster than the
count (20,000 paragraphs: 3.7 s; 200,000 links: 19 s and 351 MB). The largest of 80 real pages has 2,900; Lighthouse
warns above 1,400."""
MAX_NESTING: Final = 200_000
"""The depths of all elements added up: 40 stacks of 80 tables are 6,400 elements and 8 s."""
MAX_TEXT: Final = 500_000
"""Characters a page may hold, white space and all; the longest of 80 real pages has 137,000."""
_MAX_TAGS: Final = 150_000
"""Tags beyond which a page is not even parsed: half a second and 100 MB."""

_STORY_PATHS: Final = ("//*[@itemprop='articleBody']", "//article[.//h1]", "//article", "//main")
_PARTS: Final = 10
_MIN_STORY: Final = 200

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML, and so lxml, does not take."""
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,8})|(\d{1,8}));?", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z]")

_UNSEEN_TAGS: Final = frozenset(
    vocabulary("script style template noscript svg iframe object embed canvas audio video map")
)
_INVISIBLE = re.compile(
    r"(?:^|[;\s{])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|font-size\s*:\s*0(?![\d.])|color\s*:\s*transparent|clip\s*:\s*rect\(\s*[01]px|content-visibility\s*:\s*hidden"
    r"|(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{3,})",
    re.IGNORECASE,
)
_TRANSPARENT = re.compile(r"(?:^|[;\s])opacity\s*:\s*(?:0?\.0+|0)(?![\d.])", re.IGNORECASE)
_OFF_SCREEN: Final = frozenset(
    vocabulary(
        "visually-hidden visuallyhidden sr-only screen-reader-text screen-reader-only screenreader offscreen "
        "off-screen blind "
        "a11y-hidden hidden-text u-visually-hidden hide-text"
    )
)
"""Class names that mean "for screen readers only" in Bootstrap, WordPress and the Korean portals' style guides."""
_BRACES = re.compile(r"([{}])")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MAX_CSS: Final = 500_000
_SIMPLE_SELECTOR = re.compile(r"^\s*([.#])([\w-]{1,100})\s*$")

_INLINE: Final = frozenset(
    vocabulary(
        "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd mark q s samp small span strike "
        "strong sub sup "
        "time tt u var wbr"
    )
)
_TABLE_PARTS: Final = ("table", "tbody", "thead", "tfoot", "tr", "td", "th")
_LOOSE_PARENTS: Final = frozenset(vocabulary("div section article main body td center"))


def parse(text: str) -> HtmlElement | None:
    """Return the tree of a document, or None when nothing in it is markup or text.

    Nesting beyond libxml2's 256 levels is cut off, entities are never expanded.

    :raises TooComplex: if it has more than 150,000 tags.
    """
    if sum(1 for _ in _TAG.finditer(text)) > _MAX_TAGS:
        raise TooComplex
    source = _REFERENCE.sub(_character, _DECLARATION.sub("", _CONTROL.sub("", text), count=1))
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _character(found: re.Match[str]) -> str:
    """Return a character reference as browsers read it: 128 to 159 mean cp1252, and controls mean nothing."""
    number = int(found[1], 16) if found[1] else int(found[2])
    if 0x80 <= number <= 0x9F:
        return bytes([number]).decode("cp1252", "ignore")
    return "" if number > 0x10FFFF or _CONTROL.match(chr(number)) else found[0]


def narrow(tree: HtmlElement) -> None:
    """Leave of a page with too many elements or words only the part marked as its article, in place.

    :raises TooComplex: if no marked part is small enough.
    """
    if _is_small(tree):
        return
    for path in _STORY_PATHS:
        for part in tree.xpath(path)[:_PARTS]:
            if len(part.text_content()) >= _MIN_STORY and _is_small(part):
                body = part.getroottree().getroot().find("body")
                body.clear()
                body.append(part)
                return
    raise TooComplex


def _is_small(element: HtmlElement) -> bool:
    elements = nesting = depth = 0
    for event, _ in etree.iterwalk(element, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start":
            elements += 1
            nesting += depth
            if elements > MAX_ELEMENTS or nesting > MAX_NESTING:
                return False
    return len(element.text_content()) <= MAX_TEXT


def drop_invisible(tree: HtmlElement) -> None:
    """Remove in place what a reader never sees, so that hidden words cannot steer a writer.

    Judged by tag, ``hidden``, ``aria-hidden``, inline style and the page's own one-name style rules; outside style
    sheets are not fetched.
    """
    classes, ids = _hidden_names(tree)
    most = len(tree.text_content()) // 2
    unseen = [el for el in tree.iter(etree.Element) if _is_unseen(el, classes, ids) or _is_transparent(el, most)]
    for element in unseen:
        remove(element)


def remove(element: HtmlElement) -> None:
    """Take an element out; where it parted text in a block, a ``<br>`` still does."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tag in _INLINE or not (element.tail or "").strip():
        element.drop_tree()
        return
    parting = etree.Element("br")
    parting.tail, element.tail = element.tail, None
    parent.replace(element, parting)


def _is_unseen(element: HtmlElement, classes: set[str], ids: set[str]) -> bool:
    if element.tag in _UNSEEN_TAGS:
        return True
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true":
        return True
    style = get("style")
    if style and _INVISIBLE.search(style):
        return True
    return (bool(ids) and get("id") in ids) or not classes.isdisjoint((get("class") or "").split())


def _is_transparent(element: HtmlElement, most: int) -> bool:
    """Return whether an element is invisible by opacity; where it holds most of the page, a script will fade it in."""
    style = element.get("style")
    return bool(style and _TRANSPARENT.search(style) and len(element.text_content()) < most)


def _hidden_names(tree: HtmlElement) -> tuple[set[str], set[str]]:
    classes: set[str] = set(_OFF_SCREEN)
    ids: set[str] = set()
    for style in tree.iter("style"):
        if (style.get("media") or "all").lower() not in ("all", "screen"):
            continue
        for selectors, declarations in _rules((style.text or "")[:_MAX_CSS]):
            if not _INVISIBLE.search(declarations):
                continue
            for selector in selectors.split(","):
                if found := _SIMPLE_SELECTOR.match(selector):
                    (classes if found[1] == "." else ids).add(found[2])
    return classes, ids


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Yield the rules outside ``@media`` and the like, which hold on some screens only: selectors, declarations."""
    depth = 0
    selectors = ""
    for piece in _BRACES.split(_COMMENT.sub("", css)):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            selectors = piece
        elif depth == 1 and not selectors.lstrip().startswith("@"):
            yield selectors, piece


def wrap_loose_text(tree: HtmlElement) -> None:
    """Give text that hangs between ``<br>`` in a block its paragraphs, in place.

    Korean publishers write bodies this way; extractors score paragraphs and lose text that has none.
    """
    for parent in dict.fromkeys(br.getparent() for br in tree.iter("br")):
        if parent.tag in ("span", "font") and _holds_body(parent):
            parent.tag = "div"
        if parent.tag in _LOOSE_PARENTS:
            _wrap_children(parent)


def unfold_layout(tree: HtmlElement) -> None:
    """Turn tables that lay out a page into blocks, in place: one of their cells holds paragraphs, not data."""
    for cell in tree.xpath("//td[p or div/p]"):
        table = next(cell.iterancestors("table"), None)
        if table is None or sum(len(part.text_content()) for part in cell.xpath("p | div/p")) < _MIN_STORY:
            continue
        parts = [
            el for el in table.iter(*_TABLE_PARTS) if el is table or next(el.iterancestors("table"), None) is table
        ]
        for part in parts:
            part.tag = "div"


def _holds_body(inline: HtmlElement) -> bool:
    """Return whether an inline element in a block is laid out as a body, with breaks between paragraphs."""
    parent = inline.getparent()
    return parent is not None and parent.tag in _LOOSE_PARENTS and sum(1 for child in inline if child.tag == "br") >= 2


def _wrap_children(parent: HtmlElement) -> None:
    runs = list(_runs(parent))
    children = list(parent)
    for child in children:
        parent.remove(child)
    parent.text = None
    for run in runs:
        if not isinstance(run, list):
            run.tail = None
            parent.append(run)
            continue
        paragraph = etree.SubElement(parent, "p")
        for piece in run:
            if isinstance(piece, str):
                _append_text(paragraph, piece)
            else:
                piece.tail = None
                paragraph.append(piece)


def _runs(parent: HtmlElement) -> Iterator[list[str | HtmlElement] | HtmlElement]:
    """Yield block children as they are, and each stretch of text and inline elements between them as a list."""
    run: list[str | HtmlElement] = [parent.text] if parent.text else []
    for child in parent:
        if child.tag in _INLINE:
            run.append(child)
        else:
            if any(_says_something(piece) for piece in run):
                yield run
            run = []
            if child.tag != "br":
                yield child
        if child.tail:
            run.append(child.tail)
    if any(_says_something(piece) for piece in run):
        yield run


def _says_something(piece: str | HtmlElement) -> bool:
    return bool(piece.strip()) if isinstance(piece, str) else any(t.strip() for t in piece.itertext())


def _append_text(paragraph: HtmlElement, text: str) -> None:
    text = _CONTROL.sub("", text)
    if len(paragraph):
        paragraph[-1].tail = (paragraph[-1].tail or "") + text
    else:
        paragraph.text = (paragraph.text or "") + text
