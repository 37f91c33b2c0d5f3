"""What Celery runs: thin, by id, one call each. The database row is the truth; a message only wakes a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from billiard.exceptions import SoftTimeLimitExceeded
from celery import Task, shared_task
from celery.contrib.django.task import DjangoTask
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conversions import delivery, execution, lease, outbox, reading, route, selectors, tallies
from conversions.pipeline.convert import DeadlineExceeded

UNHEARD = timedelta(seconds=20)
"""A message that woke nobody within this is sent again by the sweep."""


@shared_task(base=DjangoTask, name="conversions.read_article", soft_time_limit=25, time_limit=35)
def read_article(*, article_id: str, **_: object) -> None:
    """Read one article, then wake the writers of its conversions."""
    ready, wait = reading.read(article_id=UUID(article_id), times_up=SoftTimeLimitExceeded)
    for conversion_id in ready:
        run_conversion.apply_async(kwargs={"conversion_id": str(conversion_id)})
    if wait is not None:
        read_article.apply_async(kwargs={"article_id": article_id}, countdown=wait)


@shared_task(base=DjangoTask, name="conversions.run_conversion")
def run_conversion(*, conversion_id: str, **_: object) -> None:
    """Write one post, or come again when its provider may be ready."""
    wait = execution.execute(conversion_id=UUID(conversion_id))
    if wait is not None:
        run_conversion.apply_async(kwargs={"conversion_id": conversion_id}, countdown=wait)


@shared_task(base=DjangoTask, name="conversions.reap_stuck")
def reap_stuck(**_: object) -> None:
    """Take work back from workers that are gone, and wake a worker for what nobody took.

    A message nobody takes in time is dropped, so that sweeps do not fill the queue of workers that are merely busy.
    """
    now, expires = timezone.now(), UNHEARD.total_seconds()
    for conversion in selectors.abandoned_by_worker(now=now, lease=lease.LENGTH):
        if execution.recover(conversion=conversion, now=now):
            run_conversion.apply_async(kwargs={"conversion_id": str(conversion.pk)}, expires=expires)
    for conversion in selectors.overdue(now=now, grace=execution.GRACE):
        execution.fail(conversion=conversion, failure=DeadlineExceeded(), now=now)
    for article in selectors.waiting_to_be_read(unheard_since=now - UNHEARD, now=now):
        if reading.recover(article=article, now=now):
            read_article.apply_async(kwargs={"article_id": str(article.pk)}, expires=expires)
    for conversion in selectors.waiting_to_be_written(unheard_since=now - UNHEARD, now=now):
        if execution.wake(conversion=conversion, now=now):
            run_conversion.apply_async(kwargs={"conversion_id": str(conversion.pk)}, expires=expires)
    route.close_orphans(before=now - timedelta(seconds=settings.CONVERSION_DEADLINE_SECONDS) - execution.GRACE)


@shared_task(base=DjangoTask, name="conversions.remove_old_texts")
def remove_old_texts(**_: object) -> None:
    """Take the texts of finished conversions away when their time is over, those in webhooks among them."""
    now = timezone.now()
    before = now - timedelta(days=settings.RETENTION_DAYS)
    execution.remove_texts(before=before, now=now)
    delivery.remove_old(before=before)


@shared_task(base=DjangoTask, name="conversions.tally")
def tally(**_: object) -> None:
    """Count the hours that are over, so that the dashboard need not."""
    tallies.fill(now=timezone.now())


@shared_task(base=DjangoTask, name=outbox.DELIVER)
def deliver_webhook(*, delivery_id: str, **_: object) -> None:
    """Send one webhook, and what else its endpoint waits for."""
    delivery.deliver(delivery_id=UUID(delivery_id))


@shared_task(base=DjangoTask, name="conversions.retry_webhooks")
def retry_webhooks(**_: object) -> None:
    """Wake workers for webhooks that are due; a message nobody takes in time is dropped, the next sweep sends anew."""
    for due in selectors.due_deliveries(now=timezone.now(), each_endpoint=delivery.AT_ONCE):
        deliver_webhook.apply_async(kwargs={"delivery_id": str(due)}, expires=UNHEARD.total_seconds())


def wake(*, task: Task[Any, Any], messages: Sequence[Mapping[str, str]]) -> None:
    """Send the messages once the transaction is committed.

    A dead broker costs one try and a log line, however many they are; the sweep sends them again.
    """

    def tell() -> None:  # no functools.partial: when it fails, Django logs its __qualname__
        _send(task, messages)

    transaction.on_commit(tell, robust=True)


def _send(task: Task[Any, Any], messages: Sequence[Mapping[str, str]]) -> None:
    for message in messages:
        # Celery's own way to write the arguments for people to read is slow, and its types do not know this one.
        task.apply_async(kwargs=dict(message), retry=False, argsrepr="()", kwargsrepr=repr(message))  # type: ignore[call-arg]
