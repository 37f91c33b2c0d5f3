"""Messages to endpoints, to be read."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversions.admin.filters import CreatedWithin
from conversions.enums import DeliveryState
from conversions.models import WebhookDelivery
from newsforge.lib.admin import FactAdmin, badge

STATES = {DeliveryState.DELIVERED: "good", DeliveryState.FAILED: "bad"}


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(FactAdmin[WebhookDelivery]):
    """Deliveries: what was sent where, how often, and what came back."""

    list_display = ("status", "event", "endpoint", "tries", "last_status", "next_try_at", "created_at")
    list_display_links = ("status", "event")
    list_filter = (CreatedWithin, "state")
    list_select_related = ("endpoint",)
    search_fields = ("endpoint__url", "event")
    id_fields = ("pk", "endpoint_id", "conversion_id")
    ordering = ("-created_at",)

    @admin.display(description=_("status"), ordering="state")
    def status(self, delivery: WebhookDelivery) -> SafeString:
        """Return where the message stands."""
        return badge(text=delivery.state, state=STATES.get(DeliveryState(delivery.state), "busy"))
