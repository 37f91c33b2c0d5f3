"""Addresses that are told when conversions end; the secrets that sign stay unseen."""

from django.contrib import admin
from django.http import HttpRequest

from conversions.models import WebhookEndpoint
from newsforge.lib.admin import HouseAdmin


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(HouseAdmin[WebhookEndpoint]):
    """Endpoints; their owners make them, staff may switch them off."""

    list_display = ("is_active", "url", "user", "description", "disabled_reason", "created_at")
    list_display_links = ("url",)
    list_filter = ("is_active",)
    list_select_related = ("user",)
    search_fields = ("url", "description", "user__email")
    id_fields = ("pk", "user_id")
    ordering = ("-created_at",)
    fields = ("url", "user", "is_active", "description", "disabled_reason", "previous_until", "created_at")
    readonly_fields = ("url", "user", "disabled_reason", "previous_until", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: the owner gets to see the secret, nobody else."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> bool:
        """Refuse: the record of deliveries would go with it."""
        return False
