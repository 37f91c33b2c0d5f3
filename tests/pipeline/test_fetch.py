"""Every way a link can turn out to be no article page has its own code and a way on."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from conversions.enums import FailureCode
from conversions.pipeline.fetch import fetch
from newsforge.lib.errors import NewsforgeError, PermanentError, TransientError
from newsforge.lib.http import errors as http_errors
from tests.lib.loopback import Loopback, answer, loopback, redirect

PAGE = "<!doctype html><html><head><title>제목</title></head><body><p>본문</p></body></html>".encode()


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


def failure_of(server: Loopback, page: bytes, *, path: str = "/") -> NewsforgeError:
    server.pages[path] = page
    with pytest.raises(NewsforgeError) as failure:
        fetch(url=f"{server.base}{path}", policy=server.policy())
    return failure.value


def test_a_page_comes_with_its_final_address_and_its_header(server: Loopback) -> None:
    server.pages["/"] = redirect("/기사/1?a=b")
    server.pages["/%EA%B8%B0%EC%82%AC/1?a=b"] = answer(body=PAGE, kind="Text/HTML; Charset=EUC-KR")
    page = fetch(url=server.base, policy=server.policy())
    assert page.url == f"{server.base}/%EA%B8%B0%EC%82%AC/1?a=b"
    assert page.content == PAGE
    assert page.content_type == "Text/HTML; Charset=EUC-KR"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", PAGE),
        ("text/html;charset=utf-8", b"no tags, but the server says so"),
        ("application/xhtml+xml", PAGE),
        ("", PAGE),
        ("text/plain", b"\xef\xbb\xbf\r\n " + PAGE),
        ("application/octet-stream", b"<!-- made by hand --><HTML lang=ko>"),
        ("", PAGE.decode().encode("utf-16")),
        ("text/xml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">'),
    ],
)
def test_html_is_known_by_its_header_or_by_itself(kind: str, body: bytes, server: Loopback) -> None:
    server.pages["/"] = answer(body=body, kind=kind)
    assert fetch(url=server.base, policy=server.policy()).content == body


@pytest.mark.parametrize(
    ("kind", "body", "named"),
    [
        ("application/pdf", b"%PDF-1.7 ...", "PDF"),
        ("text/html", b"%PDF-1.7 ...", "PDF"),
        ("", b"\x89PNG\r\n\x1a\n", "PNG"),
        ("image/jpeg", b"\xff\xd8\xff\xe0", "JPEG"),
        ("video/mp4", b"\0\0\0\x20ftypisom", "MP4"),
        ("application/x-hwp", b"\xd0\xcf\x11\xe0\xa1\xb1", "HWP"),
        ("application/octet-stream", b"PK\x03\x04", "ZIP"),
        ("audio/mpeg", b"\0\0\0\0\0\0\0\0", "audio/mpeg"),
        ("application/json", b'{"a": 1}', "application/json"),
        ("text/plain; charset=utf-8", b"only words", "text/plain"),
        ("application/rss+xml", b"<?xml version='1.0'?><rss version='2.0'>", "RSS"),
        ("text/xml", b"<?xml version='1.0'?><rss version='2.0'><channel><title>", "RSS"),
        ("text/html", b"<?xml version='1.0'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>", "RSS"),
        ("image/svg+xml", b"<svg><title>map</title></svg>", "svg"),
        ("application/xml", b"<svg><title>map</title></svg>", "application/xml"),
        ("", b"\x00\x01\x02\x03", "unknown"),
        ("text/html", b" \r\n ", "0 bytes"),
    ],
)
def test_other_files_are_named(kind: str, body: bytes, named: str, server: Loopback) -> None:
    failure = failure_of(server, answer(body=body, kind=kind))
    assert failure.code == "not-html"
    assert named in failure.detail
    assert "paste its text" in failure.detail


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        ("404 Not Found", "page-not-found", PermanentError),
        ("410 Gone", "page-not-found", PermanentError),
        ("401 Unauthorized", "page-forbidden", PermanentError),
        ("402 Payment Required", "page-forbidden", PermanentError),
        ("403 Forbidden", "page-forbidden", PermanentError),
        ("451 Legal", "page-forbidden", PermanentError),
        ("400 Bad Request", "page-error", PermanentError),
        ("405 Method", "page-error", PermanentError),
        ("304 Not Modified", "page-error", PermanentError),
        ("302 Found", "page-error", PermanentError),  # leads nowhere
        ("408 Slow", "page-error", TransientError),
        ("429 Too Many", "page-error", TransientError),
        ("500 Oops", "page-error", TransientError),
        ("503 Busy", "page-error", TransientError),
    ],
)
def test_each_status_has_its_code(status: str, code: str, kind: type[NewsforgeError], server: Loopback) -> None:
    failure = failure_of(server, answer(status, body=PAGE))
    assert failure.code == code
    assert isinstance(failure, kind)
    assert status[:3] in failure.detail
    assert "paste" in failure.detail.lower()


@pytest.mark.parametrize(
    ("status", "header", "body"),
    [
        ("403 Forbidden", "X-A: b", b"<title>Just a moment...</title>"),
        ("503 Busy", "X-A: b", b"<title>Attention Required! | Cloudflare</title>"),
        ("403 Forbidden", "cf-mitigated: challenge", b""),
        ("202 Accepted", "x-amzn-waf-action: challenge", b"<html></html>"),
        ("429 Too Many", "X-A: b", b"<iframe src='https://geo.captcha-delivery.com/'>"),
        ("403 Forbidden", "X-A: b", "<h1>자동입력 방지</h1>".encode()),
    ],
)
def test_a_wall_against_robots_is_called_one(status: str, header: str, body: bytes, server: Loopback) -> None:
    failure = failure_of(server, answer(status, header, body=body))
    assert failure.code == "blocked"
    assert isinstance(failure, PermanentError)
    assert "Paste the article's text" in failure.detail


def test_a_server_error_that_mentions_a_captcha_is_no_wall(server: Loopback) -> None:
    assert failure_of(server, answer("500 Oops", body=b"<script src=captcha.js>")).code == "page-error"


def test_the_wait_a_site_asks_for_reaches_the_retry(server: Loopback) -> None:
    failure = failure_of(server, answer("429 Too Many", "Retry-After: 12.5", body=b"slow down"))
    assert isinstance(failure, TransientError)
    assert failure.retry_after == 12.5
    soon = format_datetime(datetime.now(tz=UTC) + timedelta(seconds=100), usegmt=True)
    failure = failure_of(server, answer("503 Busy", f"Retry-After: {soon}"))
    assert isinstance(failure, TransientError)
    assert failure.retry_after == pytest.approx(100, abs=3)


def test_no_secret_of_the_link_is_shown(server: Loopback) -> None:
    failure = failure_of(server, answer("404 Not Found"), path="/a?token=s3cret")
    assert "s3cret" not in failure.detail
    assert "/a" in failure.detail


def test_what_the_door_refuses_stays_refused(server: Loopback) -> None:
    assert failure_of(server, redirect("http://169.254.169.254/latest/")).code == "address-not-allowed"
    assert failure_of(server, redirect("/")).code == "too-many-redirects"
    assert failure_of(server, answer(body=PAGE)[:-3]).code == "connection-failed"
    with pytest.raises(http_errors.InvalidUrl):
        fetch(url="not a link", policy=server.policy())


def test_every_failure_is_known_and_crosses_processes(server: Loopback) -> None:
    codes = {code.value for code in FailureCode}
    kinds = [kind for kind in vars(http_errors).values() if isinstance(kind, type) and issubclass(kind, NewsforgeError)]
    assert len(kinds) > 8
    assert {kind.code for kind in kinds} - {NewsforgeError.code} <= codes
    failure = pickle.loads(pickle.dumps(failure_of(server, answer("503 Busy", "Retry-After: 9"))))  # noqa: S301  # our own
    assert (failure.code, failure.retry_after) == ("page-error", 9.0)
