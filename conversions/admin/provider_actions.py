"""The levers of a provider: each a POST with a reason, a call of a service, and a count at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversions import operating
from conversions.models import ProviderSetting
from newsforge.lib.admin import say
from newsforge.lib.errors import PermanentError
from newsforge.lib.problem import told

Page = admin.ModelAdmin[ProviderSetting]
Chosen = QuerySet[ProviderSetting, Any]

USUAL_MINUTES = 60

MOST_MINUTES = 30 * 24 * 60


class ReasonForm(ActionForm):
    """Why, and for a pause how long."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)
    minutes = forms.IntegerField(
        label=_("Minutes"), required=False, min_value=1, max_value=MOST_MINUTES, initial=USUAL_MINUTES
    )


@admin.action(description=_("Pause: nobody asks it for so many minutes"), permissions=["operate"])
def pause(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Force the circuits of the chosen providers open."""
    now = timezone.now()
    minutes = int(request.POST.get("minutes") or USUAL_MINUTES)  # the form has looked at it by now
    until = now + timedelta(minutes=minutes)

    def service(setting: ProviderSetting, reason: str) -> None:
        operating.pause(setting=setting, until=until, reason=reason, actor=str(request.user), now=now)

    count = _each(page, request, chosen, service, "paused")
    say(page, request, count, ngettext("%(count)s provider is paused.", "%(count)s providers are paused.", count))


@admin.action(description=_("Reset: ask it again, forget its failures"), permissions=["operate"])
def reset(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Close the circuits of the chosen providers."""

    def service(setting: ProviderSetting, reason: str) -> None:
        operating.reset(setting=setting, reason=reason, actor=str(request.user))

    count = _each(page, request, chosen, service, "reset")
    say(page, request, count, ngettext("%(count)s provider is reset.", "%(count)s providers are reset.", count))


@admin.action(description=_("Disable"), permissions=["operate"])
def disable(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Switch the chosen providers off."""

    def service(setting: ProviderSetting, reason: str) -> None:
        operating.disable(setting=setting, reason=reason)

    count = _each(page, request, chosen.filter(is_enabled=True), service, "disabled")
    text = ngettext("%(count)s provider is disabled.", "%(count)s providers are disabled.", count)
    say(page, request, count, text)


@admin.action(description=_("Enable"), permissions=["operate"])
def enable(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Switch the chosen providers on."""

    def service(setting: ProviderSetting, reason: str) -> None:
        operating.enable(setting=setting, reason=reason)

    count = _each(page, request, chosen.filter(is_enabled=False), service, "enabled")
    text = ngettext("%(count)s provider is enabled.", "%(count)s providers are enabled.", count)
    say(page, request, count, text)


def _each(
    page: Page, request: HttpRequest, chosen: Chosen, service: Callable[[ProviderSetting, str], None], done: str
) -> int:
    """Return how many the service took; without a reason it takes none, and says so."""
    reason, count = request.POST.get("reason", ""), 0
    for setting in chosen:
        try:
            service(setting, reason)
        except PermanentError as refusal:
            page.message_user(request, told(refusal), messages.ERROR)
            break
        page.log_change(request, setting, f"{done}: {reason}")
        count += 1
    return count
