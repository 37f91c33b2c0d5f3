"""Where Korean and English sentences end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversions.pipeline.sentences import sentence_spans, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("물가가 1.5% 올랐다. 정부는 지켜본다.", ["물가가 1.5% 올랐다.", "정부는 지켜본다."]),
        (
            '그는 "상황을 보겠다. 필요하면 대책을 낸다"고 밝혔다. 시장은 잠잠했다.',
            ['그는 "상황을 보겠다. 필요하면 대책을 낸다"고 밝혔다.', "시장은 잠잠했다."],
        ),
        ("“끝났다.” 그는 말했다.", ["“끝났다.”", "그는 말했다."]),
        ('이어 "좋다." 라고 했다.', ['이어 "좋다." 라고 했다.']),
        ("시장은 반응했다.그러나 환율은 내렸다…", ["시장은 반응했다.", "그러나 환율은 내렸다…"]),
        ("1. 첫째 항목이다. 2. 둘째다.", ["1. 첫째 항목이다.", "2. 둘째다."]),
        ("정말일까? 그렇다!", ["정말일까?", "그렇다!"]),
        ("제목\n본문이다.", ["제목", "본문이다."]),
        ("The U.S. economy grew 2.5 percent. He left.", ["The U.S. economy grew 2.5 percent.", "He left."]),
        ("Mr. Kim met J. K. Rowling. It was 5 p.m. Friday.", ["Mr. Kim met J. K. Rowling.", "It was 5 p.m. Friday."]),
        ("It ended at 6 p.m. They left.", ["It ended at 6 p.m.", "They left."]),
        ('"Stop!" he said. "We won. It was hard."', ['"Stop!" he said.', '"We won. It was hard."']),
        ("He is 5'10\" tall. She is 5'2\".", ["He is 5'10\" tall.", "She is 5'2\"."]),
        ("The dogs' owners left. The cats' too.", ["The dogs' owners left.", "The cats' too."]),
        ("Wait... what? OK.", ["Wait... what?", "OK."]),
        ("(사진=연합뉴스. 자료) 끝.", ["(사진=연합뉴스. 자료) 끝."]),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="가다. “”\"'()1,\nAb!?…", max_size=80))
def test_nothing_is_lost_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())
