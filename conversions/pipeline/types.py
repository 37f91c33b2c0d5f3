"""The frozen values that travel down the pipeline. Lengths are in the unit named, times in UTC, money never here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from conversions.enums import Language, Platform, Provider, Tone, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The bytes of one document and where they came from.

    ``url`` is the address after redirects, or None for an uploaded document. ``content_type`` is the raw header.
    """

    url: str | None
    content: bytes
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page says, and whether it says enough: only a verdict of ``ok`` goes to a writer.

    ``text`` is NFC, paragraphs separated by one newline. ``language`` is ISO 639-1 or None. ``reason`` explains a
    verdict other than ``ok`` in one English sentence.
    """

    url: str | None
    canonical_url: str | None = None
    title: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    language: str | None = None
    image: str | None = None
    site: str = ""
    verdict: Verdict = Verdict.OK
    reason: str = ""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the text in hex: two pages with the same words are the same article."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the customer asked for: one platform, one language, one tone."""

    platform: Platform
    language: Language = Language.SOURCE
    tone: Tone = Tone.NEUTRAL
    limit: int | None = None
    """An account's own limit (X Premium, a Mastodon instance), in the platform's unit; None for the platform's."""
    label: bool = True
    """Whether a post by a model carries the visible AI label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a provider is asked: ``system`` is ours, ``user`` holds the article fenced as data."""

    system: str
    user: str
    article: Article
    brief: Brief
    language: str
    """The language to write in, resolved: ``ko`` or ``en`` or the article's own code."""
    max_output_tokens: int = 2048
    version: str = ""
    """Which template it was made of."""

    @property
    def digest(self) -> str:
        """Return the SHA-256 over both texts in hex: the same prompt is never paid for twice."""
        return hashlib.sha256(f"{self.system}\0{self.user}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider reported them; ``input_tokens`` is the total and includes the cached ones."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def total(self) -> int:
        """Return all tokens, in and out."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A provider's answer, already taken out of its JSON but not yet judged.

    ``title`` is empty where the platform has none; ``hashtags`` come without their ``#``.
    """

    body: str
    title: str = ""
    hashtags: tuple[str, ...] = ()
    provider: Provider
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    request_id: str = ""
    latency_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A text that fits: ``length`` and ``limit`` are in the platform's own unit (limit None: the platform has none)."""

    text: str
    title: str = ""
    hashtags: tuple[str, ...] = ()
    platform: Platform
    language: str
    length: int
    limit: int | None
    provider: Provider
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing in a post that a person should look at before posting.

    ``kind`` is one of number, quote, name, claim, allegation, instruction, emoji, headline, language, stale, hashtag,
    link, and of the platform's own rules length, title and character.
    ``excerpt`` is the words in the post.
    """

    kind: str
    excerpt: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything one conversion produced: the post, what to check by eye, and how long each stage took (ms).

    ``prompt_version`` is the template its writer was asked with.
    """

    article: Article
    post: Post
    prompt_version: str
    findings: tuple[Finding, ...] = ()
    timings: dict[str, int] = field(default_factory=dict)


class Writer(Protocol):
    """A provider as the pipeline sees it."""

    @property
    def provider(self) -> Provider:
        """Return who answers."""
        ...

    @property
    def model(self) -> str:
        """Return the model's name, empty for the extractive writer."""
        ...

    def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
        """Return the provider's answer within ``timeout`` seconds.

        :raises PermanentError: if asking again changes nothing.
        :raises TransientError: if the same question may be answered later.
        """
        ...
