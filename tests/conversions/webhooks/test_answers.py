"""Whatever an endpoint answers, or does not, its message is delivered or visibly given up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conversions import delivery, subscriptions, tools
from conversions.enums import DeliveryState
from conversions.models import WebhookDelivery, WebhookEndpoint
from tests.conversions.webhooks.conftest import Issued, end, send, wait_of
from tests.conversions.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


def test_errors_are_tried_again_until_one_is_taken(acme: User, issued: Issued, receiver: Receiver) -> None:
    receiver.will_answer(500, 404)
    end(acme)
    row = WebhookDelivery.objects.get()
    for answered in (500, 404):
        send(row)
        assert (row.state, row.last_status, row.finished_at) == (DeliveryState.PENDING, answered, None)
        assert str(answered) in row.last_error
    send(row)
    assert (row.state, row.tries) == (DeliveryState.DELIVERED, 3)
    assert {hit.headers["webhook-id"] for hit in receiver.hits} == {str(row.pk)}
    assert [hit.verify(issued[1]) for hit in receiver.hits]


def test_the_schedule_is_ten_tries_over_about_75_hours(acme: User, issued: Issued, receiver: Receiver) -> None:
    receiver.will_answer(*[503] * 20)
    end(acme)
    row = WebhookDelivery.objects.get()
    waits = []
    while row.state == DeliveryState.PENDING:
        before = timezone.now()
        send(row)
        waits.append(wait_of(row, before))
    assert (row.state, row.tries, len(receiver.hits)) == (DeliveryState.FAILED, 10, 10)
    assert row.finished_at
    assert "503" in row.last_error
    assert 68 < sum(waits[:-1]) / 3600 < 83
    assert sum(delivery.SCHEDULE, timedelta()).total_seconds() / 3600 == pytest.approx(75.6, abs=0.1)
    assert waits[:-1] == sorted(waits[:-1])


def test_waits_differ_between_deliveries(acme: User, issued: Issued, receiver: Receiver) -> None:
    receiver.will_answer(500, 500, 500)
    now = timezone.now()
    rows = [subscriptions.send_test(endpoint=issued[0], now=now) for _ in range(3)]
    waits = {round(wait_of(send(row), now), 3) for row in rows}
    assert len(waits) == 3


def test_before_its_time_nothing_is_sent(acme: User, issued: Issued, receiver: Receiver) -> None:
    receiver.will_answer(500)
    row = subscriptions.send_test(endpoint=issued[0], now=timezone.now())
    send(row)
    send(row, due=False)
    assert len(receiver.hits) == row.tries == 1


@pytest.mark.parametrize(("asked", "least"), [("3600", 3600), ("90000.5", 90_000), ("1", 4.4)])
def test_a_wait_the_endpoint_asks_for_is_never_cut_short(
    acme: User, issued: Issued, receiver: Receiver, asked: str, least: float
) -> None:
    receiver.will_answer(429, Retry_After=asked)
    before = timezone.now()
    row = send(subscriptions.send_test(endpoint=issued[0], now=before))
    assert row.state == DeliveryState.PENDING
    assert wait_of(row, before) >= least


def test_a_wait_longer_than_we_try_gives_up_and_says_so(acme: User, issued: Issued, receiver: Receiver) -> None:
    receiver.will_answer(503, Retry_After=str(10**18))
    row = send(subscriptions.send_test(endpoint=issued[0], now=timezone.now()))
    assert row.state == DeliveryState.FAILED
    assert "longer than we try" in row.last_error


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
def test_a_redirect_is_a_failure_and_not_followed(acme: User, issued: Issued, receiver: Receiver, status: int) -> None:
    receiver.will_answer(status, Location=receiver.url + "&again")
    row = send(subscriptions.send_test(endpoint=issued[0], now=timezone.now()))
    assert (row.state, row.last_status) == (DeliveryState.PENDING, status)
    assert "Redirects are not followed" in row.last_error
    assert len(receiver.hits) == 1


def test_410_disables_the_endpoint_and_gives_up_what_waits(acme: User, issued: Issued, receiver: Receiver) -> None:
    endpoint, _ = issued
    receiver.will_answer(410)
    first, second = (subscriptions.send_test(endpoint=endpoint, now=timezone.now()) for _ in range(2))
    send(first)
    endpoint.refresh_from_db()
    second.refresh_from_db()
    assert not endpoint.is_active
    assert "410" in endpoint.disabled_reason
    assert (first.state, second.state) == (DeliveryState.FAILED, DeliveryState.FAILED)
    end(acme)
    assert WebhookDelivery.objects.count() == 2
    with pytest.raises(subscriptions.EndpointDisabled):
        subscriptions.send_test(endpoint=endpoint, now=timezone.now())
    subscriptions.enable_endpoint(endpoint=endpoint)
    end(acme)
    assert send(WebhookDelivery.objects.get(state=DeliveryState.PENDING)).state == DeliveryState.DELIVERED


def test_410_from_an_address_that_was_changed_meanwhile_disables_nothing(
    acme: User, issued: Issued, receiver: Receiver
) -> None:
    endpoint, _ = issued
    receiver.will_answer(410)
    row = subscriptions.send_test(endpoint=endpoint, now=timezone.now())
    taken = delivery._claim(endpoint.pk, timezone.now())
    assert taken is not None
    answer = delivery._judge(delivery._send(taken))
    WebhookEndpoint.objects.update(url=receiver.url + "&new")
    delivery._mark(taken, answer, timezone.now())
    endpoint.refresh_from_db()
    assert endpoint.is_active
    assert send(row).state == DeliveryState.DELIVERED


def test_an_endpoint_that_does_not_answer_in_time_is_tried_again(
    acme: User, issued: Issued, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 15 <= delivery.TIMEOUT <= 30
    assert delivery.LEASE.total_seconds() > delivery.TIMEOUT
    monkeypatch.setattr(delivery, "TIMEOUT", 0.3)
    receiver.gate.clear()
    row = send(subscriptions.send_test(endpoint=issued[0], now=timezone.now()))
    assert (row.state, row.last_status) == (DeliveryState.PENDING, None)
    assert row.last_error == "The site took too long"
    assert row.last_ms is not None
    assert 250 < row.last_ms < 5000
    receiver.gate.set()
    assert send(row).state == DeliveryState.DELIVERED


def test_nobody_listening_is_tried_again(acme: User, receiver: Receiver, settings: Settings) -> None:
    settings.FETCH_ALLOW = "127.0.0.1:9"
    tools.http_policy.cache_clear()
    endpoint, _ = subscriptions.create_endpoint(user=acme, url="http://127.0.0.1:9/hook", now=timezone.now())
    row = send(subscriptions.send_test(endpoint=endpoint, now=timezone.now()))
    assert (row.state, row.last_error) == (DeliveryState.PENDING, "Connection refused")


def test_a_secret_that_does_not_open_sends_nothing_and_waits_for_us(
    acme: User, issued: Issued, receiver: Receiver
) -> None:
    stranger, _ = subscriptions.create_endpoint(user=acme, url=receiver.url, now=timezone.now())
    sealed = issued[0].encrypted_secret
    WebhookEndpoint.objects.filter(pk=issued[0].pk).update(encrypted_secret=stranger.encrypted_secret)
    row = send(subscriptions.send_test(endpoint=issued[0], now=timezone.now()))
    assert receiver.hits == []
    assert (row.state, row.last_error) == (DeliveryState.PENDING, "A stored key cannot be read")
    WebhookEndpoint.objects.filter(pk=issued[0].pk).update(encrypted_secret=sealed)
    assert send(row).state == DeliveryState.DELIVERED
