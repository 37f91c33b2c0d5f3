"""URL → Page: the answer is an HTML document, or an error that says what to do instead."""

from __future__ import annotations

import re

from conversions.enums import FailureCode
from conversions.pipeline.types import Page
from newsforge.lib import http
from newsforge.lib.errors import Fault, PermanentError, TransientError
from newsforge.lib.retry_after import parse_retry_after


class PageNotFound(PermanentError):
    """Say that the site has no such page (404, 410)."""

    code = FailureCode.PAGE_NOT_FOUND
    status_code = 422
    title = "Page not found"
    sentence = "There is no page at %(url)s (status %(status)s). Check the link, or paste the article's text instead."
    fault = Fault.REQUEST


class PageForbidden(PermanentError):
    """Say that the site shows the page only to some (401, 402, 403, 451)."""

    code = FailureCode.PAGE_FORBIDDEN
    status_code = 422
    title = "The site refuses to show the page"
    sentence = "%(host)s does not show this page to us (status %(status)s). Paste the article's text instead."
    fault = Fault.ARTICLE


class BotWall(PermanentError):
    """Say that the site answered with a check against robots, whatever the status."""

    code = FailureCode.BLOCKED
    status_code = 422
    title = "The site blocks automatic readers"
    sentence = "%(host)s asks whether we are a robot instead of showing the page. Paste the article's text instead."
    fault = Fault.ARTICLE


class PageRefused(PermanentError):
    """Say that the site answered with a status that will not change by itself."""

    code = FailureCode.PAGE_ERROR
    status_code = 422
    title = "The site does not show the page"
    sentence = "%(host)s answered with status %(status)s instead of a page. Paste the article's text instead."
    fault = Fault.ARTICLE


class PageUnavailable(TransientError):
    """Say that the site cannot answer now (408, 425, 429, 5xx)."""

    code = FailureCode.PAGE_ERROR
    status_code = 502
    title = "The site has a problem"
    sentence = (
        "%(host)s cannot show the page at the moment (status %(status)s). Try again later, or paste the article's text."
    )
    fault = Fault.ARTICLE


class NotHtml(PermanentError):
    """Say that the link leads to a file of another kind; ``kind`` is a short name such as PDF, or a media type."""

    code = FailureCode.NOT_HTML
    status_code = 422
    title = "Not a web page"
    sentence = (
        "The link leads to a file (%(kind)s), not to a web page. Give the link of the article's page, or paste its text"
        " instead."
    )
    fault = Fault.REQUEST


_FORBIDDEN = frozenset({401, 402, 403, 451})
_BUSY = frozenset({408, 425, 429})
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_XML_TYPES = frozenset({"text/xml", "application/xml"})
_UNSURE_TYPES = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream", "unknown/unknown"})
"""Types that servers also send for HTML; the first bytes decide."""

_WALL_HEADERS = ("cf-mitigated", "x-amzn-waf-action")
"""Cloudflare and AWS name their challenge here, AWS also with a status of 202."""
_WALL_STATUSES = frozenset({401, 403, 405, 406, 418, 429, 503})
_WALL_WORDS = re.compile(
    rb"just a moment\.\.\.|cdn-cgi/challenge-platform|cf-browser-verification|attention required! \| cloudflare"
    rb"|captcha|_incapsula_resource|pardon our interruption|are you a (?:ro)?bot|verify you are (?:a )?human"
    rb"|perimeterx|ddos-guard|\xec\x9e\x90\xeb\x8f\x99\xec\x9e\x85\xeb\xa0\xa5 ?\xeb\xb0\xa9\xec\xa7\x80",
    re.IGNORECASE,
)
"""What the common walls print; the last is Korean for protection against automatic input, in UTF-8."""

_SIGNATURES = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "RIFF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\xd0\xcf\x11\xe0", "HWP/DOC"),
    (b"\x1f\x8b", "GZIP"),
    (b"ID3", "MP3"),
    (b"\x1aE\xdf\xa3", "WebM"),
    (b"OggS", "Ogg"),
)
_FEED = re.compile(rb"<(?:rss|feed|rdf:rdf|urlset|sitemapindex)[\s>]", re.IGNORECASE)
_ROOT = re.compile(rb"<html[\s>]", re.IGNORECASE)
_MARKUP = re.compile(
    rb"<!doctype\s+html|<(?:html|head|body|title|meta|script|article|main|div|table|h1|p)[\s>]", re.IGNORECASE
)
_SNIFFED_BYTES = 2048
_FEED_BYTES = 512


def fetch(*, url: str, policy: http.HttpPolicy) -> Page:
    """Return the HTML document a URL leads to, after redirects.

    :raises PermanentError: if there is no such page, the site refuses, or it is no HTML; also what ``lib.http`` raises.
    :raises TransientError: if the site may answer later; ``retry_after`` is what it asked for; also what ``lib.http``
        raises.
    """
    response = http.get(url=url, policy=policy)
    _check_status(response)
    content_type = response.headers.get("content-type")
    _check_kind(content_type or "", response.body)
    return Page(url=response.url, content=response.body, content_type=content_type)


def _check_status(response: http.Response) -> None:
    status = response.status
    host = http.parse_url(url=response.url).host
    if _is_wall(response):
        raise BotWall(host=host)
    if 200 <= status < 300:
        return
    if status in (404, 410):
        raise PageNotFound(url=http.redact_url(url=response.url), status=status)
    if status in _FORBIDDEN:
        raise PageForbidden(host=host, status=status)
    if status in _BUSY or status >= 500:
        wait = parse_retry_after(response.headers, now=response.received_at)
        raise PageUnavailable(host=host, status=status, retry_after=wait)
    raise PageRefused(host=host, status=status)


def _is_wall(response: http.Response) -> bool:
    if any(name in response.headers for name in _WALL_HEADERS):
        return True
    return response.status in _WALL_STATUSES and _WALL_WORDS.search(response.body) is not None


def _check_kind(content_type: str, body: bytes) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    start = body[:_SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise NotHtml(kind="0 bytes")
    kind = _signature(start)
    if kind:
        raise NotHtml(kind=kind)
    if media_type in _HTML_TYPES:
        return
    marker = _ROOT if media_type in _XML_TYPES else _MARKUP
    # The zero bytes of UTF-16 must not hide the tags.
    if media_type not in _XML_TYPES | _UNSURE_TYPES or not marker.search(start.replace(b"\0", b"")):
        raise NotHtml(kind=media_type or "unknown")


def _signature(start: bytes) -> str:
    """Name the file by its first bytes; empty for text that is no feed."""
    if start[4:8] == b"ftyp":
        return "MP4"
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    return "RSS/XML" if _FEED.search(start[:_FEED_BYTES]) and not _ROOT.search(start) else ""
