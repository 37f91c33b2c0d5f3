"""Addresses that are told when conversions end; the secrets that sign stay unseen."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from conversions.admin.webhook_actions import disable, enable, send_test
from conversions.models import WebhookEndpoint
from newsforge.lib.admin import FactAdmin, badge


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(FactAdmin[WebhookEndpoint]):
    """Endpoints; their owners make them and see the secret once, staff switch them off and on."""

    sentences = ("disabled_reason",)
    list_display = ("state", "url", "user", "description", "disabled_reason", "created_at")
    list_display_links = ("state", "url")
    list_filter = ("is_active",)
    list_select_related = ("user",)
    search_fields = ("url", "description", "user__email")
    id_fields = ("pk", "user_id")
    ordering = ("-created_at",)
    actions = (disable, enable, send_test)
    fields = ("state", "url", "user", "description", "disabled_reason", "previous_until", "created_at")
    readonly_fields = ("state",)

    @admin.display(description=_("status"), ordering="is_active")
    def state(self, endpoint: WebhookEndpoint) -> SafeString:
        """Return whether it is told anything."""
        if endpoint.is_active:
            return badge(text=gettext_noop("active"), state="good")
        return badge(text=gettext_noop("disabled"), state="bad")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Let staff with the right to change endpoints switch them off and on."""
        return request.user.has_perm("conversions.change_webhookendpoint")
