"""Where messages may go, and the secrets that sign them."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import WebhookVerificationError

from accounts.models import User
from conversions import subscriptions, tools
from conversions.enums import DeliveryState
from conversions.models import WebhookEndpoint
from tests.conversions.webhooks.conftest import Issued, send
from tests.conversions.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


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
