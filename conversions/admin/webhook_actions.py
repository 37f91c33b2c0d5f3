"""What staff do to endpoints and their messages: each a call of a service, with a count at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversions import subscriptions
from conversions.models import WebhookDelivery, WebhookEndpoint
from newsforge.lib.errors import PermanentError
from newsforge.lib.problem import told

Row = TypeVar("Row", bound=Model)
Endpoints = QuerySet[WebhookEndpoint, Any]


@admin.action(description=_("Disable: nothing more is sent, what waits is given up"), permissions=["operate"])
def disable(page: admin.ModelAdmin[WebhookEndpoint], request: HttpRequest, chosen: Endpoints) -> None:
    """Switch active endpoints off."""
    now = timezone.now()

    def service(endpoint: WebhookEndpoint) -> None:
        subscriptions.disable_endpoint(endpoint=endpoint, actor=str(request.user), now=now)

    count = _each(page, request, chosen.filter(is_active=True), service, "disabled")
    _report(
        page, request, count, ngettext("%(count)s endpoint is disabled.", "%(count)s endpoints are disabled.", count)
    )


@admin.action(description=_("Enable"), permissions=["operate"])
def enable(page: admin.ModelAdmin[WebhookEndpoint], request: HttpRequest, chosen: Endpoints) -> None:
    """Switch disabled endpoints on again."""

    def service(endpoint: WebhookEndpoint) -> None:
        subscriptions.enable_endpoint(endpoint=endpoint)

    count = _each(page, request, chosen.filter(is_active=False), service, "enabled")
    _report(page, request, count, ngettext("%(count)s endpoint is enabled.", "%(count)s endpoints are enabled.", count))


@admin.action(description=_("Send a test message"), permissions=["operate"])
def send_test(page: admin.ModelAdmin[WebhookEndpoint], request: HttpRequest, chosen: Endpoints) -> None:
    """Send each endpoint a message that means nothing."""
    now = timezone.now()

    def service(endpoint: WebhookEndpoint) -> None:
        subscriptions.send_test(endpoint=endpoint, now=now)

    count = _each(page, request, chosen, service, "tested")
    text = ngettext("%(count)s test message is on its way.", "%(count)s test messages are on their way.", count)
    _report(page, request, count, text)


@admin.action(description=_("Send again"), permissions=["operate"])
def replay(
    page: admin.ModelAdmin[WebhookDelivery], request: HttpRequest, chosen: QuerySet[WebhookDelivery, Any]
) -> None:
    """Send messages once more; one that waits for its next try is tried now."""
    now = timezone.now()

    def service(delivery: WebhookDelivery) -> None:
        subscriptions.replay(delivery=delivery, now=now)

    count = _each(page, request, chosen.select_related("endpoint"), service, "sent again")
    _report(
        page, request, count, ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
    )


def _each(
    page: admin.ModelAdmin[Row], request: HttpRequest, chosen: Iterable[Row], service: Callable[[Row], None], done: str
) -> int:
    """Return how many the service took; say once for each reason why it did not take the others."""
    count = 0
    refused: Counter[str] = Counter()
    for row in chosen:
        try:
            service(row)
        except PermanentError as refusal:
            refused[told(refusal)] += 1
        else:
            page.log_change(request, row, done)
            count += 1
    for sentence, times in refused.items():
        page.message_user(request, f"{times} × {sentence}", messages.WARNING)
    return count


def _report(page: admin.ModelAdmin[Row], request: HttpRequest, count: int, text: str) -> None:
    page.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
