"""Every read the doors and monitoring need; a stranger's rows are never among them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from conversions.enums import Status, Verdict
from conversions.models import Article, Conversion
from newsforge.lib.errors import Fault, PermanentError


class NotFound(PermanentError):
    """There is no such row, or it is somebody else's."""

    code = "not-found"
    status_code = 404
    title = "Not found"
    sentence = "There is nothing of yours at this address. Check the id."
    fault = Fault.REQUEST


def conversions_of(*, user: User) -> QuerySet[Conversion]:
    """Return the user's conversions with their articles, unordered."""
    return Conversion.objects.filter(user=user).select_related("article")


def conversion_of(*, user: User, conversion_id: UUID) -> Conversion:
    """Return one conversion of the user's.

    :raises NotFound: if there is none with this id.
    """
    found = conversions_of(user=user).filter(pk=conversion_id).first()
    if found is None:
        raise NotFound
    return found


def batch_of(*, user: User, batch_id: UUID) -> list[Conversion]:
    """Return the conversions of one request in the order they were asked for.

    :raises NotFound: if the user made no such request.
    """
    found = list(conversions_of(user=user).filter(batch_id=batch_id).order_by("created_at", "position"))
    if not found:
        raise NotFound
    return found


def waiting_to_be_read(*, unheard_since: datetime, now: datetime) -> QuerySet[Article]:
    """Return articles with open conversions that nobody reads although a worker was told before ``unheard_since``."""
    return Article.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        verdict=Verdict.UNREAD,
        conversions__status=Status.PENDING,
        conversions__woken_at__lt=unheard_since,
        conversions__not_before__lte=now,
    ).distinct()


def waiting_to_be_written(*, unheard_since: datetime, now: datetime) -> QuerySet[Conversion]:
    """Return pending conversions of read articles that nobody took although a worker was told."""
    return Conversion.objects.filter(
        status=Status.PENDING, article__verdict=Verdict.OK, woken_at__lt=unheard_since, not_before__lte=now
    )


def abandoned_by_worker(*, now: datetime) -> QuerySet[Conversion]:
    """Return conversions whose worker let its lease run out."""
    return Conversion.objects.filter(status=Status.PROCESSING, lease_until__lt=now)


def overdue(*, now: datetime, grace: timedelta) -> QuerySet[Conversion]:
    """Return pending conversions whose deadline passed while nobody worked on them."""
    return Conversion.objects.filter(status=Status.PENDING, deadline_at__lt=now - grace)
