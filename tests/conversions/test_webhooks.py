"""Endpoints are told of every end of a conversion, signed, once, in spite of them and of our own deaths."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import WebhookVerificationError

from accounts.models import User
from conversions import delivery, execution, outbox, selectors, services, subscriptions, tasks, tools
from conversions.enums import DeliveryState, Platform, Provider, Status
from conversions.models import Conversion, WebhookDelivery, WebhookEndpoint
from conversions.pipeline.types import Outcome, Post
from newsforge import celery_app
from newsforge.lib.errors import PermanentError
from tests.conversions.webhook_receiver import Receiver, receiving
from tests.factories import make_conversion, make_delivery

ROOT = Path(__file__).resolve().parents[2]
POST = "수원시가 월요일 24시간 도서관을 열었습니다."

WORKER = """
import sys, uuid, django
django.setup()
from conversions import delivery
delivery.deliver(delivery_id=uuid.UUID(sys.argv[1]))
"""

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
    assert execution.keep(conversion=conversion, outcome=Outcome(article=read, post=post), now=now)
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


pytestmark = pytest.mark.django_db


# What is told, and to whom


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


# What endpoints answer


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


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://client.example.com/hook",
        "https://localhost/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.8/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest",
        "https://intranet/hook",
        "https://db.internal/hook",
        "https://client.example.com:8443/hook",
        "https://client.example.com:80/hook",
        "https://user:pw@client.example.com/hook",
        "ftp://client.example.com/hook",
        "client.example.com/hook",
        "https://client.example.com/" + "a" * 2048,
        "",
    ],
)
def test_an_address_webhooks_can_never_reach_is_refused_when_it_is_given(acme: User, url: str) -> None:
    with pytest.raises(subscriptions.UnusableEndpoint):
        subscriptions.create_endpoint(user=acme, url=url, now=timezone.now())
    assert not WebhookEndpoint.objects.exists()


def test_an_address_is_kept_as_it_is_called(acme: User) -> None:
    url = " https://언론.Example.com:443/훅?desk=3#top "
    endpoint, _ = subscriptions.create_endpoint(user=acme, url=url, now=timezone.now())
    assert endpoint.url == "https://xn--6o2b17v.example.com/%ED%9B%85?desk=3"


def test_a_private_address_is_not_called_when_it_is_no_longer_allowed(
    acme: User, issued: Issued, receiver: Receiver, settings: Settings
) -> None:
    settings.FETCH_ALLOW = ""
    tools.http_policy.cache_clear()
    row = send(subscriptions.send_test(endpoint=issued[0], now=timezone.now()))
    assert receiver.hits == []
    assert (row.state, row.last_error) == (DeliveryState.PENDING, "Address not allowed")


def test_a_user_has_so_many_endpoints_at_most(acme: User) -> None:
    for _ in range(subscriptions.MOST_ENDPOINTS):
        subscriptions.create_endpoint(user=acme, url="https://client.example.com/hook", now=timezone.now())
    with pytest.raises(subscriptions.TooManyEndpoints):
        subscriptions.create_endpoint(user=acme, url="https://client.example.com/hook", now=timezone.now())


# Secrets


def test_a_secret_is_random_well_formed_and_stored_sealed(acme: User, issued: Issued) -> None:
    import base64

    endpoint, secret = issued
    _, other = subscriptions.create_endpoint(user=acme, url=endpoint.url, now=timezone.now())
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert secret != other
    assert secret not in str(WebhookEndpoint.objects.filter(pk=endpoint.pk).values())


def test_during_a_rotation_both_secrets_sign_and_afterwards_the_new_one_alone(
    acme: User, issued: Issued, receiver: Receiver
) -> None:
    endpoint, old = issued
    endpoint, new = subscriptions.rotate_secret(endpoint=endpoint, now=timezone.now())
    send(subscriptions.send_test(endpoint=endpoint, now=timezone.now()))
    assert len(receiver.hits[0].headers["webhook-signature"].split(" ")) == 2
    assert receiver.hits[0].verify(old) == receiver.hits[0].verify(new)
    WebhookEndpoint.objects.update(previous_until=timezone.now())
    send(subscriptions.send_test(endpoint=endpoint, now=timezone.now()))
    assert receiver.hits[1].verify(new)
    with pytest.raises(WebhookVerificationError):
        receiver.hits[1].verify(old)


# Replays


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


# Sweeps


def test_the_sweep_finds_what_is_due_and_every_endpoint_has_its_turn(
    acme: User, globex: User, receiver: Receiver
) -> None:
    now = timezone.now()
    busy, _ = subscriptions.create_endpoint(user=acme, url=receiver.url, now=now)
    quiet, _ = subscriptions.create_endpoint(user=globex, url=receiver.url, now=now)
    many = [subscriptions.send_test(endpoint=busy, now=now - timedelta(hours=1)) for _ in range(9)]
    one = subscriptions.send_test(endpoint=quiet, now=now)
    later = subscriptions.send_test(endpoint=quiet, now=now + timedelta(seconds=60))
    due = set(selectors.due_deliveries(now=now, each_endpoint=4))
    assert one.pk in due
    assert later.pk not in due
    assert len(due & {each.pk for each in many}) == 4


def test_old_deliveries_are_removed_and_those_that_wait_stay(acme: User, issued: Issued) -> None:
    now = timezone.now()
    old = now - timedelta(days=django_settings.RETENTION_DAYS + 1)
    waiting = make_delivery(issued[0], created_at=old, next_try_at=now + timedelta(hours=1))
    send(subscriptions.send_test(endpoint=issued[0], now=old))
    recent = send(subscriptions.send_test(endpoint=issued[0], now=now))
    tasks.remove_old_texts()
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == {waiting.pk, recent.pk}


# Workers: real transactions, real threads, real processes


@pytest.mark.django_db(transaction=True)
def test_an_end_wakes_a_worker_once_it_is_committed(acme: User, issued: Issued) -> None:
    with celery_app.connection_for_read() as broker, broker.SimpleQueue("writing") as queue:
        queue.clear()
        with transaction.atomic():
            end(acme)
            with pytest.raises(Empty):
                queue.get(block=False)
        message = queue.get(timeout=5)
        message.ack()
    row = WebhookDelivery.objects.get()
    assert message.headers["task"] == tasks.deliver_webhook.name
    assert message.payload[1] == {"delivery_id": str(row.pk)}
    tasks.deliver_webhook(**message.payload[1])
    row.refresh_from_db()
    assert row.state == DeliveryState.DELIVERED


@pytest.mark.django_db(transaction=True)
def test_the_sweep_wakes_a_few_workers_for_an_endpoint_and_they_send_it_everything(acme: User, issued: Issued) -> None:
    for _ in range(9):
        subscriptions.send_test(endpoint=issued[0], now=timezone.now())
    with celery_app.connection_for_read() as broker, broker.SimpleQueue("writing") as queue:
        queue.clear()
        tasks.retry_webhooks()
        messages = [queue.get(timeout=5) for _ in range(delivery.AT_ONCE)]
        with pytest.raises(Empty):
            queue.get(block=False)
    for message in messages:
        message.ack()
        assert message.headers["expires"]
        tasks.deliver_webhook(**message.payload[1])
    assert WebhookDelivery.objects.filter(state=DeliveryState.DELIVERED, tries=1).count() == 9


@pytest.mark.django_db(transaction=True)
def test_one_delivery_in_the_hands_of_eight_workers_is_sent_once(
    acme: User, issued: Issued, receiver: Receiver
) -> None:
    row = subscriptions.send_test(endpoint=issued[0], now=timezone.now())
    in_threads(8, lambda _: delivery.deliver(delivery_id=row.pk))
    row.refresh_from_db()
    assert (row.state, row.tries, row.claim) == (DeliveryState.DELIVERED, 1, 1)
    assert len(receiver.hits) == 1


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_never_answers_holds_few_workers_and_one_that_does_gets_all(
    acme: User, issued: Issued, receiver: Receiver
) -> None:
    rows = [subscriptions.send_test(endpoint=issued[0], now=timezone.now()) for _ in range(12)]
    receiver.gate.clear()
    threads = start(12, lambda number: delivery.deliver(delivery_id=rows[number].pk))
    for _ in range(delivery.AT_ONCE):
        assert receiver.arrived.acquire(timeout=10)
    for thread in threads:
        thread.join(0.3)
    assert len(receiver.hits) == sum(thread.is_alive() for thread in threads) == delivery.AT_ONCE
    receiver.gate.set()
    for thread in threads:
        thread.join(20)
    assert WebhookDelivery.objects.filter(state=DeliveryState.DELIVERED).count() == len(receiver.hits) == 12


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_loses_nothing(acme: User, issued: Issued, receiver: Receiver) -> None:
    row = subscriptions.send_test(endpoint=issued[0], now=timezone.now())
    receiver.gate.clear()
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(row.pk)], cwd=ROOT, env=environment(receiver))
    try:
        assert receiver.arrived.acquire(timeout=30)
    finally:
        worker.kill()
        worker.wait(10)
    receiver.gate.set()
    row.refresh_from_db()
    assert (row.state, row.claim) == (DeliveryState.PENDING, 1)
    assert list(selectors.due_deliveries(now=timezone.now(), each_endpoint=4)) == []
    assert row.lease_until is not None
    assert row.lease_until <= timezone.now() + delivery.LEASE
    WebhookDelivery.objects.update(lease_until=timezone.now())  # as it will be within LEASE
    assert list(selectors.due_deliveries(now=timezone.now(), each_endpoint=4)) == [row.pk]
    send(row, due=False)
    assert row.state == DeliveryState.DELIVERED
    assert [hit.headers["webhook-id"] for hit in receiver.hits] == [str(row.pk)] * 2  # the customer can tell


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_taken_for_dead_marks_nothing(acme: User, issued: Issued, receiver: Receiver) -> None:
    row = subscriptions.send_test(endpoint=issued[0], now=timezone.now())
    receiver.will_answer(500)
    late = delivery._claim(issued[0].pk, timezone.now())
    assert late is not None
    answer = delivery._judge(delivery._send(late))
    WebhookDelivery.objects.update(lease_until=timezone.now())
    send(row, due=False)
    delivery._mark(late, answer, timezone.now())
    row.refresh_from_db()
    assert (row.state, row.last_status, row.tries) == (DeliveryState.DELIVERED, 204, 1)


@pytest.mark.django_db(transaction=True)
def test_deleting_the_endpoint_at_the_same_moment_undoes_no_conversion(acme: User, issued: Issued) -> None:
    conversion = make_conversion(acme)
    with transaction.atomic():
        execution.fail(conversion=conversion, failure=execution.WorkerLost(), now=timezone.now())
        (deleting,) = start(1, lambda _: subscriptions.delete_endpoint(endpoint=issued[0]))
        deleting.join(0.5)
        assert deleting.is_alive()
    deleting.join(10)
    conversion.refresh_from_db()
    assert conversion.status == Status.FAILED
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_ten_endpoints_asked_for_at_once_are_ten(acme: User) -> None:
    refused: list[PermanentError] = []

    def create(_: int) -> None:
        try:
            subscriptions.create_endpoint(user=acme, url="https://client.example.com/hook", now=timezone.now())
        except subscriptions.TooManyEndpoints as refusal:
            refused.append(refusal)

    in_threads(14, create)
    assert (WebhookEndpoint.objects.count(), len(refused)) == (10, 4)


def start(number: int, work: Callable[[int], object]) -> list[threading.Thread]:
    def run(which: int) -> None:
        try:
            work(which)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    return threads


def in_threads(number: int, work: Callable[[int], object]) -> None:
    for thread in start(number, work):
        thread.join(20)


def environment(receiver: Receiver) -> dict[str, str]:
    facts = django_settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    url = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST'] or '127.0.0.1'}:{facts['PORT']}/{name}"
    return {**os.environ, "DATABASE_URL": url, "NEWSFORGE_FETCH_ALLOW": receiver.pair}
