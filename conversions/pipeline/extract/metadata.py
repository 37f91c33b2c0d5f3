"""Title, date, authors and addresses, merged: JSON-LD, then og and article tags, then what trafilatura can see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urldefrag, urljoin, urlsplit

from htmldate import find_date
from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata

from conversions.pipeline.extract import authors as bylines
from conversions.pipeline.extract.dates import labelled_date, parse_date
from conversions.pipeline.extract.declared import Declared, texts
from conversions.pipeline.extract.embedded import Stories
from conversions.pipeline.extract.lines import clean_line, key, vocabulary

_DATE_METAS: Final = vocabulary(
    "article:published_time og:article:published_time article:published datepublished pubdate publishdate "
    "publish_date publish-date "
    "publication_date date.issued dc.date.issued dcterms.created dcterms.issued dc.date date parsely-pub-date "
    "sailthru.date "
    "cxenseparse:recs:publishtime article.published article_date_original og:published_time "
    "rnews:datepublished datecreated "
    "og:regdate regdate"
)
_DATE_KEYS: Final = (
    "display_date",
    "first_publish_date",
    "publish_date",
    "datePublished",
    "publishedAt",
    "published_at",
    "pubDate",
)
_DATED: Final = "//time | //body//*[contains(@class, 'date') or contains(@class, 'time')]"
_DATE_TEXT: Final = 60
_MOST: Final = 50
_SEPARATORS = re.compile(r"\s+[-–—|:·•«»<>/~]+\s+|\s*(?:::|\|)\s*|(?<=\S): |\s+[<>]\s*")
_CAPITALISED = re.compile(r"[^\W\d_a-z][\w.'’-]*(?: (?:[a-z]{1,4} )?[^\W\d_a-z][\w.'’-]*){1,4}|[^\x00-\u024f]{2,12}")
"""What a guess must look like to be a name: capitalised words, or a name in another script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What metadata is read from."""

    declared: Declared
    tree: HtmlElement
    lines: list[str]
    """The lines a reader sees, before anything but the invisible was taken out."""
    body: list[str]
    url: str | None
    language: str | None
    stories: Stories


def find_title(declared: Declared, *, url: str | None) -> str:
    """Return the headline, without the site's name behind it."""
    headline = next(iter(texts(declared.article.get("headline"))), "")
    social = declared.meta("og:title", "twitter:title")
    first = next(iter(declared.headings), "")
    if headline and social and re.search(r"(?:…|\.\.\.)$", headline) and key(social).startswith(key(headline)[:20]):
        headline = social
    own = _site_keys(declared, url)
    for candidate in (headline, social, declared.meta("headline", "title", "dc.title"), first, declared.title_tag):
        title = clean_line(_without_site(candidate, declared.headings, own))
        if title and key(title) not in own:
            return title
    return ""


def page_titles(declared: Declared, *, url: str | None) -> frozenset[str]:
    """Return the keys of everything on the page that is its headline."""
    own = _site_keys(declared, url)
    said = [
        *texts(declared.article.get("headline")),
        declared.meta("og:title"),
        declared.meta("twitter:title"),
        declared.title_tag,
    ]
    said += [_without_site(text, declared.headings, own) for text in said]
    keys = {words for text in said if len(words := key(text)) >= 2}
    keys.update(
        words for text in declared.headings if len(words := key(text)) >= 8 and any(words in known for known in keys)
    )
    return frozenset((keys | {key(find_title(declared, url=url))}) - own - {""})


def find_published(view: View) -> datetime | None:
    """Return when the story was published, with its zone."""
    article = view.declared.article
    said = [*texts(article.get("datePublished")), *texts(article.get("dateCreated")), *texts(article.get("uploadDate"))]
    said += [value for name in _DATE_METAS for value in view.declared.metas.get(name, ())]
    if when := _first_date(said, view.language):
        return when
    said = [value for name in _DATE_KEYS if isinstance(value := view.stories.source.get(name), str)]
    if when := _first_date(said, view.language) or labelled_date(view.lines, language=view.language):
        return when
    shown = [text for el in view.tree.xpath(_DATED)[:_MOST] if len(text := el.text_content().strip()) <= _DATE_TEXT]
    if when := _first_date(view.tree.xpath("//time/@datetime") + shown, view.language):
        return when
    found = find_date(view.tree, original_date=True, extensive_search=False, url=view.url)
    return parse_date(found, language=view.language) if found else None


