"""What a client may do with provider keys; the key goes in and never comes out, and globex sees nothing of acme's."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import keys
from accounts.models import ApiKey, IdempotencyRecord, User
from conversions import provider_keys
from tests.conversions.conftest import problem
from tests.conversions.keys.conftest import AWAY, MODELS, REFUSES
from tests.factories import make_key
from tests.faults.canary import KEY
from tests.faults.server import FaultServer, failing

DOOR = "/api/v1/keys"
WISH = {"name": "편집국", "provider": "openai", "key": f" {KEY}\n"}
DETAIL = {
    "id", "name", "provider", "prefix", "last_four", "fingerprint", "is_active", "status", "problem", "accepted_at",
    "usage_count", "last_used", "created_at",
}  # fmt: skip


def test_a_key_is_tested_stored_and_shown_by_its_ends(api: APIClient, provider: FaultServer) -> None:
    answer = api.post(DOOR, WISH)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == DETAIL | {"check"}
    assert body["check"] == {"verdict": "accepted", "code": "", "detail": ""}
    assert (body["name"], body["provider"], body["is_active"]) == ("편집국", "openai", True)
    assert (body["prefix"], body["last_four"], body["status"]) == (KEY[:8], KEY[-4:], "ok")
    assert body["fingerprint"] == hashlib.sha256(KEY.encode()).hexdigest()
    assert body["accepted_at"]
    assert answer["Location"] == f"http://testserver{DOOR}/{body['id']}"
    detail = api.get(answer["Location"])
    assert detail.json() == {name: body[name] for name in DETAIL}
    assert api.get(DOOR).json() == {"next": None, "previous": None, "results": [detail.json()]}
    assert KEY not in "".join(each.content.decode() for each in (answer, detail, api.get(DOOR)))
    assert keys.reveal(key=ApiKey.objects.get()) == KEY


def test_the_same_idempotency_key_stores_one_key_and_asks_once(api: APIClient, provider: FaultServer) -> None:
    first, second = (api.post(DOOR, WISH, headers={"Idempotency-Key": "desk-1"}) for _ in range(2))
    assert first.json() == second.json()
    assert ApiKey.objects.count() == len(provider.received) == 1
    record = IdempotencyRecord.objects.get()
    assert KEY not in record.body + record.request_hash + str(record.headers)


def test_a_refused_key_is_not_stored_and_the_answer_says_what_is_wrong(api: APIClient, provider: FaultServer) -> None:
    provider.play(REFUSES)
    answer = api.post(DOOR, WISH)
    assert problem(answer, 422, "bad-key")["fault"] == "key"
    assert KEY not in answer.content.decode()
    provider.play(failing(402, {"error": {"message": "No.", "type": "billing_error"}}))
    problem(api.post(DOOR, WISH), 402, "key-quota-exhausted")
    provider.play(failing(403, {"error": {"message": "No.", "type": "permission_error"}}))
    problem(api.post(DOOR, WISH), 403, "key-forbidden")
    assert not ApiKey.objects.exists()


def test_a_refused_key_is_stored_for_who_insists(api: APIClient, provider: FaultServer) -> None:
    provider.play(REFUSES)
    body = api.post(DOOR, {**WISH, "store_anyway": True}).json()
    assert (body["status"], body["check"]["verdict"], body["check"]["code"]) == (
        "needs_attention",
        "refused",
        "bad-key",
    )
    assert body["problem"]["code"] == "bad-key"
    assert body["problem"]["title"] == "The key is not valid"
    assert body["problem"]["since"]


def test_a_key_nobody_could_test_is_stored_and_the_answer_says_so(api: APIClient, provider: FaultServer) -> None:
    provider.play(AWAY)
    body = api.post(DOOR, WISH).json()
    assert (body["status"], body["accepted_at"], body["problem"]) == ("ok", None, None)
    assert (body["check"]["verdict"], body["check"]["code"]) == ("untested", "provider-unavailable")
    assert body["check"]["detail"].startswith("OpenAI has an error on its side")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "#/name"),
        ({"name": "가" * 101}, "#/name"),
        ({"name": "a\u202eb"}, "#/name"),
        ({"provider": "extractive"}, "#/provider"),
        ({"key": ""}, "#/key"),
        ({"key": 5}, "#/key"),
        ({"store_anyway": "perhaps"}, "#/store_anyway"),
        ({"encrypted_key": "v1.k1.AAAA"}, "#/encrypted_key"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_its_place(
    api: APIClient, provider: FaultServer, change: dict[str, Any], pointer: str
) -> None:
    answer = api.post(DOOR, {**WISH, **change})
    assert [entry["pointer"] for entry in problem(answer, 400, "invalid-request")["errors"]] == [pointer]
    assert KEY not in answer.content.decode()
    assert provider.received == []


def test_what_is_no_key_is_refused(api: APIClient, provider: FaultServer) -> None:
    problem(api.post(DOOR, {**WISH, "key": f"{KEY} {KEY}"}), 422, "unusable-key")
    assert provider.received == []


def test_a_stored_key_is_tested_and_marked(api: APIClient, acme: User, provider: FaultServer) -> None:
    key = make_key(acme, plaintext=KEY)
    provider.play(REFUSES)
    body = api.post(f"{DOOR}/{key.pk}/test").json()
    assert (body["status"], body["problem"]["code"], body["check"]["verdict"]) == (
        "needs_attention",
        "bad-key",
        "refused",
    )
    provider.play(AWAY)
    body = api.post(f"{DOOR}/{key.pk}/test").json()
    assert (body["status"], body["check"]["verdict"]) == ("needs_attention", "untested")
    provider.play(MODELS)
    body = api.post(f"{DOOR}/{key.pk}/test").json()
    assert (body["status"], body["problem"], body["check"]["verdict"]) == ("ok", None, "accepted")


def test_a_key_that_does_not_open_says_so_and_is_not_sent(api: APIClient, acme: User, provider: FaultServer) -> None:
    key, other = make_key(acme), make_key(acme)
    ApiKey.objects.filter(pk=key.pk).update(encrypted_key=other.encrypted_key)
    body = api.post(f"{DOOR}/{key.pk}/test").json()
    assert (body["problem"]["code"], body["check"]["code"]) == ("key-unreadable", "key-unreadable")
    assert provider.received == []


def test_a_key_is_renamed_disabled_and_deleted(api: APIClient, acme: User) -> None:
    key = make_key(acme)
    changed = api.patch(f"{DOOR}/{key.pk}", {"name": "night desk", "is_active": False})
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["is_active"]) == ("night desk", False)
    assert api.patch(f"{DOOR}/{key.pk}", {"is_active": True}).json()["is_active"] is True
    problem(api.patch(f"{DOOR}/{key.pk}", {"key": KEY}), 400, "invalid-request")
    assert api.delete(f"{DOOR}/{key.pk}").status_code == 204
    problem(api.get(f"{DOOR}/{key.pk}"), 404, "not-found")


def test_nobody_else_sees_tests_changes_or_deletes_it(stranger: APIClient, acme: User, provider: FaultServer) -> None:
    key = make_key(acme)
    for answer in (
        stranger.get(f"{DOOR}/{key.pk}"),
        stranger.patch(f"{DOOR}/{key.pk}", {"name": "mine"}),
        stranger.delete(f"{DOOR}/{key.pk}"),
        stranger.post(f"{DOOR}/{key.pk}/test"),
        stranger.get(f"{DOOR}/{uuid.uuid4()}"),
    ):
        problem(answer, 404, "not-found")
    assert stranger.get(DOOR).json()["results"] == []
    assert provider.received == []
    assert ApiKey.objects.get().key_name == "our key"
    problem(APIClient().get(DOOR), 401, "not-authenticated")


def test_nobody_guesses_keys_through_us(api: APIClient, provider: FaultServer) -> None:
    provider.play(REFUSES)
    for _ in range(provider_keys.CHECKS_AT_ONCE):
        problem(api.post(DOOR, WISH), 422, "bad-key")
    refusal = api.post(DOOR, WISH)
    problem(refusal, 429, "too-many-key-tests")
    assert 0 < int(refusal["Retry-After"]) <= 60
    assert len(provider.received) == provider_keys.CHECKS_AT_ONCE


def test_a_user_has_so_many_keys_at_most(api: APIClient, acme: User, provider: FaultServer) -> None:
    for _ in range(provider_keys.MOST_KEYS):
        make_key(acme)
    problem(api.post(DOOR, WISH), 409, "too-many-keys")
    assert ApiKey.objects.count() == provider_keys.MOST_KEYS
