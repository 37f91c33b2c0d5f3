"""What staff do to clients' tokens: change one for another with an overlap, or end them at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.models import AccessToken
from newsforge.lib.admin import say
from newsforge.lib.errors import PermanentError
from newsforge.lib.problem import told
from newsforge.lib.sentences import BECAUSE, stored

ROTATED = stored("rotated, ends in %(hours)s h")
ISSUED = stored("issued in place of %(token)s")
REVOKED = stored("revoked")

Page = admin.ModelAdmin[AccessToken]
Chosen = QuerySet[AccessToken, Any]

USUAL_HOURS = 24
MOST_HOURS = 30 * 24


class OverlapForm(ActionForm):
    """How long the old token stays good, and why."""

    hours = forms.IntegerField(
        label=_("Overlap (hours)"), required=False, min_value=0, max_value=MOST_HOURS, initial=USUAL_HOURS
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)


@admin.action(description=_("Rotate: a new token now, the old one ends after the overlap"), permissions=["revoke"])
def rotate(page: Page, request: HttpRequest, chosen: Chosen) -> HttpResponse | None:
    """Issue another token for the chosen one and show it, this once."""
    tokens = list(chosen[:2])
    if len(tokens) != 1:
        page.message_user(request, gettext("Choose one token: the new one is shown once."), messages.ERROR)
        return None
    given = request.POST.get("hours", "")
    hours = int(given) if given else USUAL_HOURS  # the form has looked at it by now
    try:
        made, plaintext = services.rotate_token(token=tokens[0], overlap=timedelta(hours=hours), now=timezone.now())
    except PermanentError as refusal:
        page.message_user(request, told(refusal), messages.ERROR)
        return None
    reason = request.POST.get("reason", "")
    page.log_change(request, tokens[0], BECAUSE % {"what": ROTATED % {"hours": hours}, "why": reason})
    page.log_addition(request, made, BECAUSE % {"what": ISSUED % {"token": tokens[0]}, "why": reason})
    return issued(page, request, made, plaintext)


@admin.action(description=_("Revoke: the client is locked out at once"), permissions=["revoke"])
def revoke(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Revoke the chosen tokens that were not revoked before."""
    now = timezone.now()
    count = 0
    for token in chosen.filter(revoked_at=None):
        services.revoke_token(token=token, now=now)
        page.log_change(request, token, BECAUSE % {"what": REVOKED, "why": request.POST.get("reason", "")})
        count += 1
    say(page, request, count, ngettext("%(count)s token is revoked.", "%(count)s tokens are revoked.", count))


def issued(page: Page, request: HttpRequest, token: AccessToken, plaintext: str) -> HttpResponse:
    """Return the page that shows a token once; a message would leave it in a cookie or a session."""
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": _("Copy the token now"),
        "token": token,
        "plaintext": plaintext,
    }
    return TemplateResponse(request, "admin/accounts/accesstoken/issued.html", context)
