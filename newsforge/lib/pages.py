"""What every page for people is told, and how it is sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


def site(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - the signature is Django's
    """Return the site's address, the release, and the languages one may choose."""
    return {"site_url": settings.SITE_URL, "version": settings.VERSION, "languages": settings.LANGUAGES}


class CompressedPages(GZipMiddleware):
    """Send pages compressed, and nothing else: an API's answers are short, and a stream must not wait to be squeezed.

    What a page holds of a visitor's own words says nothing by its length about the form's token beside them: Django
    masks the token anew for each page, and the middleware adds up to 100 random bytes (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress a page that is worth it."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
        return super().process_response(request, response) if is_page else response
