"""Sent once, whoever takes it and whoever dies: real transactions, threads and processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from queue import Empty

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from conversions import delivery, execution, selectors, subscriptions, tasks
from conversions.enums import DeliveryState, Status
from conversions.models import WebhookDelivery, WebhookEndpoint
from newsforge import celery_app
from newsforge.lib.errors import PermanentError
from tests.conversions.webhooks.conftest import Issued, end, send
from tests.conversions.webhooks.receiver import Receiver
from tests.factories import make_conversion, make_delivery

ROOT = Path(__file__).resolve().parents[3]

WORKER = """
import sys, uuid, django
django.setup()
from conversions import delivery
delivery.deliver(delivery_id=uuid.UUID(sys.argv[1]))
"""

pytestmark = pytest.mark.django_db


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
