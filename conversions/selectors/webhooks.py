"""Endpoints, deliveries, and what is due."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from conversions.models import WebhookDelivery, WebhookEndpoint
from conversions.selectors.posts import NotFound

DUE_AT_ONCE = 500
"""Webhooks one sweep wakes workers for."""


def endpoints_of(*, user: User) -> QuerySet[WebhookEndpoint]:
    """Return the user's endpoints, unordered."""
    return WebhookEndpoint.objects.filter(user=user)


def endpoint_of(*, user: User, endpoint_id: UUID) -> WebhookEndpoint:
    """Return one endpoint of the user's.

    :raises NotFound: if there is none with this id.
    """
    found = endpoints_of(user=user).filter(pk=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def deliveries_of(*, endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    """Return what an endpoint was told, or will be, unordered."""
    return WebhookDelivery.objects.filter(endpoint=endpoint)


def delivery_of(*, user: User, delivery_id: UUID) -> WebhookDelivery:
    """Return one delivery to an endpoint of the user's.

    :raises NotFound: if there is none with this id.
    """
    found = WebhookDelivery.objects.select_related("endpoint").filter(endpoint__user=user, pk=delivery_id).first()
    if found is None:
        raise NotFound
    return found


def due_deliveries(*, now: datetime, each_endpoint: int) -> QuerySet[WebhookDelivery, UUID]:
    """Return the ids of deliveries to send now, the longest due first and so many for each endpoint at most.

    An endpoint with thousands waiting takes no other's turn.
    """
    place = Window(RowNumber(), partition_by="endpoint_id", order_by="next_try_at")
    fair = (
        WebhookDelivery.objects.due(now=now)
        .annotate(place=place)
        .filter(place__lte=each_endpoint)
        .order_by("next_try_at")
    )
    return fair.values_list("pk", flat=True)[:DUE_AT_ONCE]
