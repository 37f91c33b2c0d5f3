"""Endpoints are told of every end of a conversion: what, to whom, and signed."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from accounts.models import User
from conversions import execution, outbox, services, subscriptions
from conversions.enums import DeliveryState
from conversions.models import WebhookDelivery
from tests.conversions.webhooks.conftest import POST, Issued, end, send
from tests.conversions.webhooks.receiver import Receiver
from tests.factories import make_conversion

pytestmark = pytest.mark.django_db


def test_a_success_is_told_with_the_post_and_a_signature_that_holds(
    acme: User, issued: Issued, receiver: Receiver
) -> None:
    endpoint, secret = issued
    conversion = end(acme)
    row = send(WebhookDelivery.objects.get())
    assert (row.state, row.tries, row.last_status, row.last_error) == (DeliveryState.DELIVERED, 1, 204, "")
    assert row.finished_at
    assert row.last_ms is not None
    (hit,) = receiver.hits
    told = hit.verify(secret)
    assert hit.headers["webhook-id"] == str(row.pk)
    assert hit.headers["content-type"] == "application/json"
    assert told["type"] == "conversion.succeeded"
    assert told["data"]["id"] == str(conversion.pk)
    assert told["data"]["content_generated"] == POST
    assert told["data"]["complete"] is True
    assert told["data"]["failure"] is None
    assert told["data"]["url"] == django_settings.SITE_URL + reverse("api-conversion", args=[conversion.pk])
    assert POST.encode() in hit.body  # Hangul as it is, not as escapes
    assert endpoint.encrypted_secret not in hit.body.decode()


def test_a_signature_does_not_hold_for_another_body_or_secret(acme: User, issued: Issued, receiver: Receiver) -> None:
    end(acme)
    send(WebhookDelivery.objects.get())
    (hit,) = receiver.hits
    _, other = subscriptions.create_endpoint(user=acme, url=receiver.url, now=timezone.now())
    with pytest.raises(WebhookVerificationError):
        hit.verify(other)
    with pytest.raises(WebhookVerificationError):
        type(hit)(hit.headers, hit.body.replace(b"24", b"25")).verify(issued[1])


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_a_failure_and_a_cancellation_are_told(acme: User, issued: Issued, receiver: Receiver, how: str) -> None:
    conversion = make_conversion(acme)
    if how == "failed":
        execution.fail(conversion=conversion, failure=execution.WorkerLost(), now=timezone.now())
    else:
        services.cancel_conversion(conversion=conversion, actor="editor", now=timezone.now())
    send(WebhookDelivery.objects.get())
    told = receiver.hits[0].verify(issued[1])
    assert told["type"] == f"conversion.{how}"
    assert told["data"]["status"] == how
    if how == "failed":
        assert told["data"]["failure"]["code"] == "worker-lost"
        assert told["data"]["failure"]["detail"]


def test_every_active_endpoint_of_the_owner_is_told_and_nobody_elses(
    acme: User, globex: User, receiver: Receiver
) -> None:
    now = timezone.now()
    first, _ = subscriptions.create_endpoint(user=acme, url=receiver.url, now=now)
    second, _ = subscriptions.create_endpoint(user=acme, url="https://client.example.com/hook", now=now)
    silent, _ = subscriptions.create_endpoint(user=acme, url="https://client.example.com/silent", now=now)
    subscriptions.create_endpoint(user=globex, url="https://globex.example.com/hook", now=now)
    subscriptions.disable_endpoint(endpoint=silent, actor="acme", now=now)
    end(acme)
    assert set(WebhookDelivery.objects.values_list("endpoint_id", flat=True)) == {first.pk, second.pk}


def test_without_an_endpoint_the_end_of_a_conversion_costs_one_look(acme: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        end(acme)
    assert len([each for each in queries if "webhook" in each["sql"]]) == 1
    assert not WebhookDelivery.objects.exists()


def test_what_is_undone_is_not_told(acme: User, issued: Issued) -> None:
    with transaction.atomic():
        end(acme)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("text", ["가" * 9_000, "😀" * 5_000, '"' * 9_000, "a" * 60_000])
def test_a_post_too_large_for_a_webhook_is_left_out_whole(
    acme: User, issued: Issued, receiver: Receiver, text: str
) -> None:
    conversion = end(acme, text=text, source_url="https://news.example/" + "가" * 8000)
    row = send(WebhookDelivery.objects.get())
    assert row.state == DeliveryState.DELIVERED
    (hit,) = receiver.hits
    told = hit.verify(issued[1])["data"]
    assert len(hit.body) < 20_000
    assert told["complete"] is False
    assert told["content_generated"] is None
    assert told["id"] == str(conversion.pk)
    assert told["url"].endswith(str(conversion.pk))


def test_the_longest_message_that_fits_is_whole(acme: User, issued: Issued, receiver: Receiver) -> None:
    end(acme, text="가" * 5_500)
    send(WebhookDelivery.objects.get())
    (hit,) = receiver.hits
    assert 16_500 < len(hit.body) < outbox.MOST_BYTES
    assert hit.payload["data"]["content_generated"] == "가" * 5_500


def test_a_replay_says_the_same_under_the_same_id(acme: User, issued: Issued, receiver: Receiver) -> None:
    end(acme)
    first = send(WebhookDelivery.objects.get())
    again = subscriptions.replay(delivery=first, now=timezone.now())
    send(again)
    third = send(subscriptions.replay(delivery=again, now=timezone.now()))
    assert [each.pk for each in (first, again, third)] == list(dict.fromkeys([first.pk, again.pk, third.pk]))
    assert third.replay_of == first
    assert {hit.headers["webhook-id"] for hit in receiver.hits} == {str(first.pk)}
    assert len({hit.body for hit in receiver.hits}) == 1
    assert len(receiver.hits) == 3


def test_a_replay_of_what_still_waits_is_tried_at_once(acme: User, issued: Issued, receiver: Receiver) -> None:
    receiver.will_answer(500, 500)
    row = subscriptions.send_test(endpoint=issued[0], now=timezone.now())
    send(send(row))
    assert row.next_try_at > timezone.now()
    replayed = subscriptions.replay(delivery=row, now=timezone.now())
    assert replayed.pk == row.pk
    assert send(row, due=False).state == DeliveryState.DELIVERED
    assert WebhookDelivery.objects.count() == 1
