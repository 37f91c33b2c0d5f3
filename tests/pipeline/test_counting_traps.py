"""Texts that other tools count wrong, and the right answers (platforms' own documentation, 2026-11)."""

from __future__ import annotations

import unicodedata

import pytest

from conversions.enums import Platform
from conversions.pipeline.platforms import check, count, hashtags_in, percent_encoded

FAMILY = "👨‍👩‍👧‍👦"
LINK = "https://example.com/" + "a" * 122


def test_a_korean_post_that_code_points_would_accept() -> None:
    text = "가" * 116 + " " * 67
    assert len(text) == 183
    assert count(platform=Platform.X, text=text) == 299
    assert [each.kind for each in check(platform=Platform.X, text=text)] == ["length"]


def test_a_link_of_any_length_is_23_on_x() -> None:
    assert len(LINK) == 142
    text = "a" * 250 + " " + LINK
    assert count(platform=Platform.X, text=text) == 274
    assert check(platform=Platform.X, text=text) == ()


def test_families_are_one_emoji_each() -> None:
    assert count(platform=Platform.X, text=FAMILY * 10) == 20
    assert count(platform=Platform.BLUESKY, text=FAMILY * 10) == 10
    assert len((FAMILY * 10).encode()) == 250


def test_hangul_in_parts_counts_as_hangul() -> None:
    text = unicodedata.normalize("NFD", "한글" * 50)
    assert count(platform=Platform.X, text=text) == 200


def test_a_korean_path_is_percent_encoded_before_it_is_inserted() -> None:
    plain = "https://example.com/경로/한글"
    encoded = percent_encoded(plain)
    assert encoded == "https://example.com/%EA%B2%BD%EB%A1%9C/%ED%95%9C%EA%B8%80"
    assert "link" in {each.kind for each in check(platform=Platform.X, text=f"보기 {plain}")}
    assert check(platform=Platform.X, text=f"보기 {encoded}") == ()


def test_a_bare_domain_before_a_particle_is_a_link() -> None:
    assert count(platform=Platform.X, text="chosun.com") == 23
    assert count(platform=Platform.X, text="chosun.com에 따르면") == 23 + 2 + 1 + 6


def test_korean_hashtags_are_hashtags() -> None:
    text = " ".join(f"#해시태그{number}" for number in range(31))
    assert len(hashtags_in(text)) == 31
    assert "hashtag" in {each.kind for each in check(platform=Platform.INSTAGRAM, text=text)}


@pytest.mark.parametrize(
    ("platform", "text", "length"),
    [
        (Platform.MASTODON, "글 https://a.kr 끝", 2 + 23 + 2),
        (Platform.MASTODON, "@reader@social.example 안녕", len("@reader 안녕")),
        (Platform.THREADS, "가나다 😀", 4 + 4),
        (Platform.LINKEDIN, "가나다 😀", 5),
        (Platform.BLUESKY, "가나다 https://example.com/long", 28),
    ],
)
def test_each_platform_counts_its_own_way(platform: Platform, text: str, length: int) -> None:
    assert count(platform=platform, text=text) == length


def test_bluesky_has_two_limits() -> None:
    text = FAMILY * 121
    assert count(platform=Platform.BLUESKY, text=text) == 121
    assert [each.kind for each in check(platform=Platform.BLUESKY, text=text)] == ["length"]
