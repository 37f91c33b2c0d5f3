"""What each platform takes: its rules as data, and everything that is wrong with a text for it."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversions.enums import Platform
from conversions.pipeline.platforms import (
    RULES,
    LinkPolicy,
    Trust,
    check,
    count,
    fits,
    hashtags_in,
    limit_of,
    links_in,
    percent_encoded,
)


def kinds(platform: Platform, text: str, **more: object) -> list[str]:
    return [each.kind for each in check(platform=platform, text=text, **more)]  # type: ignore[arg-type]  # test shorthand


def test_every_platform_has_a_row_with_a_date_and_a_source() -> None:
    assert set(RULES) == set(Platform)
    for rules in RULES.values():
        assert rules.read <= date(2026, 12, 31)
        assert rules.source
        assert isinstance(rules.trust, Trust)
        assert rules.limit is None or rules.ideal <= rules.limit


def test_the_rows_say_what_the_platforms_say() -> None:
    assert {each.value: rules.limit for each, rules in RULES.items()} == {
        "x": 280,
        "threads": 500,
        "bluesky": 300,
        "mastodon": 500,
        "linkedin": 3000,
        "instagram": 2200,
        "facebook": 63206,
        "kakao": 1000,
        "naver_blog": None,
        "youtube": 1000,
    }
    assert RULES[Platform.BLUESKY].max_bytes == 3000
    assert (RULES[Platform.THREADS].max_links, RULES[Platform.THREADS].max_hashtags) == (5, 1)
    assert (RULES[Platform.INSTAGRAM].max_hashtags, RULES[Platform.INSTAGRAM].links) == (5, LinkPolicy.NONE)
    assert RULES[Platform.KAKAO].links is LinkPolicy.NONE
    assert RULES[Platform.NAVER_BLOG].max_title == 100


def test_an_accounts_own_limit_replaces_the_platforms() -> None:
    assert limit_of(platform=Platform.X) == 280
    assert limit_of(platform=Platform.X, limit=25_000) == 25_000
    assert limit_of(platform=Platform.NAVER_BLOG) is None
    assert fits(platform=Platform.X, text="가" * 200, limit=400)
    assert not fits(platform=Platform.X, text="가" * 200)


def test_a_larger_limit_does_not_lift_the_bytes() -> None:
    assert not fits(platform=Platform.BLUESKY, text="👨‍👩‍👧‍👦" * 121, limit=10_000)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("가나다", 6),
        ("abc…", 5),
        ("“따옴표”", 8),
        ("👍🏽", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("1️⃣", 2),
        ("🇰🇷", 2),
        ("👩‍👩", 5),  # no picture of its own: two emoji and a joiner
        ("http://t.co/abc", 23),
        ("한국은행.com", 8 + 4),  # a Korean name without a scheme is no link on X
        ("https://한국은행.com", 23),
        ("a.b", 3),
        ("user@example.com", 16),
        ("3.5%로 1.5배", 12),
        ("https://example.com/a_(b)", 23),
        ("가https://example.com", 25),
        ("https://example.com.", 24),
        ("줄\r\n바꿈", 7),
    ],
)
def test_x_counts_like_x(text: str, length: int) -> None:
    assert count(platform=Platform.X, text=text) == length


@pytest.mark.parametrize(
    ("platform", "text", "expected"),
    [
        (Platform.X, "가" * 141, ["length"]),
        (Platform.X, "   ", ["length"]),
        (Platform.INSTAGRAM, "자세히 https://example.com", ["link"]),
        (Platform.INSTAGRAM, "#가 #나 #다 #라 #마", []),
        (Platform.INSTAGRAM, "#가 #나 #다 #라 #마 #바", ["hashtag"]),
        (Platform.INSTAGRAM, "#가#나#다#라#마#바", ["hashtag"]),
        (Platform.KAKAO, "보기 https://example.com", ["link"]),
        (Platform.KAKAO, "가" * 1001, ["length"]),
        (Platform.THREADS, "#하나 둘", []),
        (Platform.THREADS, "#하나 #둘", ["hashtag"]),
        (Platform.THREADS, " ".join(f"https://example.com/{n}" for n in range(6)), ["link"]),
        (Platform.THREADS, " ".join(["https://example.com/1"] * 6), []),
        (Platform.X, "끝\ufeff", ["character"]),
        (Platform.LINKEDIN, "보이지\u200b않는", ["character"]),
        (Platform.LINKEDIN, "뒤\u202e집힌", ["character"]),
        (Platform.YOUTUBE, "가" * 1000, []),
        (Platform.NAVER_BLOG, "가" * 100_000, []),
    ],
)
def test_what_is_wrong_is_named(platform: Platform, text: str, expected: list[str]) -> None:
    assert kinds(platform, text) == expected


def test_titles() -> None:
    assert kinds(Platform.NAVER_BLOG, "글", title="가" * 100) == []
    assert kinds(Platform.NAVER_BLOG, "글", title="가" * 101) == ["title"]
    assert kinds(Platform.X, "글", title="제목") == ["title"]


def test_the_message_says_how_long_and_how_much_is_allowed() -> None:
    (problem,) = check(platform=Platform.X, text="가" * 150)
    assert "300" in problem.message
    assert "280" in problem.message


def test_hashtags_are_words_with_a_letter() -> None:
    assert hashtags_in("#1위 #123 C#은 &#39; https://a.com/#x ＃전각 #a_b #가#나") == ["1위", "전각", "a_b", "가", "나"]


def test_links_end_where_a_reader_sees_them_end() -> None:
    text = "보기(https://example.com/경로)는 chosun.com에 https://a.com/x_(y). https://naver.com에서 끝"
    assert links_in(text) == ["https://example.com/경로", "chosun.com", "https://a.com/x_(y)", "https://naver.com"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/경로/한글?검색=값#조각",
        "https://뉴스.한국/기사",
        "https://ko.wikipedia.org/wiki/서울_(도시)",
        "https://example.com/a%20b?x=1&y=%EA%B0%80",
        "https://example.com/끝.",
        "https://example.com/열린(괄호",
        "https://example.com/a b",
    ],
)
def test_an_encoded_address_is_one_link_everywhere_and_stays_encoded(url: str) -> None:
    encoded = percent_encoded(url)
    assert encoded.isascii()
    assert percent_encoded(encoded) == encoded
    assert count(platform=Platform.X, text=encoded) == 23
    assert links_in(f"가 {encoded} 나") == [encoded]


@pytest.mark.parametrize(
    "text",
    [
        "a." * 100_000,
        "가나다" * 66_000 + ".com",
        "👩‍" * 60_000,
        "http://a" + ")" * 190_000,
        "@" + "a" * 199_000,
        "a.com?" + "." * 190_000,
    ],
    ids=lambda text: text[:8],
)
def test_two_hundred_thousand_characters_are_counted_in_seconds(text: str) -> None:
    started = time.process_time()
    for platform in (Platform.X, Platform.MASTODON):
        check(platform=platform, text=text)
    assert time.process_time() - started < 15


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab가나.:/-_#@ \n…😀👩‍🏽\u1112\u1161\u11ab", max_size=60))
def test_counting_never_fails_and_never_forgets(text: str) -> None:
    for platform in Platform:
        length = count(platform=platform, text=text)
        assert 0 <= length <= 4 * len(text) + 23 * text.count(".") + 23
        assert count(platform=platform, text=text + "가") > length - 23
