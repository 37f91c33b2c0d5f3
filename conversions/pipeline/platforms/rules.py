"""What each platform takes, as dated data: the day it was read, where, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from conversions.enums import Platform
from conversions.pipeline.platforms.counters import Unit

READ = date(2026, 11, 23)
"""The day the rows below were read."""


class Trust(StrEnum):
    """How far a row can be trusted."""

    OFFICIAL = "official"
    VENDOR = "vendor documentation"
    REPORTED = "reported by third parties"
    OURS = "our own choice"


class LinkPolicy(StrEnum):
    """What becomes of a link in the text."""

    INLINE = "inline"
    """It stands in the text and can be clicked."""
    NONE = "none"
    """It must not stand in the text: it is dead there, or a button carries it."""


class Register(StrEnum):
    """How a Korean post addresses its readers."""

    FORMAL = "합니다체"
    POLITE = "해요체"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One platform. Lengths are in ``unit``; None means that there is no such limit."""

    platform: Platform
    limit: int | None
    unit: Unit = Unit.CHARACTERS
    max_bytes: int | None = None
    """UTF-8 bytes, beside ``limit``."""
    links: LinkPolicy = LinkPolicy.INLINE
    max_links: int | None = None
    """Different links, not their repetitions."""
    max_hashtags: int | None = None
    usual_hashtags: int = 0
    """How many we write ourselves."""
    max_title: int | None = None
    """Characters of the title; None: the platform has no title."""
    ideal: int
    """What we aim at, in ``unit``: long enough to say it, short enough to be read."""
    fold: int | None = None
    """Where a feed hides the rest behind "more", in characters."""
    register: Register
    composer_url: str
    """Where a person posts; ``{text}`` is the percent-encoded post, ``{url}`` the article's address."""
    source: str
    read: date = READ
    trust: Trust = Trust.OFFICIAL


RULES: dict[Platform, Rules] = {
    rules.platform: rules
    for rules in (
        Rules(
            platform=Platform.X,
            limit=280,
            unit=Unit.WEIGHTED,
            usual_hashtags=1,
            ideal=260,
            register=Register.FORMAL,
            composer_url="https://x.com/intent/post?text={text}",
            source="twitter-text config/v3.json; docs.x.com/fundamentals/counting-characters",
        ),
        Rules(
            platform=Platform.THREADS,
            limit=500,
            unit=Unit.THREADS,
            max_links=5,
            max_hashtags=1,
            usual_hashtags=1,
            ideal=380,
            register=Register.POLITE,
            composer_url="https://www.threads.com/intent/post?text={text}",
            source="developers.facebook.com/docs/threads/posts (the single topic tag: third party)",
        ),
        Rules(
            platform=Platform.BLUESKY,
            limit=300,
            unit=Unit.GRAPHEMES,
            max_bytes=3000,
            usual_hashtags=2,
            ideal=280,
            register=Register.POLITE,
            composer_url="https://bsky.app/intent/compose?text={text}",
            source="lexicon app.bsky.feed.post",
        ),
        Rules(
            platform=Platform.MASTODON,
            limit=500,
            unit=Unit.MASTODON,
            usual_hashtags=3,
            ideal=420,
            register=Register.POLITE,
            composer_url="https://share.joinmastodon.org/#text={text}",
            source="docs.joinmastodon.org/user/posting; an instance may set another limit",
        ),
        Rules(
            platform=Platform.LINKEDIN,
            limit=3000,
            usual_hashtags=3,
            ideal=1300,
            fold=210,
            register=Register.FORMAL,
            composer_url="https://www.linkedin.com/feed/?shareActive=true&text={text}",
            source="learn.microsoft.com little-text-format (for its API only); 3,000: third parties",
            trust=Trust.REPORTED,
        ),
        Rules(
            platform=Platform.INSTAGRAM,
            limit=2200,
            links=LinkPolicy.NONE,
            max_hashtags=5,
            usual_hashtags=5,
            ideal=900,
            fold=125,
            register=Register.POLITE,
            composer_url="https://www.instagram.com/",
            source="Instagram's announcement of 2025-12-18 (5 hashtags), as quoted by the trade press",
            trust=Trust.REPORTED,
        ),
        Rules(
            platform=Platform.FACEBOOK,
            limit=63206,
            usual_hashtags=2,
            ideal=450,
            fold=480,
            register=Register.POLITE,
            composer_url="https://www.facebook.com/sharer/sharer.php?u={url}",
            source="third parties",
            trust=Trust.REPORTED,
        ),
        Rules(
            platform=Platform.KAKAO,
            limit=1000,
            links=LinkPolicy.NONE,
            ideal=300,
            register=Register.POLITE,
            composer_url="https://business.kakao.com/",
            source="cs.kakao.com: channel message, basic text; a button carries the link (wide format: 76)",
            trust=Trust.VENDOR,
        ),
        Rules(
            platform=Platform.NAVER_BLOG,
            limit=None,
            usual_hashtags=5,
            max_title=100,
            ideal=2400,
            register=Register.FORMAL,
            composer_url="https://blog.naver.com/GoBlogWrite.naver",
            source="none published; the title's 100 characters are ours",
            trust=Trust.OURS,
        ),
        Rules(
            platform=Platform.YOUTUBE,
            limit=1000,
            usual_hashtags=3,
            ideal=600,
            register=Register.POLITE,
            composer_url="https://studio.youtube.com/",
            source="no official number for community posts; 1,000 is ours, set another with limit",
            trust=Trust.OURS,
        ),
    )
}
