"""What a client may ask of webhooks, and what it gets; globex gets nothing of acme's."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import IdempotencyRecord, User
from conversions import outbox, signing, subscriptions
from conversions.api.webhook_messages import (
    EndedMessageSerializer,
    EndedSerializer,
    EndpointTestMessageSerializer,
    EndpointTestSerializer,
)
from conversions.enums import DeliveryState
from conversions.models import WebhookDelivery, WebhookEndpoint
from tests.conversions.conftest import problem
from tests.factories import make_conversion, make_delivery

DOOR = "/api/v1/webhooks"
URL = "https://client.example.com/hooks"
DETAIL = {"id", "url", "description", "is_active", "disabled_reason", "previous_until", "created_at"}
DELIVERY = {
    "id", "message_id", "endpoint_id", "conversion_id", "event", "state", "tries", "next_try_at", "last_status",
    "last_error", "last_ms", "replay_of", "created_at", "finished_at",
}  # fmt: skip


@pytest.fixture
def made(api: APIClient) -> dict[str, Any]:
    """An endpoint of acme's, as the API answered."""
    body: dict[str, Any] = api.post(DOOR, {"url": URL, "description": "편집국"}).json()
    return body


@pytest.fixture
def row(made: dict[str, Any]) -> WebhookEndpoint:
    return WebhookEndpoint.objects.get(pk=made["id"])


def test_an_endpoint_is_made_and_its_secret_shown_this_once(api: APIClient) -> None:
    answer = api.post(DOOR, {"url": URL, "description": "편집국"})
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == DETAIL | {"secret"}
    assert body["secret"].startswith("whsec_")
    assert (body["url"], body["description"], body["is_active"], body["disabled_reason"]) == (URL, "편집국", True, "")
    assert answer["Location"] == f"http://testserver{DOOR}/{body['id']}"
    detail = api.get(answer["Location"])
    assert detail.json() == {name: body[name] for name in DETAIL}
    listed = api.get(DOOR).json()
    assert listed == {"next": None, "previous": None, "results": [detail.json()]}
    assert "whsec_" not in detail.content.decode() + api.get(DOOR).content.decode()


def test_the_same_idempotency_key_makes_one_endpoint_and_keeps_no_secret(api: APIClient) -> None:
    first, second = (api.post(DOOR, {"url": URL}, headers={"Idempotency-Key": "desk-3"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["secret"]
    assert second.json() == {**first.json(), "secret": None}
    assert first["Location"] == second["Location"]
    assert WebhookEndpoint.objects.count() == 1
    assert first.json()["secret"] not in IdempotencyRecord.objects.get().body


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/url"),
        ({"url": 7}, "#/url"),
        ({"url": ""}, "#/url"),
        ({"url": URL + "a" * 2048}, "#/url"),
        ({"url": URL, "description": "가" * 201}, "#/description"),
        ({"url": URL, "is_active": False}, "#/is_active"),
        ({"url": URL, "secret": "whsec_mine"}, "#/secret"),
        ({"url": URL, "a name nobody gave": 1}, "#"),
    ],
)
def test_a_malformed_wish_is_refused_at_its_place(api: APIClient, body: dict[str, Any], pointer: str) -> None:
    told = problem(api.post(DOOR, body), 400, "invalid-request")
    assert [each["pointer"] for each in told["errors"]] == [pointer]
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("url", ["http://client.example.com/hooks", "https://10.0.0.1/", "https://desk.local/"])
def test_an_address_that_is_not_public_https_is_refused(api: APIClient, url: str) -> None:
    problem(api.post(DOOR, {"url": url}), 422, "unusable-endpoint")


def test_more_endpoints_than_there_may_be_are_refused(api: APIClient) -> None:
    for _ in range(subscriptions.MOST_ENDPOINTS):
        assert api.post(DOOR, {"url": URL}).status_code == 201
    problem(api.post(DOOR, {"url": URL}), 409, "too-many-endpoints")


def test_what_is_named_is_changed_and_the_rest_stays(api: APIClient, made: dict[str, Any]) -> None:
    place = f"{DOOR}/{made['id']}"
    changed = api.patch(place, {"url": URL + "/new"}).json()
    assert (changed["url"], changed["description"]) == (URL + "/new", "편집국")
    assert api.patch(place, {}).json() == changed
    problem(api.patch(place, {"url": "https://127.0.0.1/"}), 422, "unusable-endpoint")
    problem(api.patch(place, {"uri": URL}), 400, "invalid-request")
    assert api.get(place).json() == changed


def test_disabling_gives_up_what_waits_and_enabling_starts_anew(
    api: APIClient, made: dict[str, Any], row: WebhookEndpoint, acme: User
) -> None:
    waiting = make_delivery(row)
    disabled = api.patch(f"{DOOR}/{made['id']}", {"is_active": False}).json()
    assert disabled["is_active"] is False
    assert acme.email in disabled["disabled_reason"]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.last_error) == (DeliveryState.FAILED, disabled["disabled_reason"])
    problem(api.post(f"{DOOR}/{made['id']}/test"), 409, "endpoint-disabled")
    problem(api.post(f"{DOOR}/deliveries/{waiting.pk}/replay"), 409, "endpoint-disabled")
    enabled = api.patch(f"{DOOR}/{made['id']}", {"is_active": True}).json()
    assert (enabled["is_active"], enabled["disabled_reason"]) == (True, "")


