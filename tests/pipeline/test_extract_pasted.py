"""Pasted text becomes an article: its headline, its language, its limits."""

from __future__ import annotations

import unicodedata

import pytest

from conversions.enums import Verdict
from conversions.pipeline.extract import EmptyText, TextTooLong, from_text

BODY = (
    "시는 내년까지 12억 원을 들여 시장 세 곳에 로봇 40대를 더 들여놓을 계획이라고 7일 밝혔다. 상인회는 환영했다.\n" * 4
)


def test_a_first_line_above_the_text_is_its_headline() -> None:
    article = from_text(text=f"새벽 시장에 선 로봇\n\n{BODY}")
    assert article.title == "새벽 시장에 선 로봇"
    assert article.text.startswith("시는 내년까지 12억 원을")
    assert article.language == "ko"


def test_a_first_sentence_is_no_headline() -> None:
    article = from_text(text="시장이 로봇을 들였다.\n" + BODY)
    assert article.title == ""
    assert article.text.startswith("시장이 로봇을 들였다.")


def test_a_headline_may_ask() -> None:
    assert from_text(text=f"로봇이 시장을 구할까?\n{BODY}").title == "로봇이 시장을 구할까?"


def test_a_given_title_is_the_title_and_not_part_of_the_text() -> None:
    article = from_text(text=f"새벽 시장에 선 로봇\n{BODY}", title="새벽 시장에 선 로봇")
    assert article.title == "새벽 시장에 선 로봇"
    assert "새벽 시장에 선" not in article.text


def test_notices_pasted_along_are_dropped() -> None:
    byline = "서지안 기자 seo@hanbit.example"
    notices = "저작권자 ⓒ 한빛방송 무단전재 및 재배포 금지\n▷ 카카오톡에서 한빛뉴스를 친구 추가하세요"
    article = from_text(text=f"{BODY}{byline}\n{notices}")
    assert article.text.endswith("상인회는 환영했다.")
    assert article.authors == ("서지안",)


def test_the_named_source_is_kept_and_not_fetched() -> None:
    article = from_text(text=BODY, url="https://www.hanbit.example/view?id=1")
    assert (article.url, article.canonical_url) == ("https://www.hanbit.example/view?id=1",) * 2
    assert article.site == "hanbit.example"


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b\u202e\ufeff", "… — !"])
def test_nothing_to_read_is_an_error(text: str) -> None:
    with pytest.raises(EmptyText, match="Paste the article") as failure:
        from_text(text=text)
    assert failure.value.code == "empty-text"


def test_two_hundred_thousand_characters_are_the_limit() -> None:
    assert from_text(text="가나다. " * 40_000).verdict is Verdict.OK
    with pytest.raises(TextTooLong, match="200001") as failure:
        from_text(text="가" * 200_001)
    assert failure.value.code == "text-too-long"


def test_a_few_words_are_too_short_to_write_about() -> None:
    article = from_text(text="시장이 로봇을 들였다.")
    assert article.verdict is Verdict.TOO_SHORT
    assert article.reason


def test_pasted_text_is_nfc_and_without_hidden_characters() -> None:
    hidden = unicodedata.normalize("NFD", BODY).replace("로봇", "로\u200b봇\U000e0041")
    article = from_text(text=hidden)
    assert "로봇 40대를" in unicodedata.normalize("NFC", article.text)
    assert unicodedata.is_normalized("NFC", article.text)
    assert not {"\u200b", "\U000e0041"} & set(article.text)
