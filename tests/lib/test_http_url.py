"""One reading of a URL, and refusals before anything is looked up."""

from __future__ import annotations

import pytest

from newsforge.lib.http import parse_allow, parse_url, redact_url
from newsforge.lib.http.errors import InvalidUrl


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("https://example.com", "https://example.com/"),
        ("  HTTPS://Example.COM:443/a/../b?q=1#top \n", "https://example.com/a/../b?q=1"),
        ("https://example.com/경로?날=가 나", "https://example.com/%EA%B2%BD%EB%A1%9C?%EB%82%A0=%EA%B0%80%20%EB%82%98"),
        ("https://example.com/%EA%B2%BD?a=%2F", "https://example.com/%EA%B2%BD?a=%2F"),
        ("https://한국신문.한국/1", "https://xn--3e0bp5x81f0uu.xn--3e0b707e/1"),
        ("http://EXAMPLE。com./", "http://example.com/"),
        ("http://example.com:8080/", "http://example.com:8080/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://8.8.8.8", "http://8.8.8.8/"),
        ("http://[2606:4700:0::1111]/", "http://[2606:4700::1111]/"),
        ("https://example.com?x=1", "https://example.com/?x=1"),
        ("https://a_b.example.com/x{1}|y", "https://a_b.example.com/x%7B1%7D%7Cy"),
        ("http://１.１.１.１/", "http://1.1.1.1/"),
    ],
)  # fmt: skip
def test_an_address_has_one_ascii_form(given: str, normal: str) -> None:
    assert parse_url(url=given).url == normal


@pytest.mark.parametrize(
    "given",
    [
        "", " ", "example.com/news", "/news", "//example.com/news", "ftp://example.com/", "file:///etc/hosts",
        "javascript:alert(1)", "data:text/html,hi", "mailto:a@example.com", "http:example.com", "http://", "http:///a",
        "http://user@example.com/", "http://user:pw@example.com/", "http://@example.com/", "http://a%2f@example.com/",
        "http://example.com\\@10.0.0.1/", "https://example.com/a\\b", "http://exa\tmple.com/", "http://example.com/\n.",
        "http://example.com/\x00", "http://example.com/\x7f", "http://exa mple.com/", "http://exa%6dple.com/",
        "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/",
        "http://127.0.0.01/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://example.1/", "http://example.0xa/",
        "http://[::1%25lo]/", "http://[::1%lo]/", "http://[::1/", "http://::1/", "http://[1.2.3.4]/", "http://[v1.a]/",
        "http://example.com:99999/", "http://example.com:0/", "http://example.com:8a/", "http://example.com:-80/",
        "http://a..example.com/", "http://.example.com/", "http://example.com../", f"http://{'a' * 64}.com/",
        f"http://{'a.' * 127}com/", "http://exam\u200bple\u2028.com/", "http://\ud800.com/", "http://example.com/\ud800",
        "http://example.com／@10.0.0.1/", "https://example.com/" + "a" * 9000, "<script>", "http://☃.☃☃☃/ ",
    ],
)  # fmt: skip
def test_what_could_be_read_two_ways_is_refused(given: str) -> None:
    with pytest.raises(InvalidUrl) as failure:
        parse_url(url=given)
    assert failure.value.code == "invalid-url"
    assert "http://" in failure.value.detail


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", set()),
        ("127.0.0.1:8099", {("127.0.0.1", 8099)}),
        (" Mock:80 , [::1]:8080,", {("mock", 80), ("::1", 8080)}),
    ],
)
def test_the_operators_list_of_open_pairs(text: str, pairs: set[tuple[str, int]]) -> None:
    assert parse_allow(text=text) == pairs


@pytest.mark.parametrize("text", ["127.0.0.1", "a:0", "a:65536", "a:b", ":80", "http://a:80", "::1:80", "a b:80"])
def test_a_wrong_pair_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not host:port") as failure:
        parse_allow(text=f"127.0.0.1:80,{text}")
    assert text in str(failure.value)


def test_secrets_leave_an_address_before_it_is_shown() -> None:
    assert redact_url(url="https://me:pw@example.com:8443/a?token=s#t") == "https://example.com:8443/a"
    assert "pw" not in redact_url(url="https://me:pw@[::1/a")
