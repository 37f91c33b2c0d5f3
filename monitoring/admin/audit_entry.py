"""The audit log, to be read: who did what to which row, from where, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from auditlog.registry import auditlog
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.models import AuditEntry
from newsforge.lib import audit
from newsforge.lib.admin import FactAdmin, badge, cut
from newsforge.lib.retelling import retold

Action = AuditEntry.Action
COLOURS = {Action.CREATE: "good", Action.UPDATE: "busy", Action.DELETE: "bad"}
SERVICE = "-"

admin.site.unregister(AuditEntry)  # django-auditlog's own page counts, orders and searches the whole table


class Who(admin.SimpleListFilter):
    """Entries of one of the staff, or of nobody: of the service itself."""

    title = _("who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        """Return the staff."""
        staff = get_user_model().objects.filter(is_staff=True).order_by("email").values_list("email", flat=True)
        return [(SERVICE, _("the service")), *((email, email) for email in staff[:100])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the entries of who was chosen."""
        chosen = self.value()
        return queryset.filter(actor_email="" if chosen == SERVICE else chosen) if chosen else queryset


class Kind(admin.SimpleListFilter):
    """Entries about rows of one table."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        """Return the tables that have a page or are watched."""
        models = {*(each for each in apps.get_models() if admin.site.is_registered(each)), *auditlog.get_models()}
        named = [(model._meta.label_lower, capfirst(str(model._meta.verbose_name))) for model in models]
        return sorted(named, key=lambda each: each[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the entries about the table."""
        app, _dot, model = (self.value() or "").partition(".")
        if not model:
            return queryset
        return queryset.filter(content_type=ContentType.objects.filter(app_label=app, model=model).first())


@admin.register(AuditEntry)
class AuditEntryAdmin(FactAdmin[AuditEntry]):
    """Entries, the newest first; nobody adds, edits or removes one here, and the database refuses it too."""

    list_display = ("timestamp", "who", "did", "kind", "what", "remote_addr", "changed")
    list_display_links = ("timestamp", "did")
    list_filter = ("action", "timestamp", Who, Kind)
    list_select_related = ("content_type",)
    search_fields = ("object_pk__exact", "cid__exact", "actor_email__exact")
    search_help_text = _("The id of a row or of a request, or the whole e-mail address of who did it.")
    id_fields = ("object_pk", "cid")
    ordering = ("-pk",)
    fields = ("timestamp", "who", "remote_addr", "did", "said", "kind", "what", "object_pk", "lines", "cid")
    readonly_fields = ("who", "did", "said", "kind", "what", "lines")

    @admin.display(description=_("who"), ordering="actor_email")
    def who(self, entry: AuditEntry) -> str:
        """Return the address of who did it."""
        return entry.actor_email or gettext("the service")

    @admin.display(description=_("did"), ordering="action")
    def did(self, entry: AuditEntry) -> SafeString:
        """Return what was done, in the words of the act where it has some."""
        said = retold((entry.additional_data or {}).get("did", ""))
        shown = badge(text=str(entry.get_action_display()), state=COLOURS.get(entry.action, "idle"))
        return format_html("{} {}", shown, cut(said)) if said else shown

    @admin.display(description=_("in words"))
    def said(self, entry: AuditEntry) -> str:
        """Return the whole of the act's words."""
        return retold((entry.additional_data or {}).get("did", "")) or "-"

    @admin.display(description=_("kind"))
    def kind(self, entry: AuditEntry) -> str:
        """Return what kind of row it was done to."""
        model = entry.content_type.model_class()
        return capfirst(str(model._meta.verbose_name)) if model else entry.content_type.model

    @admin.display(description=_("what"))
    def what(self, entry: AuditEntry) -> SafeString:
        """Return the row, with the way to its page."""
        kind = entry.content_type
        try:
            link = reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[entry.object_pk])
        except NoReverseMatch:
            return cut(retold(entry.object_repr))
        return format_html('<a href="{}">{}</a>', link, cut(retold(entry.object_repr)))

    @admin.display(description=_("changed"))
    def changed(self, entry: AuditEntry) -> SafeString:
        """Return the names of what changed in one line."""
        return cut(", ".join(line.field for line in audit.lines_of(entry=entry)))

    @admin.display(description=_("before and after"))
    def lines(self, entry: AuditEntry) -> SafeString:
        """Return what changed, from what and to what."""
        shown = list(audit.lines_of(entry=entry))
        return render_to_string("admin/audited_lines.html", {"lines": shown}) if shown else cut("-")
