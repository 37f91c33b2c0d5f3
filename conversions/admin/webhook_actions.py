"""What staff do to endpoints and their messages: each a call of a service, with a count at the end."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversions import subscriptions
from conversions.models import WebhookDelivery, WebhookEndpoint
from newsforge.lib.admin import each, say
from newsforge.lib.sentences import SENT_AGAIN, TESTED, stored

DISABLED = stored("disabled")
ENABLED = stored("enabled")

Endpoints = QuerySet[WebhookEndpoint, Any]


@admin.action(description=_("Disable: nothing more is sent, what waits is given up"), permissions=["operate"])
def disable(page: admin.ModelAdmin[WebhookEndpoint], request: HttpRequest, chosen: Endpoints) -> None:
    """Switch active endpoints off."""
    now = timezone.now()

    def service(endpoint: WebhookEndpoint) -> None:
        subscriptions.disable_endpoint(endpoint=endpoint, actor=str(request.user), now=now)

    count = each(page, request, chosen.filter(is_active=True), service, DISABLED)
    say(page, request, count, ngettext("%(count)s endpoint is disabled.", "%(count)s endpoints are disabled.", count))


@admin.action(description=_("Enable"), permissions=["operate"])
def enable(page: admin.ModelAdmin[WebhookEndpoint], request: HttpRequest, chosen: Endpoints) -> None:
    """Switch disabled endpoints on again."""

    def service(endpoint: WebhookEndpoint) -> None:
        subscriptions.enable_endpoint(endpoint=endpoint)

    count = each(page, request, chosen.filter(is_active=False), service, ENABLED)
    say(page, request, count, ngettext("%(count)s endpoint is enabled.", "%(count)s endpoints are enabled.", count))


@admin.action(description=_("Send a test message"), permissions=["operate"])
def send_test(page: admin.ModelAdmin[WebhookEndpoint], request: HttpRequest, chosen: Endpoints) -> None:
    """Send each endpoint a message that means nothing."""
    now = timezone.now()

    def service(endpoint: WebhookEndpoint) -> None:
        subscriptions.send_test(endpoint=endpoint, now=now)

    count = each(page, request, chosen, service, TESTED)
    text = ngettext("%(count)s test message is on its way.", "%(count)s test messages are on their way.", count)
    say(page, request, count, text)


@admin.action(description=_("Send again"), permissions=["operate"])
def replay(
    page: admin.ModelAdmin[WebhookDelivery], request: HttpRequest, chosen: QuerySet[WebhookDelivery, Any]
) -> None:
    """Send messages once more; one that waits for its next try is tried now."""
    now = timezone.now()

    def service(delivery: WebhookDelivery) -> None:
        subscriptions.replay(delivery=delivery, now=now)

    count = each(page, request, chosen.select_related("endpoint"), service, SENT_AGAIN)
    say(page, request, count, ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count))
