"""Messages to endpoints: what was said, how often, what came back; sent again by an action."""

from __future__ import annotations

import json

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversions.admin.filters import ClosedSet, CreatedWithin
from conversions.admin.webhook_actions import replay
from conversions.enums import DeliveryState, WebhookEvent
from conversions.models import WebhookDelivery
from newsforge.lib.admin import FactAdmin, badge, cut
from newsforge.lib.retelling import retold

STATES = {DeliveryState.DELIVERED: "good", DeliveryState.FAILED: "bad"}


class Event(ClosedSet):
    """Messages that say one thing."""

    title = _("event")
    parameter_name = "event"
    values = tuple(event.value for event in WebhookEvent)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(FactAdmin[WebhookDelivery]):
    """Deliveries: what was sent where, how often, and what came back."""

    sentences = ("last_error",)
    list_display = ("status", "event", "address", "tries", "reason", "next_try", "created_at")
    list_display_links = ("status", "event")
    list_filter = (CreatedWithin, "state", Event)
    list_select_related = ("endpoint",)
    search_fields = ("endpoint__url", "endpoint__user__email")
    search_help_text = _("Address, owner; or the id of a message, an endpoint or a conversion.")
    id_fields = ("pk", "endpoint_id", "conversion_id")
    ordering = ("-created_at",)
    actions = (replay,)
    readonly_fields = ("status", "next_try", "said")
    fieldsets = (
        (None, {"fields": ("status", "last_error", "last_status", "last_ms", "tries", "next_try")}),
        (_("Message"), {"fields": ("id", "event", "endpoint", "conversion", "replay_of", "said")}),
        (_("When"), {"fields": ("created_at", "finished_at")}),
        (_("Queue"), {"classes": ("collapse",), "fields": ("claim", "lease_until")}),
    )

    @admin.display(description=_("status"), ordering="state")
    def status(self, delivery: WebhookDelivery) -> SafeString:
        """Return where the message stands."""
        return badge(text=delivery.state, state=STATES.get(DeliveryState(delivery.state), "busy"))

    @admin.display(description=_("endpoint"))
    def address(self, delivery: WebhookDelivery) -> SafeString:
        """Return where it goes in one line."""
        return cut(delivery.endpoint.url)

    @admin.display(description=_("last error"))
    def reason(self, delivery: WebhookDelivery) -> SafeString:
        """Return what went wrong last in one line."""
        return cut(retold(delivery.last_error))

    @admin.display(description=_("next try"), ordering="next_try_at")
    def next_try(self, delivery: WebhookDelivery) -> object:
        """Return when it is tried next, while it is."""
        return delivery.next_try_at if delivery.state == DeliveryState.PENDING else None

    @admin.display(description=_("payload"))
    def said(self, delivery: WebhookDelivery) -> SafeString:
        """Return the message as a person reads it."""
        return format_html("<pre>{}</pre>", json.dumps(delivery.payload, ensure_ascii=False, indent=2))

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Let staff with the right to change deliveries send them again."""
        return request.user.has_perm("conversions.change_webhookdelivery")
