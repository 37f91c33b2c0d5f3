"""What staff do to many conversions at once: each a call of a service, with a count at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversions import services
from conversions.models import Conversion
from newsforge.lib.admin import each, say
from newsforge.lib.sentences import BECAUSE, stored

RUN_AGAIN = stored("run again")
CANCELLED = stored("cancelled")
FLAGGED = stored("flagged")
FLAG_TAKEN_OFF = stored("flag taken off")

Page = admin.ModelAdmin[Conversion]
Chosen = QuerySet[Conversion, Any]

MOST_AT_ONCE = 500
"""Rows one action takes: each is a transaction of its own, and somebody waits for the page."""


class NoteForm(ActionForm):
    """Why a conversion is flagged."""

    note = forms.CharField(label=_("Note"), required=False, max_length=300)


@admin.action(description=_("Run again, for a new unit of the customer's day"), permissions=["operate"])
def run_again(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Run failed and cancelled conversions again."""
    run_all_again(page=page, request=request, rows=chosen[:MOST_AT_ONCE], done=RUN_AGAIN)


@admin.action(description=_("Cancel and give the unit back"), permissions=["operate"])
def cancel(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Cancel conversions that are not finished."""
    count = _each(page, request, chosen[:MOST_AT_ONCE], services.cancel_conversion, CANCELLED)
    text = ngettext("%(count)s conversion is cancelled.", "%(count)s conversions are cancelled.", count)
    say(page, request, count, text)


@admin.action(description=_("Flag, with the note"), permissions=["operate"])
def flag(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Mark conversions to be looked at again."""
    now, note = timezone.now(), _note(request)

    def service(conversion: Conversion) -> None:
        services.flag_conversion(conversion=conversion, note=note, now=now)

    count = each(page, request, chosen[:MOST_AT_ONCE], service, BECAUSE % {"what": FLAGGED, "why": note})
    say(page, request, count, ngettext("%(count)s conversion is flagged.", "%(count)s conversions are flagged.", count))


@admin.action(description=_("Take the flag off"), permissions=["operate"])
def unflag(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Take the mark off."""

    def service(conversion: Conversion) -> None:
        services.unflag_conversion(conversion=conversion)

    flagged = chosen.filter(flagged_at__isnull=False)[:MOST_AT_ONCE]
    count = each(page, request, flagged, service, BECAUSE % {"what": FLAG_TAKEN_OFF, "why": _note(request)})
    text = ngettext("%(count)s flag is taken off.", "%(count)s flags are taken off.", count)
    say(page, request, count, text)


def run_all_again(*, page: Page, request: HttpRequest, rows: Iterable[Conversion], done: str) -> None:
    """Run these conversions again and say how many did, and why the others did not; ``done`` is for the record."""
    count = _each(page, request, rows, services.retry_conversion, done)
    text = ngettext("%(count)s conversion runs again.", "%(count)s conversions run again.", count)
    say(page, request, count, text)


def _note(request: HttpRequest) -> str:
    return " ".join(request.POST.get("note", "").split())[:300]


def _each(
    page: Page, request: HttpRequest, rows: Iterable[Conversion], service: Callable[..., Conversion], done: str
) -> int:
    now = timezone.now()
    return each(page, request, rows, lambda row: service(conversion=row, actor=str(request.user), now=now), done)
