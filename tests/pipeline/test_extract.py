"""A page becomes the article a reader sees, with its facts: whole, once, and without the publisher's furniture."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest

from conversions.enums import Verdict
from tests.pipeline.articles import extract_fixture, extract_html, paragraphs

KST = timezone(timedelta(hours=9))

KOREAN = {
    "ko_broadcast": ("[앵커]", "한빛방송 뉴스 서지안입니다."),
    "ko_agency": ("(가람=나루통신) 윤서후 기자 =", "버스 세 대를 더 배치하기로 했다."),
    "ko_local": ("책 이백 권을 실은", "3천만 원을 지원한다."),
    "ko_interview": ("■ 방송 : 물결라디오", "▷나윤슬 : 고맙습니다."),
    "ko_arc": ("하루 두 번 오던", '가장 기쁘다"고 했다.'),
    "ko_next": ("시립 수영장 다섯 곳이", "누리집에 알린다."),
}
"""How the text of each Korean page begins and ends."""

FURNITURE = """
제보 무단 저작권 Copyright 구독 공유 인쇄 송고 입력 승인 기사모음 관련기사 주요뉴스 많이본 로그인 @ 영상편집 끝) 재판매
카카오톡 밝혀주시기 헌책방 우편배달부 제빵사 화면에보이지 다른기사
"""


@pytest.mark.parametrize("name", KOREAN)
class TestKoreanPages:
    def test_text_is_the_whole_story_and_nothing_else(self, name: str) -> None:
        article = extract_fixture(name)
        begins, ends = KOREAN[name]
        assert article.text.startswith(begins)
        assert article.text.endswith(ends)
        assert article.verdict is Verdict.OK
        assert article.reason == ""

    def test_no_furniture_reaches_the_text(self, name: str) -> None:
        text = extract_fixture(name).text.replace(" ", "")
        assert [word for word in FURNITURE.split() if word in text] == []

    def test_language_is_korean_and_the_title_stands_alone(self, name: str) -> None:
        article = extract_fixture(name)
        assert article.language == "ko"
        assert article.title
        assert not any(mark in article.title for mark in ("|", "<", "신문", "일보", "방송", "&"))
        assert article.title not in article.text


@pytest.mark.parametrize(
    ("name", "authors", "published_at"),
    [
        ("ko_broadcast", ("서지안",), datetime(2026, 4, 7, 19, 9, 16, tzinfo=KST)),
        ("ko_agency", ("윤서후",), datetime(2026, 5, 11, 10, 42, tzinfo=KST)),
        ("ko_local", ("문하람",), datetime(2026, 3, 2, 14, 20, tzinfo=KST)),
        ("ko_interview", (), datetime(2026, 2, 20, 13, 2, tzinfo=KST)),
        ("ko_arc", ("도지윤",), datetime(2026, 1, 14, 1, 20, 47, tzinfo=UTC)),
        ("ko_next", ("배온유",), datetime(2026, 7, 3, 18, 30, tzinfo=KST)),
        ("en_news", ("Maren Holt",), datetime(2026, 6, 1, 6, 30, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_authors_are_persons_and_dates_have_a_zone(name: str, authors: tuple[str, ...], published_at: datetime) -> None:
    article = extract_fixture(name)
    assert article.authors == authors
    assert article.published_at == published_at
    assert article.published_at is not None
    assert article.published_at.utcoffset() is not None


def test_a_body_printed_twice_is_read_once() -> None:
    text = extract_fixture("ko_broadcast").text
    assert text.count("얼음을 가득 실은 로봇이") == 1
    assert text.count("12억 원을 들여") == 1


def test_answers_that_repeat_in_an_interview_stay() -> None:
    assert extract_fixture("ko_interview").text.count("▷나윤슬 : 네.\n") == 2


def test_a_news_page_gives_its_facts() -> None:
    article = extract_fixture("en_news")
    assert article.title == "Harbour town swaps diesel ferries for electric ones"
    assert article.site == "The Quay Courier"
    assert article.canonical_url == "https://www.quay.example/news/electric-ferries"
    assert article.image == "https://cdn.quay.example/ferry.jpg"
    assert article.language == "en"
    assert len(article.text.split("\n")) == 5
    strangers = ["night market", "Photo:", "newsletter", "old pier gets", "Read more", "timetable", "rights reserved"]
    for stranger in strangers:
        assert stranger not in article.text


def test_the_same_page_is_the_same_article() -> None:
    assert extract_fixture("ko_local") == extract_fixture("ko_local")


def test_hidden_words_never_reach_the_text() -> None:
    text = extract_fixture("en_hidden").text
    assert "SECRET" not in text
    assert "sponsor" not in text


def test_invisible_characters_are_dropped_and_visible_words_kept() -> None:
    text = extract_fixture("en_hidden").text
    assert "beans, tomatoes and sunflowers, the librarian said." in text
    assert "The seeds are dried, labelled and kept" in text
    assert not set(text) & {"\u200b", "\u202e", "\U000e0041", "\U000e0042"}


def test_character_references_are_read_as_browsers_read_them() -> None:
    said = "<p>It&#146;s the town&#x92;s &#8220;road&#8221;.&#27;</p>"
    html = f"<html lang=en><body><article><h1>Roads</h1>{said}{paragraphs(6)}"
    assert extract_html(html).text.startswith("It’s the town’s “road”.\n")


def test_text_is_nfc_whatever_the_page_is_in() -> None:
    decomposed = "시장은 예산을 늘리겠다고 밝혔다. ".encode().decode()
    html = f"<html lang=ko><body><article><h1>제목</h1><p>{unicodedata.normalize('NFD', decomposed) * 12}</p></article>"
    article = extract_html(html)
    assert "시장은 예산을 늘리겠다고 밝혔다." in article.text
    assert unicodedata.is_normalized("NFC", article.text)


def stated(body: str) -> str:
    said = {"@type": "NewsArticle", "headline": "Roads", "articleBody": body}
    return f'<script type="application/ld+json">{json.dumps(said)}</script>'


def test_json_ld_restores_a_body_the_markup_shows_in_part() -> None:
    whole = " ".join(f"Sentence number {n} tells what the council decided about road {n}." for n in range(20))
    html = f"<html lang=en><head>{stated(whole)}</head><body><h1>Roads</h1><p>{whole[:150]}</p></body></html>"
    assert extract_html(html).text == whole


def test_json_ld_teaser_does_not_replace_the_story() -> None:
    teaser = stated("What the council decided.")
    html = f"<html lang=en><head>{teaser}</head><body><article><h1>Roads</h1>{paragraphs(6)}</article>"
    assert extract_html(html).text.count("\n") == 5


def test_an_article_container_bounds_the_story() -> None:
    html = (
        f'<html lang=en><body><h1>Roads</h1><div itemprop="articleBody">{paragraphs(8)}</div>'
        "<p>Our shop has mugs with the paper's name on them, at a special price for readers.</p></body></html>"
    )
    assert "mugs" not in extract_html(html).text


def test_a_container_with_only_the_teaser_does_not_cut_the_story() -> None:
    html = (
        '<html lang=en><body><article><h1>Roads</h1><div itemprop="articleBody"><p>The council met on Monday.</p></div>'
        f"{paragraphs(8)}</article></body></html>"
    )
    assert extract_html(html).text.count("budget number") == 8


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        ("ko", "The committee approved the budget on Tuesday after a long debate about the schools. ", "en"),
        ("en", "정부는 화요일 국무회의에서 내년 예산안을 의결했다고 밝혔다. ", "ko"),
        (
            "en",
            "Der Ausschuss hat den Haushalt am Dienstag nach einer langen Debatte beschlossen. ",
            "de",
        ),
        ("en", "委員会は火曜日に、学校と道路についての長い議論のあとで予算を可決した。", "ja"),
        ("en", "委员会星期二经过长时间辩论后通过了学校和道路的预算案。", "zh"),
        ("nb", "Komiteen vedtok budsjettet på tirsdag. ", "nb"),
    ],
)
def test_language_follows_the_text_before_the_declaration(declared: str, text: str, language: str) -> None:
    html = f"<html lang={declared}><body><article><h1>1</h1><p>{text * 8}</p></article></body></html>"
    assert extract_html(html).language == language


def test_addresses_that_are_no_web_addresses_are_not_passed_on() -> None:
    head = '<link rel=canonical href="javascript:alert(1)"><meta property="og:image" content="data:,x">'
    html = f"<html lang=en><head>{head}</head><body><article><h1>Roads</h1>{paragraphs(6)}</article>"
    article = extract_html(html)
    assert article.canonical_url == "https://news.example/articles/1"
    assert article.image is None


def test_an_uploaded_page_needs_no_address() -> None:
    article = extract_fixture("ko_local", url=None)
    assert article.url is None
    assert article.verdict is Verdict.OK


STORY = [
    "가람시가 버려진 철길 4.2킬로미터를 걷는 길로 바꾼다고 3일 밝혔다.",
    "시는 내년 봄까지 38억 원을 들여 선로 옆에 나무 1,200그루를 심는다.",
    "철길은 2009년 기차가 끊긴 뒤 잡초에 덮여 있었다.",
    '주민 오세은 씨는 "아이들과 안전하게 걸을 길이 생겨 반갑다"고 말했다.',
    "시는 오는 20일 시청에서 설명회를 열고 주민 의견을 듣는다.",
    "공사는 10월에 시작해 다섯 달이 걸린다.",
]
BROKEN = "<br><br>".join(STORY)
BYLINE = "홍세라 기자 sera@garam.example"
NOTICE = "&lt;저작권자 ⓒ 가람뉴스, 무단전재 및 재배포 금지&gt;"
SIGNED = f"{BROKEN}<br>{BYLINE}<br>{NOTICE}"
PHOTO = "<span class=photo><img src=a><em>철길 모습</em></span>"
LINKS = "".join(f"<tr><td><a href='/n/{n}'>다른 기사 제목 {n}</a></td></tr>" for n in range(20))
LAYOUTS = {
    "breaks in an article": f"<article>{PHOTO}{BROKEN}</article><p>{BYLINE}</p>",
    "breaks in a span": f"<div><span>{SIGNED}</span></div>",
    "tables and fonts": f"<table><tr><td><font>{SIGNED}</font></td><td><table>{LINKS}</table></td></tr></table>",
    "a div a paragraph": "<div>" + "".join(f"<div>{line}</div>" for line in [*STORY, BYLINE, NOTICE]) + "</div>",
    "spans in paragraphs": "".join(f"<p><span>{line}</span></p><p>&nbsp;</p>" for line in [*STORY, BYLINE]),
    "one paragraph": f"<div><p>{BROKEN}</p><p>[가람뉴스 홍세라 기자]</p></div>",
    "an advertisement between": f"<div>{SIGNED.replace('<br><br>', '<div class=ad>광고 문의</div>', 1)}</div>",
}
"""How Korean publishing systems lay out a body."""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_body_is_read_whatever_its_layout(layout: str) -> None:
    menu = "".join(f"<li><a href='/s/{n}'>메뉴{n}</a></li>" for n in range(20))
    html = (
        f"<html lang=ko><head><title>버려진 철길 | 가람뉴스</title></head><body><ul>{menu}</ul><h2>버려진 철길</h2>"
        f"<div class=date>2026년 03월 03일 10시 20분</div>{LAYOUTS[layout]}<h3>많이 본 뉴스</h3><table>{LINKS}</table>"
        "<div>가람뉴스 | 등록번호 서울 아00000 | Copyright ⓒ 가람뉴스. All rights reserved.</div></body></html>"
    )
    article = extract_html(html)
    assert article.text.split("\n") == STORY
    assert article.authors == ("홍세라",)
    assert article.published_at == datetime(2026, 3, 3, 10, 20, tzinfo=KST)
