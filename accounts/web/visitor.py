"""Who looks at a page, and who may send a form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def user_of(request: HttpRequest) -> User:
    """Return who is logged in; the page has let nobody else in."""
    return cast("User", request.user)


def by_form(page: str) -> Callable[[View[P]], View[P]]:
    """Let a view take only what somebody logged in sends by the form on a page of this name.

    Whoever opens its address, as after logging in anew or by loading it again, is told where the form is (405).
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def taken(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"], render_to_string("405.html", {"page": reverse(page)}, request))
            if not request.user.is_authenticated:
                return redirect_to_login(reverse(page))
            return view(request, *args, **kwargs)

        return taken

    return decorate
