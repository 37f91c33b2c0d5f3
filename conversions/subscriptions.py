"""What customers do to their webhook endpoints. One transaction each; a secret is returned once and never again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from conversions import delivery, outbox, signing, tools
from conversions.enums import DeliveryState, WebhookEvent
from conversions.models import WebhookDelivery, WebhookEndpoint
from newsforge.lib import audit
from newsforge.lib.errors import Fault, PermanentError
from newsforge.lib.http import parse_url
from newsforge.lib.http.guard import check_target, is_public

MOST_ENDPOINTS = 10
"""Of one user: each is told of every conversion."""

LONGEST_URL = 2048

OVERLAP = timedelta(hours=24)
"""How long the old secret signs beside the new one after a rotation."""


class UnusableEndpoint(PermanentError):
    """Webhooks cannot be sent to this address, whoever is there."""

    code = "unusable-endpoint"
    status_code = 422
    title = "Webhooks cannot be sent to this address"
    sentence = (
        "Webhooks go to public addresses that begin with https:// and hold no port, user name or password, "
        "%(longest)s characters at most. Give such an address."
    )
    fault = Fault.REQUEST


class TooManyEndpoints(PermanentError):
    """The user has as many endpoints as there may be."""

    code = "too-many-endpoints"
    status_code = 409
    title = "Too many webhook endpoints"
    sentence = "You have %(most)s webhook endpoints, and more are not possible. Delete one you no longer use."
    fault = Fault.REQUEST


class EndpointDisabled(PermanentError):
    """Nothing is sent to an endpoint that is switched off."""

    code = "endpoint-disabled"
    status_code = 409
    title = "The webhook endpoint is disabled"
    sentence = "This webhook endpoint is disabled, so nothing is sent to it. Enable it first."
    fault = Fault.REQUEST


def create_endpoint(*, user: User, url: str, description: str = "", now: datetime) -> tuple[WebhookEndpoint, str]:
    """Create an endpoint and return it with its secret, this once.

    :raises UnusableEndpoint: if the address can never be sent to.
    :raises TooManyEndpoints: if the user has ``MOST_ENDPOINTS``.
    """
    endpoint = WebhookEndpoint(user=user, url=checked_url(url=url), description=description, created_at=now)
    secret = signing.new_secret()
    endpoint.encrypted_secret = signing.seal(endpoint=endpoint, secret=secret)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # so that two at once do not both find room
        if WebhookEndpoint.objects.filter(user=user).count() >= MOST_ENDPOINTS:
            raise TooManyEndpoints(most=MOST_ENDPOINTS)
        endpoint.save(force_insert=True)
    return endpoint, secret


def change_endpoint(
    *,
    endpoint: WebhookEndpoint,
    actor: str,
    now: datetime,
    url: str | None = None,
    description: str | None = None,
    is_active: bool | None = None,
) -> WebhookEndpoint:
    """Change what is not None of an endpoint; what waits for it goes to its new address.

    :raises UnusableEndpoint: if the address can never be sent to.
    """
    wanted = {"url": None if url is None else checked_url(url=url), "description": description}
    changes = {name: value for name, value in wanted.items() if value is not None}
    with transaction.atomic():
        if changes:
            _write(endpoint, **changes)
        if is_active is not None:
            endpoint = (
                enable_endpoint(endpoint=endpoint)
                if is_active
                else disable_endpoint(endpoint=endpoint, actor=actor, now=now)
            )
    return endpoint


def disable_endpoint(*, endpoint: WebhookEndpoint, actor: str, now: datetime) -> WebhookEndpoint:
    """Tell an endpoint nothing more; what waits for it is given up, and can be replayed later."""
    if endpoint.is_active:
        audit.remember(endpoint)
        delivery.disable(endpoint=endpoint, reason=f"Disabled by {actor}."[:300], now=now)
        endpoint.refresh_from_db()
        audit.note(row=endpoint)
    return endpoint


def enable_endpoint(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Tell an endpoint again of what ends from now on."""
    _write(endpoint, is_active=True, disabled_reason="")
    return endpoint


def rotate_secret(*, endpoint: WebhookEndpoint, now: datetime) -> tuple[WebhookEndpoint, str]:
    """Give an endpoint a new secret and return it, this once; the old one signs too for ``OVERLAP``.

    The one before the old one stops at once.
    """
    secret = signing.new_secret()
    with transaction.atomic():
        locked = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
        locked.previous_secret, locked.previous_until = locked.encrypted_secret, now + OVERLAP
        locked.encrypted_secret = signing.seal(endpoint=locked, secret=secret)
        locked.save(update_fields=["encrypted_secret", "previous_secret", "previous_until"])
    return locked, secret


def delete_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Remove an endpoint with its secrets and the record of what it was told."""
    with transaction.atomic():
        WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        endpoint.delete()


def send_test(*, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    """Send an endpoint a message that means nothing, signed and logged like any other.

    :raises EndpointDisabled: if it is switched off.
    """
    data = {"endpoint_id": endpoint.pk, "message": "This is a test. No conversion has ended."}
    payload = outbox.payload_of(event=WebhookEvent.ENDPOINT_TEST, data=data, now=now)
    return _add(
        WebhookDelivery(
            endpoint=endpoint,
            event=WebhookEvent.ENDPOINT_TEST,
            payload=payload,
            next_try_at=now,
            created_at=now,
        )
    )


def replay(*, delivery: WebhookDelivery, now: datetime) -> WebhookDelivery:
    """Send a message again under its old ``webhook-id``; one that still waits for its next try is tried now instead.

    :raises EndpointDisabled: if the endpoint is switched off.
    """
    if delivery.state == DeliveryState.PENDING:
        waiting = WebhookDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING, next_try_at__gt=now)
        with transaction.atomic():
            waiting.update(next_try_at=now)
            outbox.wake(delivery_ids=[delivery.pk])
        delivery.refresh_from_db()
        return delivery
    return _add(
        WebhookDelivery(
            endpoint=delivery.endpoint,
            conversion_id=delivery.conversion_id,
            event=delivery.event,
            payload=delivery.payload,
            replay_of_id=delivery.replay_of_id or delivery.pk,
            next_try_at=now,
            created_at=now,
        )
    )


def checked_url(*, url: str) -> str:
    """Return the address as it will be called; its name is not looked up here but at every delivery.

    :raises UnusableEndpoint: if it is no https address of the public web, nor named in NEWSFORGE_FETCH_ALLOW.
    """
    refusal = UnusableEndpoint(longest=LONGEST_URL)
    policy = tools.http_policy()
    try:
        target = parse_url(url=url)
        check_target(target=target, policy=policy)
    except PermanentError as error:
        raise refusal from error
    private = target.scheme != "https" or target.port != 443 or (target.ip is not None and not is_public(target.ip))
    if len(target.url) > LONGEST_URL or (private and target.pair not in policy.allow):
        raise refusal
    return target.url


def _write(endpoint: WebhookEndpoint, **changes: object) -> None:
    for column, value in changes.items():
        setattr(endpoint, column, value)
    endpoint.save(update_fields=list(changes))
    endpoint.refresh_from_db()


def _add(delivery: WebhookDelivery) -> WebhookDelivery:
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=delivery.endpoint_id).first()
        if endpoint is None or not endpoint.is_active:
            raise EndpointDisabled
        delivery.save(force_insert=True)
        outbox.wake(delivery_ids=[delivery.pk])
    return delivery
