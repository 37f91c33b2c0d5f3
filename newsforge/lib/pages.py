"""What every page for people is told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - the signature is Django's
    """Return the site's address, the release, and the languages one may choose."""
    return {"site_url": settings.SITE_URL, "version": settings.VERSION, "languages": settings.LANGUAGES}
