"""What staff do to provider keys: test them, take them out of use and back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import ApiKey
from conversions import provider_keys
from conversions.enums import KeyVerdict
from newsforge.lib.admin import say
from newsforge.lib.problem import told
from newsforge.lib.sentences import BECAUSE, TESTED, stored

DISABLED = stored("disabled")
ENABLED = stored("enabled")

Page = admin.ModelAdmin[ApiKey]
Chosen = QuerySet[ApiKey, Any]

MOST_AT_ONCE = 50
"""Keys one action tests, a page of them: ten at a time, each for up to five seconds."""


class KeyReasonForm(ActionForm):
    """Why."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)


@admin.action(description=_("Disable: no conversion is written with it"), permissions=["operate"])
def disable(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Take the chosen keys out of use."""
    count = _switch(page, request, chosen.filter(is_active=True), is_active=False, done=DISABLED)
    say(page, request, count, ngettext("%(count)s key is disabled.", "%(count)s keys are disabled.", count))


@admin.action(description=_("Enable"), permissions=["operate"])
def enable(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Put the chosen keys back into use."""
    count = _switch(page, request, chosen.filter(is_active=False), is_active=True, done=ENABLED)
    say(page, request, count, ngettext("%(count)s key is enabled.", "%(count)s keys are enabled.", count))


def _switch(page: Page, request: HttpRequest, chosen: Chosen, *, is_active: bool, done: str) -> int:
    moved = list(chosen)
    for key in moved:
        provider_keys.change_key(key=key, is_active=is_active)
        page.log_change(request, key, BECAUSE % {"what": done, "why": request.POST.get("reason", "")})
    return len(moved)


@admin.action(description=_("Test now: ask the provider, for free"), permissions=["change"])
def test_now(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Test the chosen keys and say what each provider said."""
    tested = list(chosen[:MOST_AT_ONCE])
    findings = provider_keys.check_stored(chosen=tested, now=timezone.now())
    for key in tested:
        page.log_change(request, key, TESTED)
    count = sum(found.verdict == KeyVerdict.ACCEPTED for found in findings)
    text = ngettext("%(count)s key was accepted.", "%(count)s keys were accepted.", count) % {"count": count}
    page.message_user(request, text, messages.SUCCESS if count else messages.WARNING)
    refused = Counter((found.verdict, told(found.failure)) for found in findings if found.failure is not None)
    for (verdict, sentence), times in refused.items():
        level = messages.ERROR if verdict == KeyVerdict.REFUSED else messages.WARNING
        page.message_user(request, f"{times} × {sentence}", level)
    left = chosen.count() - len(tested)
    if left > 0:
        rest = ngettext("%(count)s key was not tested.", "%(count)s keys were not tested.", left) % {"count": left}
        page.message_user(request, rest, messages.WARNING)
