"""What staff do about incidents: each a call of a service, with a count at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from monitoring import incidents
from monitoring.models import Incident
from newsforge.lib.admin import each, say
from newsforge.lib.sentences import stored

ACKNOWLEDGED = stored("acknowledged")
SILENCED = stored("silenced")
RESOLVED = stored("resolved")
ANNOTATED = stored("annotated")

Page = admin.ModelAdmin[Incident]
Chosen = QuerySet[Incident, Any]

SPANS = {
    "1": (timedelta(hours=1), _("1 hour")),
    "4": (timedelta(hours=4), _("4 hours")),
    "24": (timedelta(hours=24), _("24 hours")),
    "168": (timedelta(hours=168), _("7 days")),
}


class IncidentActionForm(ActionForm):
    """Ask for a reason beside every action, and for how long when silencing."""

    reason = forms.CharField(label=_("Reason or note:"), max_length=incidents.LONGEST_NOTE, required=False)
    hours = forms.ChoiceField(
        label=_("Silence for:"), choices=[(hours, label) for hours, (_span, label) in SPANS.items()], required=False
    )


@admin.action(description=_("Acknowledge: I look after it"), permissions=["operate"])
def acknowledge(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Acknowledge open incidents."""
    count = _each(page, request, chosen, incidents.acknowledge, ACKNOWLEDGED)
    say(page, request, count, ngettext("%(count)s incident is acknowledged.", "%(count)s incidents are acknowledged.", count))  # fmt: skip # noqa: E501


@admin.action(description=_("Silence: send nothing more for a while"), permissions=["operate"])
def silence(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Silence open incidents for the chosen span."""
    span = SPANS.get(request.POST.get("hours", ""), SPANS["1"])[0]
    until = timezone.now() + span

    def service(**given: Any) -> None:
        incidents.silence(until=until, **given)

    count = _each(page, request, chosen, service, SILENCED)
    say(page, request, count, ngettext("%(count)s incident is silenced.", "%(count)s incidents are silenced.", count))


@admin.action(description=_("Resolve: it is over"), permissions=["operate"])
def resolve(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Resolve open incidents by hand."""
    count = _each(page, request, chosen, incidents.resolve_by_hand, RESOLVED)
    say(page, request, count, ngettext("%(count)s incident is resolved.", "%(count)s incidents are resolved.", count))


@admin.action(description=_("Write the note into the journal"), permissions=["operate"])
def note(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Write a note into incidents."""
    count = _each(page, request, chosen, incidents.annotate, ANNOTATED)
    say(page, request, count, ngettext("%(count)s incident has the note.", "%(count)s incidents have the note.", count))


def _each(page: Page, request: HttpRequest, chosen: Chosen, service: Callable[..., None], done: str) -> int:
    given = {"actor": str(request.user), "reason": request.POST.get("reason", ""), "now": timezone.now()}
    return each(page, request, chosen, lambda row: service(incident=row, **given), done)
