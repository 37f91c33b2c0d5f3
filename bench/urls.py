"""The site's addresses and ``/bare/``: what Django and our middleware cost before any work is done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from newsforge import urls
from newsforge.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def bare(_: HttpRequest) -> HttpResponse:
    """Answer with two bytes."""
    return HttpResponse(b"ok")


urlpatterns = [path("bare/", bare), *urls.urlpatterns]
