"""One's own account: who one is, what one may set, where one is logged in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import preferences, quota, sessions
from accounts.login import second_factors
from accounts.models import LoginSession
from accounts.web.forms import SettingsForm
from accounts.web.visitor import by_form, user_of
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told


@require_safe
@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show the account."""
    return _page(request, SettingsForm(initial=SettingsForm.stands(user_of(request))))


@by_form("account")
def settings(request: HttpRequest) -> HttpResponse:
    """Set the time zone and the budget."""
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        preferences.change(user=user_of(request), **form.cleaned_data)
    except NewsforgeError as refusal:
        form.add_error(None, told(refusal))
        return _page(request, form, status=refusal.status_code)
    messages.success(request, _("The settings are saved."))
    return redirect("account")


@by_form("account")
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """End one session.

    :raises Http404: if the user has none with this number.
    """
    if not sessions.end_session(user=user_of(request), number=number):
        raise Http404
    messages.success(request, _("That browser is logged out."))
    return redirect("account")


@by_form("account")
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    sessions.end_other_sessions(request=request, user=user_of(request), now=timezone.now())
    messages.success(request, _("Every other browser is logged out."))
    return redirect("account")


def _page(request: HttpRequest, form: SettingsForm, *, status: int = 200) -> HttpResponse:
    user, now = user_of(request), timezone.now()
    factors = second_factors(user=user)
    context = {
        "form": form,
        "standing": quota.standing(user=user, now=now),
        "has_app": Authenticator.Type.TOTP in factors,
        "keys": factors.count(Authenticator.Type.WEBAUTHN),
        "has_codes": Authenticator.Type.RECOVERY_CODES in factors,
        "sessions": [_line(request, row) for row in sessions.sessions_of(user=user, now=now)],
    }
    return render(request, "web/account.html", context, status=status)


def _line(request: HttpRequest, row: LoginSession) -> dict[str, Any]:
    is_here = row.session_id == request.session.session_key
    return {"row": row, "browser": sessions.browser_of(row.user_agent), "is_here": is_here}
