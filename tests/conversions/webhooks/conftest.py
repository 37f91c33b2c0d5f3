"""An endpoint on the loopback, a conversion that ends, and a worker that sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conversions import delivery, execution, subscriptions, tools
from conversions.enums import DeliveryState, Platform, Provider, Status
from conversions.models import Conversion, WebhookDelivery, WebhookEndpoint
from conversions.pipeline.types import Outcome, Post
from tests.conversions.webhooks.receiver import Receiver, receiving
from tests.factories import make_conversion

POST = "수원시가 월요일 24시간 도서관을 열었습니다."

Issued = tuple[WebhookEndpoint, str]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A customer's server, allowed although it is private."""
    with receiving() as running:
        settings.FETCH_ALLOW = running.pair
        tools.http_policy.cache_clear()
        yield running
        tools.http_policy.cache_clear()


@pytest.fixture
def issued(acme: User, receiver: Receiver) -> Issued:
    return subscriptions.create_endpoint(user=acme, url=receiver.url, now=timezone.now())


def end(user: User, *, text: str = POST, **fields: object) -> Conversion:
    """End a conversion well, the way a worker does."""
    now = timezone.now()
    running = {"status": Status.PROCESSING, "started_at": now, "claim": 1, "lease_until": now}
    conversion = make_conversion(user, **{**running, **fields})
    assert conversion.article is not None
    read = conversion.article.value()
    post = Post(
        platform=Platform.X, language="ko", title="수원", text=text, hashtags=("수원",), length=38, limit=280,
        provider=Provider.OPENAI, model="gpt-6-luna",
    )  # fmt: skip
    assert execution.keep(conversion=conversion, outcome=Outcome(article=read, post=post, prompt_version="1"), now=now)
    return conversion


def send(row: WebhookDelivery, *, due: bool = True) -> WebhookDelivery:
    """Let a worker try once; ``due`` says that its time has come."""
    if due:
        WebhookDelivery.objects.filter(pk=row.pk, state=DeliveryState.PENDING).update(next_try_at=timezone.now())
    delivery.deliver(delivery_id=row.pk)
    row.refresh_from_db()
    return row


def wait_of(row: WebhookDelivery, since: datetime) -> float:
    return (row.next_try_at - since).total_seconds()
