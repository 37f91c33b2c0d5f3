"""Messages to channels: what was said, how often it was tried, and what came of it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from monitoring.enums import NotificationState
from monitoring.models import Notification
from newsforge.lib.admin import FactAdmin, badge, cut
from newsforge.lib.retelling import retold

STATES = {NotificationState.SENT: "good", NotificationState.FAILED: "bad", NotificationState.SWALLOWED: "idle"}


@admin.register(Notification)
class NotificationAdmin(FactAdmin[Notification]):
    """Notifications, the newest first."""

    sentences = ("last_error",)
    list_display = ("status", "kind", "about", "channel_name", "tries", "reason", "created_at")
    list_display_links = ("status", "kind")
    list_filter = ("state", "kind", "severity")
    list_select_related = ("incident",)
    search_fields = ("channel_name", "incident__summary", "incident__fingerprint")
    id_fields = ("pk", "incident_id", "channel_id")
    ordering = ("-created_at",)
    readonly_fields = ("status", "said")
    fieldsets = (
        (None, {"fields": ("status", "kind", "severity", "incident", "day", "channel", "channel_name")}),
        (_("Message"), {"fields": ("id", "said")}),
        (_("When"), {"fields": ("tries", "last_error", "due_at", "give_up_at", "created_at", "finished_at")}),
        (_("Queue"), {"classes": ("collapse",), "fields": ("claim", "lease_until", "handed_over_at")}),
    )

    @admin.display(description=_("status"), ordering="state")
    def status(self, notification: Notification) -> SafeString:
        """Return where it stands."""
        return badge(text=notification.state, state=STATES.get(NotificationState(notification.state), "busy"))

    @admin.display(description=_("incident"))
    def about(self, notification: Notification) -> SafeString:
        """Return what it is about in one line."""
        return cut(str(notification.incident or notification.day))

    @admin.display(description=_("last error"))
    def reason(self, notification: Notification) -> SafeString:
        """Return what went wrong last in one line."""
        return cut(retold(notification.last_error))

    @admin.display(description=_("message"))
    def said(self, notification: Notification) -> SafeString:
        """Return the message as it was sent last."""
        message = notification.message
        return format_html("<pre>{}\n\n{}</pre>", message["title"], message["text"]) if message else cut("-")
