"""Access tokens for programs: made and shown this once, exchanged with an overlap, revoked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import services
from accounts.models import AccessToken
from accounts.selectors import tokens_of, valid_at
from accounts.web.once import OnceForm, do_once
from accounts.web.token_forms import OverlapForm, TokenForm
from accounts.web.visitor import by_form, user_of
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told

MOST_ENDED = 20
"""Tokens shown that ended, the newest."""

UNPROCESSABLE = 422

Issued = tuple[AccessToken, str]


@require_safe
@login_required
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens by the part of them that is no secret."""
    return _page(request, TokenForm())


@by_form("tokens")
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """Make a token and show it in this answer and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    name, expires_at = form.cleaned_data["name"], form.ends(now=timezone.now())
    try:
        return _issued(
            request, form, lambda: services.issue_token(user=user_of(request), name=name, expires_at=expires_at)
        )
    except NewsforgeError as refusal:
        form.add_error(None, told(refusal))
        return _page(request, form, status=refusal.status_code)


@by_form("tokens")
@never_cache
def rotate(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Make a token in the place of one, and show it in this answer and nowhere else."""
    token, form = _token(request, token_id), OverlapForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This form is not complete. Load the page again."))
        return redirect("tokens")
    overlap = timedelta(hours=form.cleaned_data["hours"])
    try:
        return _issued(request, form, lambda: services.rotate_token(token=token, overlap=overlap, now=timezone.now()))
    except NewsforgeError as refusal:
        messages.error(request, told(refusal))
        return redirect("tokens")


@by_form("tokens")
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """End a token at once."""
    token = _token(request, token_id)
    services.revoke_token(token=token, now=timezone.now())
    messages.success(request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("tokens")


def _token(request: HttpRequest, token_id: UUID) -> AccessToken:
    return get_object_or_404(tokens_of(user=user_of(request)), pk=token_id)


def _issued(request: HttpRequest, form: OnceForm, act: Callable[[], Issued]) -> HttpResponse:
    """Show what was made; a message or a redirection would leave it in a cookie, a session or an address."""
    once = form.cleaned_data["once"]
    made = do_once(user=user_of(request), once=once, path=request.path, asked=form.cleaned_data, act=act).made
    if made is None:
        messages.warning(
            request, _("This token was made and shown before. If you did not copy it, revoke it and make another one.")
        )
        return redirect("tokens")
    return render(request, "web/token_issued.html", {"token": made[0], "secret": made[1]})


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    found = tokens_of(user=user_of(request)).order_by("-created_at")
    valid = valid_at(now=timezone.now())
    context = {
        "form": form,
        "valid": [(token, OverlapForm(auto_id=f"{token.public_id}-%s")) for token in found.filter(valid)],
        "ended": found.exclude(valid)[:MOST_ENDED],
    }
    return render(request, "web/tokens.html", context, status=status)
