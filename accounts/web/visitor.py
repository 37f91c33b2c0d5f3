"""Who looks at a page."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from accounts.models import User


def user_of(request: HttpRequest) -> User:
    """Return who is logged in; the page has let nobody else in."""
    return cast("User", request.user)
