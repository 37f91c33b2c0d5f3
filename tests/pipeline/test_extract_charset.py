"""Bytes become the text they were written as, whatever header and meta tags claim."""

from __future__ import annotations

import codecs

import pytest

from conversions.pipeline.extract import extract
from conversions.pipeline.extract.charset import decode
from conversions.pipeline.types import Page
from tests.pipeline.articles import extract_fixture, read_fixture

KOREAN = "똠방각하 펲시콜라 찦차를 타고 온 서울특별시장은 예산안을 확정했다고 밝혔다. " * 5
"""With syllables that only cp949 has, not euc-kr."""
GERMAN = "Die Münchner Bürger fordern größere Straßen – und das „sofort“. " * 20
JAPANESE = "委員会は火曜日に、学校と道路についての長い議論のあとで予算を可決した。" * 10
CHINESE = "委员会星期二经过长时间辩论后通过了学校和道路的预算案。" * 10
RUSSIAN = "Комитет утвердил бюджет во вторник после долгих споров о школах и дорогах. " * 10


def page(text: str, *, meta: str = "") -> str:
    declaration = f'<meta charset="{meta}">' if meta else ""
    return f"<html><head>{declaration}<title>x</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "header", "meta"),
    [
        (KOREAN, "utf-8", None, ""),
        (KOREAN, "utf-8", "euc-kr", "euc-kr"),
        (KOREAN, "utf-8", "iso-8859-1", "ks_c_5601-1987"),
        (KOREAN, "cp949", "euc-kr", ""),
        (KOREAN, "cp949", None, "ks_c_5601-1987"),
        (KOREAN, "cp949", "utf-8", "utf-8"),
        (KOREAN, "cp949", "iso-8859-1", ""),
        (KOREAN, "cp949", None, ""),
        (KOREAN, "utf-16", None, "euc-kr"),
        (GERMAN, "cp1252", "iso-8859-1", ""),
        (GERMAN, "cp1252", "utf-8", "iso-8859-1"),
        (GERMAN, "cp1252", None, ""),
        (JAPANESE, "cp932", "shift_jis", ""),
        (JAPANESE, "euc_jp", None, "euc-jp"),
        (JAPANESE, "euc_jp", None, ""),
        (CHINESE, "gb18030", "gb2312", ""),
        (CHINESE, "gb18030", None, ""),
        (RUSSIAN, "cp1251", None, "windows-1251"),
    ],
)
def test_the_text_comes_back(text: str, codec: str, header: str | None, meta: str) -> None:
    content = page(text, meta=meta).encode(codec)
    content_type = f"text/html; charset={header}" if header else "text/html"
    assert text in decode(content=content, content_type=content_type)


@pytest.mark.parametrize("cut", [1, 2])
def test_a_page_cut_inside_a_character_is_still_utf8(cut: int) -> None:
    content = page("예산").encode()[: -len("</p></body></html>")]
    assert decode(content=content[:-cut], content_type="text/html; charset=euc-kr").endswith("예")


def test_a_stray_byte_does_not_change_the_charset() -> None:
    content = page(KOREAN).encode() + b"<!-- \xe9 -->"
    assert KOREAN in decode(content=content, content_type=None)


@pytest.mark.parametrize(
    "bom", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE], ids=["utf-8", "utf-16-le", "utf-16-be"]
)
def test_a_byte_order_mark_has_the_first_word(bom: bytes) -> None:
    codec = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}[bom]
    text = decode(content=bom + page("예산").encode(codec), content_type="text/html; charset=euc-kr")
    assert text == page("예산")


def test_utf8_encoded_twice_is_undone() -> None:
    twice = page("It’s the town’s “first” café — they’ve said so.").encode().decode("latin-1").encode()
    assert "It’s the town’s “first” café — they’ve said so." in decode(content=twice, content_type=None)


def test_text_that_merely_looks_encoded_twice_is_left_alone() -> None:
    text = page("Le prix est à\xa0peu près Ã un euro.")
    assert decode(content=text.encode(), content_type=None) == text


def test_a_declaration_deep_in_the_head_still_counts() -> None:
    late = f'<html><head><style>{"x" * 5000}</style><meta charset="shift_jis"></head><p>{JAPANESE}</p>'
    assert JAPANESE in decode(content=late.encode("cp932"), content_type="text/html")


@pytest.mark.parametrize("label", ["utf-7", "idna", "rot13", "unicode_escape", "nonsense", "x" * 500])
def test_only_what_browsers_know_is_a_charset(label: str) -> None:
    text = decode(content=page(KOREAN).encode("cp949"), content_type=f"text/html; charset={label}")
    assert KOREAN in text


@pytest.mark.parametrize("name", ["ko_broadcast", "ko_agency", "ko_local", "ko_interview", "ko_arc"])
def test_a_cp949_page_reads_like_its_utf8_twin(name: str) -> None:
    html = read_fixture(name).replace('charset="utf-8"', 'charset="euc-kr"')
    content = html.encode("cp949", "xmlcharrefreplace")
    twin = extract(page=Page(url="https://news.example/articles/1", content=content, content_type="text/html"))
    assert twin == extract_fixture(name)
