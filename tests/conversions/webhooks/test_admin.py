"""What staff do about webhooks in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conversions import subscriptions
from conversions.enums import DeliveryState
from conversions.models import WebhookDelivery, WebhookEndpoint
from tests.factories import make_delivery, make_user

URL = "https://client.example.com/hooks"


@pytest.fixture
def desk(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def endpoint(acme: User) -> WebhookEndpoint:
    return subscriptions.create_endpoint(user=acme, url=URL, now=timezone.now())[0]


def act(client: Client, action: str, *rows: Model) -> str:
    """Choose rows of a list, let the action run, and return the page that follows."""
    place = reverse(f"admin:conversions_{rows[0]._meta.model_name}_changelist")
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    return client.post(place, form, follow=True).content.decode()


def test_an_endpoint_is_disabled_with_who_did_it_and_enabled_again(
    desk: Client, staff: User, endpoint: WebhookEndpoint
) -> None:
    waiting = make_delivery(endpoint)
    assert "1 endpoint is disabled." in act(desk, "disable", endpoint)
    endpoint.refresh_from_db()
    waiting.refresh_from_db()
    assert not endpoint.is_active
    assert staff.email in endpoint.disabled_reason
    assert waiting.state == DeliveryState.FAILED
    assert "0 endpoints are disabled." in act(desk, "disable", endpoint)
    assert "1 endpoint is enabled." in act(desk, "enable", endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.disabled_reason) == (True, "")


def test_a_test_message_goes_to_active_endpoints_only_and_the_page_says_why(
    desk: Client, acme: User, endpoint: WebhookEndpoint
) -> None:
    silent, _ = subscriptions.create_endpoint(user=acme, url=URL, now=timezone.now())
    subscriptions.disable_endpoint(endpoint=silent, actor="acme", now=timezone.now())
    page = act(desk, "send_test", endpoint, silent)
    assert "1 test message is on its way." in page
    assert "Enable it first." in page
    assert WebhookDelivery.objects.get().endpoint == endpoint


def test_messages_are_sent_again(desk: Client, endpoint: WebhookEndpoint) -> None:
    failed = [make_delivery(endpoint, state="failed", finished_at=timezone.now()) for _ in range(2)]
    assert "2 messages are sent again." in act(desk, "replay", *failed)
    assert WebhookDelivery.objects.filter(state=DeliveryState.PENDING, replay_of__in=failed).count() == 2


def test_the_log_is_narrowed_by_state_and_event_and_shows_what_was_said(
    desk: Client, endpoint: WebhookEndpoint
) -> None:
    failed = make_delivery(endpoint, state="failed", last_error="The endpoint answered 503.", payload={"제목": "<b>"})
    make_delivery(endpoint, state="delivered", event="endpoint.test")
    place = reverse("admin:conversions_webhookdelivery_changelist")
    page = desk.get(place, {"state__exact": "failed"}).content.decode()
    assert "answered 503" in page
    assert page.count("field-status") == 1
    assert desk.get(place, {"event": "endpoint.test"}).content.decode().count("field-status") == 1
    detail = desk.get(reverse("admin:conversions_webhookdelivery_change", args=[failed.pk])).content.decode()
    assert "제목" in detail
    assert "<b>" not in detail


def test_staff_who_may_only_look_get_no_action(endpoint: WebhookEndpoint) -> None:
    looker = make_user("looker@newsforge.example", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_webhook"))
    client = Client()
    client.force_login(looker)
    act(client, "disable", endpoint)
    act(client, "replay", make_delivery(endpoint, state="failed"))
    endpoint.refresh_from_db()
    assert endpoint.is_active
    assert WebhookDelivery.objects.count() == 1