def _first_date(values: list[str], language: str | None) -> datetime | None:
    return next((when for value in values[:_MOST] if (when := parse_date(value, language=language))), None)


def declared_authors(declared: Declared, *, url: str | None) -> tuple[str, ...]:
    """Return the persons the page's tags name."""
    return bylines.declared_authors(declared, publishers=_publishers(declared, url))


def find_authors(view: View) -> tuple[str, ...]:
    """Return the persons who signed the story where no tag names them: its JSON's credits, then its bylines."""
    publishers = _publishers(view.declared, view.url)
    found = bylines.persons(_credits(view.stories.source), publishers=publishers)
    if not found:
        found = bylines.signed_authors(lines=view.lines, body=view.body, publishers=publishers)
    if not found and view.language != "ko":
        document = extract_metadata(view.tree, default_url=view.url, extensive=False)
        guesses = [name for name in (document.author or "").split("; ") if _CAPITALISED.fullmatch(name)]
        found = bylines.persons(guesses, publishers=publishers)
    return found


def _publishers(declared: Declared, url: str | None) -> tuple[str, ...]:
    return (find_site(declared, url=url), *_publisher(declared), _host(url))


def find_site(declared: Declared, *, url: str | None) -> str:
    """Return the publication's name, or its host."""
    return clean_line(declared.meta("og:site_name") or next(iter(_publisher(declared)), "") or _host(url))


def find_image(declared: Declared, *, url: str | None) -> str | None:
    """Return the address of the lead picture."""
    image = declared.article.get("image")
    first = image[0] if isinstance(image, list) and image else image
    stated = first.get("url") or first.get("contentUrl") or first.get("@id") if isinstance(first, dict) else first
    for candidate in (
        declared.meta("og:image", "og:image:url", "og:image:secure_url"),
        stated,
        declared.meta("twitter:image", "image"),
    ):
        if isinstance(candidate, str) and (address := _absolute(candidate, url)):
            return address
    return None


def find_canonical(declared: Declared, *, url: str | None) -> str | None:
    """Return the address the page gives itself, unless it is another site's front page or no web address at all."""
    for candidate in (declared.canonical, declared.meta("og:url"), *texts(declared.article.get("url"))):
        address = _absolute(candidate, url)
        if address and (urlsplit(address).path.strip("/") or urlsplit(address).query):
            return urldefrag(address).url
    return urldefrag(url).url if url else None


def _absolute(address: str, base: str | None) -> str | None:
    if not address.strip():
        return None
    try:
        whole = urljoin(base or "", address.strip())
        parts = urlsplit(whole)
    except ValueError:
        return None
    return whole if parts.scheme in ("http", "https") and parts.hostname and len(whole) <= 2_000 else None


def _publisher(declared: Declared) -> list[str]:
    return texts(declared.article.get("publisher"))


def _host(url: str | None) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.") if url else ""


def _credits(source: dict[str, Any]) -> list[str]:
    """Return the names in an Arc story's credits, or the author fields other systems use."""
    credited = source.get("credits")
    if isinstance(credited, dict):
        return texts(credited.get("by"))
    return [
        name for field in ("author", "authors", "byline", "writer", "reporter") for name in texts(source.get(field))
    ]


def _site_keys(declared: Declared, url: str | None) -> set[str]:
    host = _host(url)
    labels = [part for part in host.split(".") if len(part) > 3]
    return {
        words for name in (find_site(declared, url=url), *_publisher(declared), host, *labels) if (words := key(name))
    }


def _without_site(title: str, headings: Iterable[str], own: set[str]) -> str:
    """Return a title without what follows it: anything behind the words of a heading, a path of sections, the site."""
    known = {key(text) for text in headings}
    cuts = [(found.start(), found.end()) for found in _SEPARATORS.finditer(title)][:_MOST]
    for start, end in cuts:
        if key(title[:start]) in known or ("<" in title[start:end] and start):
            return title[:start]
    if cuts and key(title[cuts[-1][1] :]) in own:
        return title[: cuts[-1][0]]
    return title
