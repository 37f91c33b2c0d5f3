"""The numbers of Korean and English news, as values with units."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conversions.pipeline.grounding.quantities import quantities


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1조 2,000억 원", "1200000000000", "won"),
        ("1조2000억원", "1200000000000", "won"),
        ("3만5천 명", "35000", "person"),
        ("12만 3,456명", "123456", "person"),
        ("2천5백만 달러", "25000000", "dollar"),
        ("5,000억원", "500000000000", "won"),
        ("연 2.5%", "2.5", "percent"),
        ("0.25%포인트", "0.25", "point"),
        ("두 번째", "2", "ordinal"),
        ("열두 명", "12", "person"),
        ("제3위", "3", "ordinal"),
        ("1.2 trillion won", "1200000000000", "won"),
        ("$12.5 million", "12500000", "dollar"),
        ("$1.2bn", "1200000000", "dollar"),
        ("£300m", "300000000", "pound"),
        ("2.5 percent", "2.5", "percent"),
        ("twenty-five years", "25", "year"),
        ("two hundred people", "200", "person"),
        ("half a million", "500000", ""),
        ("a dozen", "12", ""),
        ("the third", "3", "ordinal"),
        ("10th", "10", "ordinal"),
        ("15-year", "15", "year"),
        ("15-month", "15", "month"),
        ("the 1960s", "1960", "decade"),
        ("in March", "3", "month"),
    ],
)
def test_one_number(text: str, value: str, unit: str) -> None:
    (found,) = quantities(text)
    assert (found.value, found.unit) == (Decimal(value), unit)


def test_a_date_and_a_time_are_their_parts() -> None:
    found = quantities("2026년 11월 23일 오후 5시 30분")
    assert [(int(each.value), each.unit) for each in found] == [
        (2026, "year"),
        (11, "month"),
        (23, "day"),
        (5, "hour"),
        (30, "minute"),
    ]


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("약 30명", "~"),
        ("30여 명", "~"),
        ("about 30 people", "~"),
        ("100명 이상", ">"),
        ("more than $100 million", ">"),
        ("100명 미만", "<"),
        ("less than 100", "<"),
        ("30명", "="),
    ],
)
def test_how_a_number_is_meant(text: str, relation: str) -> None:
    assert [each.relation for each in quantities(text)] == [relation]


@pytest.mark.parametrize(
    "text", ["You may go.", "one of them", "no one", "the first lady", "그들은 한 목소리로", "세계 시장"]
)
def test_what_is_no_number(text: str) -> None:
    assert quantities(text) == ()