def test_a_deleted_endpoint_is_gone(api: APIClient, made: dict[str, Any], row: WebhookEndpoint) -> None:
    make_delivery(row)
    answer = api.delete(f"{DOOR}/{made['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    problem(api.get(f"{DOOR}/{made['id']}"), 404, "not-found")
    assert not WebhookDelivery.objects.exists()


def test_a_rotation_shows_a_new_secret_and_says_how_long_the_old_one_signs(
    api: APIClient, made: dict[str, Any], row: WebhookEndpoint
) -> None:
    answer = api.post(f"{DOOR}/{made['id']}/rotate")
    body = answer.json()
    assert answer.status_code == 200
    assert body["secret"].startswith("whsec_")
    assert body["secret"] != made["secret"]
    row.refresh_from_db()
    assert row.previous_until is not None
    assert (row.previous_until - timezone.now()).total_seconds() == pytest.approx(24 * 3600, abs=60)
    proof = signing.headers(endpoint=row, message_id="m", body="{}", now=timezone.now())
    assert len(proof["webhook-signature"].split(" ")) == 2


def test_the_same_key_rotates_once(api: APIClient, made: dict[str, Any]) -> None:
    place, header = f"{DOOR}/{made['id']}/rotate", {"Idempotency-Key": "rotate-1"}
    first, second = (api.post(place, headers=header).json() for _ in range(2))
    assert second == {**first, "secret": None}


def test_a_test_message_waits_for_a_worker(api: APIClient, made: dict[str, Any]) -> None:
    answer = api.post(f"{DOOR}/{made['id']}/test")
    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == DELIVERY | {"payload"}
    assert (body["event"], body["state"], body["tries"], body["conversion_id"]) == ("endpoint.test", "pending", 0, None)
    assert body["payload"]["type"] == "endpoint.test"
    assert body["message_id"] == body["id"]
    assert api.get(f"{DOOR}/deliveries/{body['id']}").json() == body


def test_the_log_is_paged_newest_first(api: APIClient, made: dict[str, Any], row: WebhookEndpoint) -> None:
    ids = [str(make_delivery(row).pk) for _ in range(5)]
    place = f"{DOOR}/{made['id']}/deliveries"
    first = api.get(place, {"page_size": 3}).json()
    assert [each["id"] for each in first["results"]] == ids[:1:-1]
    assert set(first["results"][0]) == DELIVERY
    rest = api.get(first["next"]).json()
    assert [each["id"] for each in rest["results"]] == ids[1::-1]
    assert rest["next"] is None
    problem(api.get(place, {"status": "failed"}), 400, "invalid-request")


def test_a_failure_in_the_log_says_what_came_back(api: APIClient, made: dict[str, Any], row: WebhookEndpoint) -> None:
    failed = {"state": "failed", "tries": 10, "last_status": 503, "last_error": "The endpoint answered 503."}
    make_delivery(row, **failed, finished_at=timezone.now(), last_ms=41)
    (shown,) = api.get(f"{DOOR}/{made['id']}/deliveries").json()["results"]
    assert {name: shown[name] for name in failed} == failed
    assert shown["next_try_at"] is None
    assert shown["finished_at"]


def test_a_replay_is_a_new_row_of_the_same_message(api: APIClient, made: dict[str, Any], row: WebhookEndpoint) -> None:
    first = make_delivery(row, state="failed", finished_at=timezone.now())
    answer = api.post(f"{DOOR}/deliveries/{first.pk}/replay")
    assert answer.status_code == 202
    body = answer.json()
    assert body["id"] != str(first.pk)
    assert body["message_id"] == body["replay_of"] == str(first.pk)
    assert (body["state"], body["payload"], body["event"]) == ("pending", first.payload, first.event)


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
@pytest.mark.parametrize("title", ["수원", "수" * 9000])
def test_what_is_sent_is_what_the_schema_says(acme: User, row: WebhookEndpoint, status: str, title: str) -> None:
    conversion = make_conversion(acme, status=status, title=title, finished_at=timezone.now())
    outbox.enqueue(conversion=conversion, now=timezone.now())
    payload = WebhookDelivery.objects.get().payload
    described = EndedMessageSerializer(data=payload)
    assert described.is_valid(), described.errors
    assert set(payload) == set(described.fields)
    assert set(payload["data"]) == set(EndedSerializer().fields)
    assert payload["data"]["complete"] is (len(title) < 100)


def test_a_test_message_is_what_the_schema_says(row: WebhookEndpoint) -> None:
    payload = subscriptions.send_test(endpoint=row, now=timezone.now()).payload
    assert EndpointTestMessageSerializer(data=payload).is_valid()
    assert set(payload["data"]) == set(EndpointTestSerializer().fields)


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ("get", "{endpoint}"),
        ("patch", "{endpoint}"),
        ("delete", "{endpoint}"),
        ("post", "{endpoint}/rotate"),
        ("post", "{endpoint}/test"),
        ("get", "{endpoint}/deliveries"),
        ("get", "deliveries/{delivery}"),
        ("post", "deliveries/{delivery}/replay"),
    ],
)
def test_a_stranger_finds_nothing(stranger: APIClient, row: WebhookEndpoint, method: str, place: str) -> None:
    delivery = make_delivery(row)
    before = WebhookEndpoint.objects.values().get()
    filled = place.format(endpoint=row.pk, delivery=delivery.pk)
    missing = place.format(endpoint=uuid.uuid4(), delivery=uuid.uuid4())
    theirs = problem(getattr(stranger, method)(f"{DOOR}/{filled}"), 404, "not-found")
    nobodys = problem(getattr(stranger, method)(f"{DOOR}/{missing}"), 404, "not-found")
    assert theirs["detail"] == nobodys["detail"]
    assert WebhookEndpoint.objects.values().get() == before
    assert WebhookDelivery.objects.count() == 1
    assert stranger.get(DOOR).json()["results"] == []


def test_without_a_token_nothing_opens(db: None) -> None:
    client = APIClient()
    problem(client.get(DOOR), 401, "not-authenticated")
    problem(client.post(DOOR, {"url": URL}), 401, "not-authenticated")
