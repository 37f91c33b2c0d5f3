"""What beat runs for accounts."""

from __future__ import annotations

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from accounts import idempotency, quota, sessions


@shared_task(base=DjangoTask, name="accounts.reset_quotas")
def reset_quotas(**_: object) -> None:
    """Start the day of everybody whose midnight has passed."""
    quota.reset_due(now=timezone.now())


@shared_task(base=DjangoTask, name="accounts.purge_idempotency")
def purge_idempotency(**_: object) -> None:
    """Forget answers nobody may ask for any more."""
    idempotency.purge(now=timezone.now())


@shared_task(base=DjangoTask, name="accounts.forget_sessions")
def forget_sessions(**_: object) -> None:
    """Forget where people were logged in, once they are not any more."""
    sessions.forget_expired(now=timezone.now())
