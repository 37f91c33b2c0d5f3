"""What people read for the values of closed sets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversions.enums import AUTO, Language, Platform, Provider, Tone

PLATFORM_NAMES: dict[Platform, str] = {
    Platform.X: "X",
    Platform.THREADS: "Threads",
    Platform.BLUESKY: "Bluesky",
    Platform.MASTODON: "Mastodon",
    Platform.LINKEDIN: "LinkedIn",
    Platform.INSTAGRAM: "Instagram",
    Platform.FACEBOOK: "Facebook",
    Platform.KAKAO: "KakaoTalk",
    Platform.NAVER_BLOG: "Naver Blog",
    Platform.YOUTUBE: "YouTube",
}
"""As the platforms spell themselves; a translation may say otherwise."""

LANGUAGE_NAMES = {
    Language.SOURCE: _("As the article"),
    Language.KOREAN: _("Korean"),
    Language.ENGLISH: _("English"),
}
TONE_NAMES = {
    Tone.NEUTRAL: _("Neutral"),
    Tone.FRIENDLY: _("Friendly"),
    Tone.FORMAL: _("Formal"),
    Tone.PUNCHY: _("Punchy"),
}
PROVIDER_NAMES = {
    AUTO: _("The best that has a key"),
    Provider.OPENAI: "OpenAI",
    Provider.ANTHROPIC: "Anthropic",
    Provider.EXTRACTIVE: _("Built-in writer, offline"),
}
