"""What endpoints are told, written in the transaction in which it becomes true; sending comes later.

The rows are the truth. The message to a worker is sent by the task's name, for the tasks stand above this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from conversions.enums import Status, WebhookEvent
from conversions.models import Conversion, WebhookDelivery
from newsforge.lib import rows

DELIVER = "conversions.deliver_webhook"
"""The task that sends one delivery."""

MOST_BYTES = 20_000
"""Of a body; the standard's "smaller than 20kb"."""

EVENTS = {
    Status.SUCCEEDED: WebhookEvent.CONVERSION_SUCCEEDED,
    Status.FAILED: WebhookEvent.CONVERSION_FAILED,
    Status.CANCELLED: WebhookEvent.CONVERSION_CANCELLED,
}

FACTS = (
    "id", "batch_id", "run", "status", "target_platform", "language", "tone", "source_url", "title",
    "content_generated", "hashtags", "content_language", "length", "limit", "findings", "provider", "model",
    "tokens_used", "cost_usd", "processing_time_ms", "created_at", "finished_at",
)  # fmt: skip
"""Columns a message has under the names the API gives them."""

TEXTS = ("source_url", "title", "content_generated", "hashtags", "findings")
"""Those that may be of any length: too large together, they are all left out, for half a post is worse than none."""

LONGEST_DETAIL = 500

_LISTENING = "SELECT id FROM webhook_endpoints WHERE user_id = %s AND is_active FOR KEY SHARE"


def enqueue(*, conversion: Conversion, now: datetime) -> None:
    """Write one delivery for each active endpoint of the owner; one look-up when there is none.

    Runs inside the transaction that moved the conversion to its final status.
    """
    endpoints = _listening(conversion.user_id)
    if not endpoints:
        return
    ended = Conversion.objects.get(pk=conversion.pk)
    payload = _message(ended)
    deliveries = [
        WebhookDelivery(
            endpoint_id=each,
            conversion_id=ended.pk,
            event=payload["type"],
            payload=payload,
            next_try_at=now,
            created_at=now,
        )
        for each in endpoints
    ]
    WebhookDelivery.objects.bulk_create(deliveries)
    wake(delivery_ids=[each.pk for each in deliveries])


def payload_of(*, event: WebhookEvent, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the message as the standard shapes it, in plain JSON values; ``now`` is when it became true."""
    payload = {"type": event, "timestamp": now, "data": data}
    plain: dict[str, Any] = json.loads(json.dumps(payload, cls=DjangoJSONEncoder))
    return plain


def body_of(*, payload: dict[str, Any]) -> str:
    """Return the message as it is signed and sent."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def wake(*, delivery_ids: Iterable[UUID]) -> None:
    """Tell a worker once the transaction is committed; a dead broker costs one try, the sweep tells again."""
    ids = tuple(delivery_ids)

    def tell() -> None:  # no functools.partial: when it fails, Django logs its __qualname__
        _send(ids)

    transaction.on_commit(tell, robust=True)


def _send(delivery_ids: tuple[UUID, ...]) -> None:
    for each in delivery_ids:
        current_app.send_task(DELIVER, kwargs={"delivery_id": str(each)}, retry=False)


def _listening(user_id: UUID | None) -> list[UUID]:
    """Return the owner's active endpoints, none of which can be deleted before this transaction ends.

    FOR KEY SHARE is what the foreign key takes itself, only later: a row deleted in between would undo the conversion.
    """
    if user_id is None:
        return []
    with rows.cursor() as cursor:
        cursor.execute(_LISTENING, [user_id])
        return [endpoint for (endpoint,) in cursor.fetchall()]


def _message(conversion: Conversion) -> dict[str, Any]:
    """Return what there is to say about the conversion, or where to read it when that is too much for a webhook."""
    data: dict[str, Any] = {name: getattr(conversion, name) for name in FACTS}
    data["failure"] = _failure(conversion)
    data["url"] = f"{settings.SITE_URL}/api/v1/conversions/{conversion.pk}"
    data["complete"] = True
    ended_at = conversion.finished_at or conversion.updated_at
    payload = payload_of(event=EVENTS[Status(conversion.status)], data=data, now=ended_at)
    if len(body_of(payload=payload).encode()) >= MOST_BYTES:
        payload["data"] |= {**dict.fromkeys(TEXTS), "complete": False}
    return payload


def _failure(conversion: Conversion) -> dict[str, str | int | None] | None:
    if not conversion.failure_code:
        return None
    detail = conversion.error_message[:LONGEST_DETAIL]
    return {
        "code": conversion.failure_code,
        "detail": detail,
        "fault": conversion.fault,
        "retry_after": conversion.retry_after,
    }
