"""What is wrong and what was: the open incidents first, what was told about each, and what people did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from monitoring.admin.incident_actions import IncidentActionForm, acknowledge, note, resolve, silence
from monitoring.enums import Severity
from monitoring.models import Incident, Notification
from monitoring.wording import duration
from newsforge.lib.admin import FactAdmin, actions_below, badge, cut
from newsforge.lib.retelling import retold

LEVELS = {Severity.CRITICAL: "bad", Severity.WARNING: "busy"}


class Standing(admin.SimpleListFilter):
    """Incidents by where they stand."""

    title = _("status")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        """Return the ways an incident can stand."""
        return [("open", _("open")), ("unanswered", _("open, nobody answers")), ("resolved", _("resolved"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return those that stand so."""
        ways = {
            "open": Q(resolved_at=None),
            "unanswered": Q(resolved_at=None, acknowledged_at=None),
            "resolved": Q(resolved_at__isnull=False),
        }
        return queryset.filter(ways.get(self.value() or "", Q()))


class Told(admin.TabularInline[Notification, Incident]):
    """Who was told of the incident, and whether it arrived."""

    model = Notification
    verbose_name_plural = _("who was told")
    fields = readonly_fields = ("kind", "channel_name", "state", "tries", "why", "due_at", "finished_at")
    ordering = ("created_at",)
    extra = 0
    can_delete = False
    show_change_link = True

    @admin.display(description=_("last error"))
    def why(self, notification: Notification) -> str:
        """Return what went wrong last."""
        return retold(notification.last_error)

    def has_add_permission(self, request: HttpRequest, obj: Incident | None = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Incident | None = None) -> bool:
        """Refuse."""
        return False


@admin.register(Incident)
class IncidentAdmin(FactAdmin[Incident]):
    """Incidents; people say that they look after one, silence it, resolve it, and write down what they found."""

    sentences = ("summary", "resolution")
    list_display = ("state", "level", "line", "kind", "opened_at", "lasted", "acknowledged_by")
    list_display_links = ("state", "line")
    list_filter = (Standing, "severity", "kind")
    search_fields = ("summary", "fingerprint", "acknowledged_by")
    ordering = (F("resolved_at").desc(nulls_first=True), "-opened_at")
    actions = (acknowledge, silence, resolve, note)
    action_form = IncidentActionForm
    inlines = (Told,)
    readonly_fields = ("state", "level", "lasted", "story")
    fieldsets = (
        (None, {"fields": ("state", "level", "summary", "kind", "fingerprint", "details")}),
        (_("When"), {"fields": ("opened_at", "lasted", "last_seen_at", "times_seen", "resolved_at", "resolution")}),
        (
            _("What people did"),
            {"fields": ("acknowledged_by", "acknowledged_at", "silenced_until", "escalated_at", "story")},
        ),
    )
    change_form_template = "admin/actions_below.html"

    @admin.display(description=_("status"), ordering="resolved_at")
    def state(self, incident: Incident) -> SafeString:
        """Return where it stands."""
        if incident.resolved_at is not None:
            return badge(text=gettext_noop("resolved"), state="good")
        if incident.is_silenced(now=timezone.now()):
            return badge(text=gettext_noop("silenced"), state="idle")
        if incident.acknowledged_at is not None:
            return badge(text=gettext_noop("acknowledged"), state="busy")
        return badge(text=gettext_noop("open"), state="bad")

    @admin.display(description=_("severity"), ordering="severity")
    def level(self, incident: Incident) -> SafeString:
        """Return how bad it is in words and colour."""
        return badge(text=incident.severity, state=LEVELS[Severity(incident.severity)])

    @admin.display(description=_("summary"))
    def line(self, incident: Incident) -> SafeString:
        """Return the summary in one line."""
        return cut(retold(incident.summary))

    @admin.display(description=_("duration"))
    def lasted(self, incident: Incident) -> str:
        """Return how long it lasted, or lasts by now."""
        return duration(span=(incident.resolved_at or timezone.now()) - incident.opened_at)

    @admin.display(description=_("journal"))
    def story(self, incident: Incident) -> SafeString:
        """Return what people did, one line each."""
        lines = [
            (localize(timezone.localtime(_moment(each["at"]))), each["actor"], retold(each["did"]), each["text"])
            for each in incident.journal
        ]
        return (
            format_html("<ul>{}</ul>", format_html_join("", "<li>{} · {} · {} {}</li>", lines)) if lines else cut("-")
        )

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Let staff with the right to change incidents look after them."""
        return request.user.has_perm("monitoring.change_incident")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Put the same actions under the incident as stand over the list."""
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **actions_below(self, request)}
        )


def _moment(text: str) -> datetime:
    return parse_datetime(text) or timezone.now()
