"""A page that is no article says so, and the failure says what to do; no page, however bad, is a crash."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversions.enums import FailureCode, Verdict
from conversions.pipeline.extract import TooComplex, extract, from_text, require_ok
from conversions.pipeline.types import Article, Page
from newsforge.lib.errors import PermanentError
from tests.pipeline.articles import extract_fixture, extract_html, paragraphs

URL = "https://news.example/articles/1"


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("bot_wall", Verdict.BLOCKED),
        ("consent_wall", Verdict.CONSENT_WALL),
        ("en_paywall", Verdict.PAYWALLED),
        ("js_shell", Verdict.JS_SHELL),
        ("not_found", Verdict.NOT_AN_ARTICLE),
    ],
)
def test_walls_and_shells_are_told_apart(name: str, verdict: Verdict) -> None:
    article = extract_fixture(name)
    assert article.verdict is verdict
    assert article.reason.endswith(".")


def test_a_front_page_is_no_article() -> None:
    assert extract_fixture("front_page", url="https://dure.example/").verdict is Verdict.NOT_AN_ARTICLE


def test_a_list_of_links_is_no_article_wherever_it_stands() -> None:
    assert extract_fixture("front_page", url="https://dure.example/culture/list").verdict is Verdict.NOT_AN_ARTICLE


def test_a_paywalled_page_shows_no_more_than_it_shows_a_reader() -> None:
    assert "nine boxes" not in extract_fixture("en_paywall").text


def test_a_page_for_payers_that_shows_everything_is_an_article() -> None:
    html = (
        '<html lang=en><head><script type="application/ld+json">{"@type":"NewsArticle","headline":"Roads",'
        f'"isAccessibleForFree":false}}</script></head><body><article><h1>Roads</h1>{paragraphs(30)}</article>'
    )
    assert extract_html(html).verdict is Verdict.OK


def test_an_article_about_robots_and_cookies_is_an_article() -> None:
    head = "<title>Are you a robot?</title><meta property=og:type content=article>"
    wall = "<p>We value your privacy, says the banner, and accept all cookies, says the button.</p>"
    html = f"<html lang=en><head>{head}</head><body><article><h1>Are you a robot?</h1>{wall}{paragraphs(30)}</article>"
    assert extract_html(html).verdict is Verdict.OK


@pytest.mark.parametrize(("length", "verdict"), [(199, Verdict.TOO_SHORT), (200, Verdict.OK)])
def test_two_hundred_characters_are_enough(length: int, verdict: Verdict) -> None:
    text = ("시장은 예산을 늘리겠다고 밝혔다. " * 20)[: length - 1].rstrip() + "."
    text = text + "나" * (length - len(text))
    head = '<meta property="og:type" content="article">'
    html = f"<html lang=ko><head>{head}</head><body><article><h1>제목</h1><p>{text}</p>"
    article = extract_html(html)
    assert len(article.text) == length
    assert article.verdict is verdict


@pytest.mark.parametrize("verdict", [v for v in Verdict if v not in (Verdict.OK, Verdict.UNREAD)])
def test_every_verdict_but_ok_is_a_failure_of_its_own(verdict: Verdict) -> None:
    with pytest.raises(PermanentError) as failure:
        require_ok(Article(url=None, verdict=verdict))
    assert failure.value.code == FailureCode(verdict.value.replace("_", "-"))
    assert "paste its text" in failure.value.detail


def test_an_article_that_is_ok_passes() -> None:
    require_ok(from_text(text="The council met on Monday and decided about the roads. " * 6))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "text/html"),
        (b"\x00" * 1000, "text/html"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "application/pdf"),
        (b'{"title": "<p>not a page</p>"}', "application/json"),
        (b"<html>", None),
        (b"<html><p>" + random.Random(7).randbytes(200_000), "text/html; charset=utf-8"),  # noqa: S311 - no secret
        (b"<?xml version='1.0' encoding='nonsense'?><html><body></body></html>", "text/html; charset=nonsense"),
        (b"<" * 5000, "text/html"),
        (
            b"<script type='application/ld+json'>[[[[{]</script><script type='application/ld+json'>3</script>",
            "text/html",
        ),
    ],
)
def test_what_is_no_page_is_no_article(content: bytes, content_type: str | None) -> None:
    article = extract(page=Page(url=URL, content=content, content_type=content_type))
    assert article.verdict is not Verdict.OK


def test_a_text_file_is_read_as_text() -> None:
    content = "가람시 도서관이 문을 열었다\n\n" + "첫날 주민 삼백 명이 찾아와 책을 빌려 갔다. " * 12
    article = extract(page=Page(url=URL, content=content.encode("cp949"), content_type="text/plain"))
    assert article.title == "가람시 도서관이 문을 열었다"
    assert article.verdict is Verdict.OK


FRAGMENTS = """
<p>¦</p>¦<div hidden>¦<br>¦<table><tr><td>¦<article>¦<h1>¦<script type='application/ld+json'>¦</script>¦<ul><li>¦<!--
<style>.a{display:none}</style>¦<meta property='og:title' content='a - b'>¦<time datetime='x'>¦<html lang='x-y-z'>
{"@type":"NewsArticle","author":[{"name":null},3],"datePublished":9}¦{"@graph":[[[]]]}¦&#0;&#x110000;&#27;&#55296¦(끝)¦제보
<svg><a>¦<a href='#'><h2>¦ⓒ 무단전재 및 재배포 금지¦홍길동 기자 a@b.co¦2026-13-45¦말했다.
<div itemprop='articleBody'>
<link rel=canonical href='http://[::1'>¦<meta property='og:image' content='//['>¦self.__next_f.push([1,
<script>window.a={¦<figure><img><figcaption>
<body style='opacity:0'>¦<meta name=author content='a, b and c'>¦<base href='//x'>
"""
"""Pieces of pages, as publishers and their enemies write them."""
PIECES = st.sampled_from(re.split("[¦\n]", FRAGMENTS)) | st.text(max_size=30)
LABELS = st.sampled_from([None, "text/html", "text/html; charset=euc-kr", "text/html;charset=utf-7"])


@given(st.lists(PIECES, max_size=40))
@settings(max_examples=120, deadline=None)
def test_no_page_is_a_crash(pieces: list[str]) -> None:
    article = extract_html("<html><body>" + "".join(pieces))
    assert isinstance(article.verdict, Verdict)


@given(st.binary(max_size=400), LABELS)
@settings(max_examples=120, deadline=None)
def test_no_bytes_are_a_crash(content: bytes, content_type: str | None) -> None:
    extract(page=Page(url=None, content=b"<p>" + content, content_type=content_type))


LINK, WORDS = '<a href="/x">word</a> ', "The committee approved the budget on Tuesday. "
HOSTILE = {
    "200,000 links": LINK * 200_000,
    "50,000 paragraphs": f"<article><h1>T</h1>{'<p>' + WORDS + '</p>'}" * 50_000,
    "nested tables": ("<table><tr><td>" * 80 + WORDS * 6 + "</table>" * 80) * 40,
    "five megabytes of words": "<p>" + WORDS * 105_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_that_would_take_minutes_is_refused_in_seconds(name: str) -> None:
    content = f"<html><body>{HOSTILE[name]}".encode()[:5_000_000]
    started = time.process_time()
    with pytest.raises(TooComplex, match="Paste"):
        extract(page=Page(url=URL, content=content, content_type="text/html"))
    assert time.process_time() - started < 6


def test_a_crowded_page_with_a_marked_article_is_read() -> None:
    html = f"<html lang=en><body>{LINK * 20_000}<article><h1>Roads</h1>{paragraphs(20)}</article></body></html>"
    article = extract_html(html)
    assert article.text.count("budget number") == 20


TANGLED = {
    "assignments in strings": 'window.a=["' * 100_000,
    "flight rows": 'self.__next_f.push([1,"1:Tffffff,' * 60_000,
    "brackets": "[" * 500_000,
    "deep object": "window.s=" + '{"a":' * 300_000,
}


@pytest.mark.parametrize("name", TANGLED)
@pytest.mark.parametrize("kind", ["text/javascript", "application/json", "application/ld+json"])
def test_hostile_json_is_given_up_in_seconds(name: str, kind: str) -> None:
    started = time.process_time()
    extract_html(f'<html><body><script type="{kind}">{TANGLED[name]}</script><p>short</p>')
    assert time.process_time() - started < 6
