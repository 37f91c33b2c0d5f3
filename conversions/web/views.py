"""The pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversions.enums import Platform

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


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is and where its doors are."""
    context = {
        "platforms": [PLATFORM_NAMES[platform] for platform in Platform],
        "languages": settings.LANGUAGES,
        "site_url": settings.SITE_URL,
        "version": settings.VERSION,
    }
    return render(request, "web/home.html", context)
