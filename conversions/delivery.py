"""Sign and send one webhook (Standard Webhooks 1.0): claim, send with no transaction open, mark.

A claim is a test-and-set that raises the row's fencing token; only the holder of the newest token may mark. A worker
that dies while it sends leaves a lease that runs out, and the message is sent again under the same ``webhook-id``.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from conversions import outbox, signing, tools
from conversions.enums import DeliveryState
from conversions.models import WebhookDelivery, WebhookEndpoint
from newsforge.lib import rows
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.http import Response, post
from newsforge.lib.retry_after import parse_retry_after
from newsforge.lib.sentences import stored

ANSWERED = stored("The endpoint answered %(status)s.")
REDIRECTED = stored("The endpoint answered %(status)s. Redirects are not followed; change its address instead.")
WANTS_NO_MORE = stored("The endpoint answered 410 Gone: it wants no more messages.")
ASKED_TOO_LONG = stored("%(answer)s It asked us to wait longer than we try.")

TIMEOUT = 15.0
"""Seconds for a whole exchange; the standard recommends 15 to 30."""

LEASE = timedelta(seconds=30)
"""How long a delivery is out of reach: an exchange and the writes around it, twice over."""

AT_ONCE = 4
"""Deliveries to one endpoint at the same time, so that one that never answers holds few of our workers."""

IN_A_ROW = 50
"""Messages one worker sends to an endpoint before it looks for other work."""

SCHEDULE = tuple(timedelta(seconds=each) for each in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""Waits between the ten tries, 75 h 35 min in all: the standard's own example."""

JITTER = 0.1
"""A wait is up to this part shorter or longer, so that what failed together does not come back together."""

LONGEST_WAIT = sum(SCHEDULE, timedelta())
"""An endpoint that asks for a longer wait than this is not tried again."""

GONE = 410

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one try; no ``error`` means delivered, no ``status`` that nobody answered."""

    error: str = ""
    status: int | None = None
    retry_after: float | None = None
    milliseconds: int = 0


def deliver(*, delivery_id: UUID) -> None:
    """Send one message, unless somebody else has, does, or it is not its time.

    While the endpoint takes what it is sent, the same worker sends it what else is due, up to ``IN_A_ROW``.
    """
    endpoint_id = WebhookDelivery.objects.filter(pk=delivery_id).values_list("endpoint_id", flat=True).first()
    if endpoint_id is None:
        return
    delivery = _claim(endpoint_id, timezone.now(), delivery_id)
    for _ in range(IN_A_ROW):
        if delivery is None or not _try(delivery):
            return
        delivery = _claim(endpoint_id, timezone.now())


def _try(delivery: WebhookDelivery) -> bool:
    """Send it once and mark what came of it; tell whether it was taken."""
    started = time.monotonic()
    try:
        answer = _judge(_send(delivery))
    except NewsforgeError as failure:
        log.info("webhook not sent", delivery_id=str(delivery.pk), code=failure.code)
        answer = Answer(error=failure.title)
    except Exception:
        _mark(delivery, Answer(error=NewsforgeError.title), timezone.now())
        raise
    answer = replace(answer, milliseconds=round((time.monotonic() - started) * 1000))
    _mark(delivery, answer, timezone.now())
    return not answer.error


def disable(*, endpoint: WebhookEndpoint, reason: str, now: datetime) -> bool:
    """Tell an endpoint nothing more and give up what waits for it; tell whether it is still at the same address.

    What is being sent at this moment ends by itself.
    """
    with transaction.atomic():
        same = WebhookEndpoint.objects.filter(pk=endpoint.pk, url=endpoint.url)
        disabled = same.update(is_active=False, disabled_reason=reason)
        if disabled:
            _give_up(WebhookDelivery.objects.waiting(now=now).filter(endpoint=endpoint), reason, now)
    return bool(disabled)


def remove_old(*, before: datetime) -> int:
    """Remove deliveries that ended and were written before a moment: they hold texts; return how many."""
    old = WebhookDelivery.objects.filter(created_at__lt=before).exclude(state=DeliveryState.PENDING)
    return rows.remove(doomed=old)


def _claim(endpoint_id: UUID, now: datetime, delivery_id: UUID | None = None) -> WebhookDelivery | None:
    """Take the endpoint's delivery that is due longest, or this one if it is due.

    Claims to one endpoint wait for each other, so that none is lost to another and ``AT_ONCE`` is exact.
    """
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
        due = WebhookDelivery.objects.due(now=now).filter(endpoint=endpoint_id)
        if delivery_id is not None:
            due = due.filter(pk=delivery_id)
        delivery = due.order_by("next_try_at").first()
        if endpoint is None or delivery is None:
            return None
        if not endpoint.is_active:
            _give_up(due, endpoint.disabled_reason, now)
            return None
        sending = WebhookDelivery.objects.filter(
            endpoint=endpoint, state=DeliveryState.PENDING, lease_until__gt=now
        ).count()
        free = due.filter(pk=delivery.pk, claim=delivery.claim)
        if sending >= AT_ONCE or not free.update(claim=F("claim") + 1, lease_until=now + LEASE):
            return None
    delivery.endpoint, delivery.claim = endpoint, delivery.claim + 1
    return delivery


def _send(delivery: WebhookDelivery) -> Response:
    body = outbox.body_of(payload=delivery.payload)
    headers = signing.headers(endpoint=delivery.endpoint, message_id=delivery.message_id, body=body, now=timezone.now())
    if not connection.in_atomic_block:
        connection.close()  # back to the pool: many deliveries wait at once, connections are few
    policy = replace(tools.http_policy(), timeout=TIMEOUT)
    return post(url=delivery.endpoint.url, body=body.encode(), headers=headers, policy=policy)


def _judge(response: Response) -> Answer:
    """Read the status as the standard does: 2xx is delivered, everything else is not."""
    status = response.status
    if 200 <= status < 300:
        return Answer(status=status)
    error = ANSWERED % {"status": status}
    if 300 <= status < 400:
        error = REDIRECTED % {"status": status}
    if status == GONE:
        error = WANTS_NO_MORE
    wait = parse_retry_after(response.headers, now=response.received_at)
    if wait is not None and wait > LONGEST_WAIT.total_seconds():
        error = ASKED_TOO_LONG % {"answer": error}
    return Answer(status=status, error=error, retry_after=wait)


def _mark(delivery: WebhookDelivery, answer: Answer, now: datetime) -> None:
    """Write what came of the try, unless the delivery was taken over meanwhile."""
    held = WebhookDelivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state=DeliveryState.PENDING)
    facts: dict[str, Any] = {
        "tries": F("tries") + 1,
        "lease_until": None,
        "last_status": answer.status,
        "last_error": answer.error,
        "last_ms": answer.milliseconds,
    }
    if not answer.error:
        held.update(state=DeliveryState.DELIVERED, finished_at=now, **facts)
        return
    with transaction.atomic():
        gone = answer.status == GONE and disable(endpoint=delivery.endpoint, reason=answer.error, now=now)
        again = None if gone else _next_try(delivery, answer, now)
        if again is None:
            held.update(state=DeliveryState.FAILED, finished_at=now, **facts)
        else:
            held.update(next_try_at=again, **facts)


def _next_try(delivery: WebhookDelivery, answer: Answer, now: datetime) -> datetime | None:
    """Return when to try again, never before the endpoint asked us to; None: never."""
    asked = answer.retry_after or 0.0
    if delivery.tries >= len(SCHEDULE) or asked > LONGEST_WAIT.total_seconds():
        return None
    wait = SCHEDULE[delivery.tries] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, keeps no secret
    return now + max(wait, timedelta(seconds=asked))


def _give_up(deliveries: QuerySet[WebhookDelivery], reason: str, now: datetime) -> None:
    deliveries.update(state=DeliveryState.FAILED, finished_at=now, lease_until=None, last_error=reason)
