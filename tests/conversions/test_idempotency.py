"""Idempotency-Key at the door: a POST that is sent twice happens once, whatever comes between."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.models import Sum
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import idempotency
from accounts.models import IdempotencyRecord, QuotaEntry, User
from accounts.web.once import do_once
from conversions.models import Conversion
from tests.conversions.conftest import problem
from tests.conversions.test_api import ARTICLE, DOOR
from tests.factories import make_conversion, make_token

KEY = "3f1c2a9e-order-17"
BODY = {"text": ARTICLE, "platforms": ["x", "kakao"]}


def send(api: APIClient, key: str = KEY, body: object = BODY, door: str = DOOR) -> Any:
    return api.post(door, body, headers={"Idempotency-Key": key})


def charged(user: User) -> int:
    user.refresh_from_db()
    ledger = QuotaEntry.objects.filter(user=user).aggregate(sum=Sum("units"))["sum"] or 0
    assert ledger == user.api_quota_used
    return user.api_quota_used


def far_client(user: User) -> APIClient:
    """A client that takes our failures as answers."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(user)[1]}")
    return client


def in_thread(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Any:
    """Run with a database connection of its own, closed at the end."""

    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return pool.submit(run)


def wait_until(ready: Callable[[], bool]) -> None:
    for _ in range(500):
        if ready():
            return
        threading.Event().wait(0.02)
    pytest.fail("It did not happen within 10 s.")


def test_a_request_sent_again_gets_the_first_answer(api: APIClient, acme: User) -> None:
    first, again = send(api), send(api)
    assert first.status_code == again.status_code == 202
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert again["Content-Type"] == first["Content-Type"] == "application/json"
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Conversion.objects.count() == charged(acme) == 2


def test_the_answer_is_the_first_one_even_when_much_has_changed(api: APIClient, acme: User) -> None:
    first = send(api)
    Conversion.objects.update(status="failed", failure_code="rate-limited")
    User.objects.update(api_quota_daily=0)
    assert send(api).content == first.content


def test_the_order_of_members_and_space_between_them_do_not_matter(api: APIClient) -> None:
    first = send(api)
    turned = json.dumps(dict(reversed(BODY.items())), indent=4)
    again = api.generic("POST", DOOR, turned, "application/json", headers={"Idempotency-Key": KEY})
    assert again.content == first.content


def test_without_a_key_every_request_counts(api: APIClient, acme: User) -> None:
    for _ in range(2):
        assert api.post(DOOR, BODY).status_code == 202
    assert charged(acme) == 4
    assert IdempotencyRecord.objects.count() == 0


def test_a_key_belongs_to_one_request(api: APIClient, acme: User) -> None:
    send(api)
    problem(send(api, body=BODY | {"platforms": ["x"]}), 422, "idempotency-key-reused")
    problem(send(api, door="/api/v1/estimates"), 422, "idempotency-key-reused")
    assert charged(acme) == 2


def test_a_key_belongs_to_one_caller(api: APIClient, stranger: APIClient, acme: User, globex: User) -> None:
    first, theirs = send(api), send(stranger)
    assert theirs.status_code == 202
    assert "Idempotency-Replayed" not in theirs
    assert theirs.json()["batch_id"] != first.json()["batch_id"]
    assert (charged(acme), charged(globex)) == (2, 2)


@pytest.mark.parametrize("key", ["", " ", "two words", "clé", "k" * 256, "tab\there"])
def test_a_malformed_key_is_refused_and_nothing_happens(api: APIClient, acme: User, key: str) -> None:
    problem(send(api, key=key), 400, "idempotency-key-malformed")
    assert charged(acme) == 0


def test_the_longest_key_is_a_key(api: APIClient) -> None:
    assert send(api, key="k" * 255).status_code == 202


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ARTICLE, "platforms": ["myspace"]}, 400, "invalid-request"),
        ({"text": "too short", "platforms": ["x"]}, 422, "too-short"),
        ({"text": ARTICLE, "platforms": ["x", "kakao", "threads"]}, 429, "quota-exceeded"),
    ],
)
def test_a_refusal_leaves_the_key_free(api: APIClient, acme: User, body: object, status: int, code: str) -> None:
    User.objects.update(api_quota_daily=2)
    for _ in range(2):
        answer = send(api, body=body)
        problem(answer, status, code)
        assert "Idempotency-Replayed" not in answer
    assert send(api).status_code == 202
    assert charged(acme) == 2


def test_a_failure_of_ours_is_kept_and_told_again(acme: User) -> None:
    api = far_client(acme)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE conversion_logs RENAME TO elsewhere")
        first = send(api)
        cursor.execute("ALTER TABLE elsewhere RENAME TO conversion_logs")
    problem(first, 500, "internal-error")
    again = send(api)
    assert (again.status_code, again.content) == (500, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == "application/problem+json"
    assert charged(acme) == Conversion.objects.count() == 0


def test_an_answer_can_be_asked_for_for_two_days(api: APIClient, acme: User) -> None:
    first = send(api)
    now = timezone.now()
    IdempotencyRecord.objects.update(created_at=now - timedelta(hours=47, minutes=59))
    assert idempotency.purge(now=now) == 0
    assert send(api).content == first.content
    IdempotencyRecord.objects.update(created_at=now - timedelta(hours=48, minutes=1))
    anew = send(api, body=BODY | {"platforms": ["x"]})
    assert anew.status_code == 202
    assert "Idempotency-Replayed" not in anew
    assert charged(acme) == 3
    IdempotencyRecord.objects.update(created_at=now - timedelta(hours=49))
    assert idempotency.purge(now=now) == 1


@pytest.mark.parametrize(("door", "status"), [("cancel", "pending"), ("retry", "failed")])
def test_every_post_on_a_conversion_honours_the_key(api: APIClient, acme: User, door: str, status: str) -> None:
    made = make_conversion(acme, status=status)
    first, again = (send(api, body=None, door=f"{DOOR}/{made.pk}/{door}") for _ in range(2))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotency-Replayed"] == "true"
    other = make_conversion(acme, status=status)
    problem(send(api, body=None, door=f"{DOOR}/{other.pk}/{door}"), 422, "idempotency-key-reused")


@pytest.mark.django_db(transaction=True)
def test_while_the_first_runs_the_second_is_told_to_wait(acme: User) -> None:
    first_api, second_api = far_client(acme), far_client(acme)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=acme.pk)  # the first cannot reserve its units yet
            first = in_thread(pool, lambda: send(first_api))
            wait_until(IdempotencyRecord.objects.exists)
            with ThreadPoolExecutor(1) as beside:
                refused = in_thread(beside, lambda: send(second_api)).result(10)
                other = in_thread(beside, lambda: send(second_api, body={})).result(10)
        answer = first.result(10)
    problem(refused, 409, "idempotency-key-in-use")
    assert refused["Retry-After"] == "1"
    problem(other, 422, "idempotency-key-reused")
    assert answer.status_code == 202
    assert send(second_api).content == answer.content
    assert charged(acme) == 2


@pytest.mark.django_db(transaction=True)
def test_sent_at_the_same_instant_it_happens_once(acme: User) -> None:
    apis = [far_client(acme) for _ in range(8)]
    for number in range(5):
        key, gate = str(uuid.uuid4()), threading.Barrier(len(apis))

        def knock(api: APIClient, key: str = key, gate: threading.Barrier = gate) -> Any:
            gate.wait(10)
            return send(api, key=key)

        with ThreadPoolExecutor(len(apis)) as pool:
            answers = [each.result(30) for each in [in_thread(pool, partial(knock, api)) for api in apis]]
        taken = [each for each in answers if each.status_code == 202]
        assert len([each for each in taken if "Idempotency-Replayed" not in each]) == 1
        assert len({each.content for each in taken}) == 1
        assert {each.status_code for each in answers} <= {202, 409}
        assert charged(acme) == 2 * (number + 1)


@pytest.mark.django_db(transaction=True)
def test_what_asks_to_be_sent_again_leaves_the_key_free(acme: User) -> None:
    """A statement that waits too long for a lock is an outage to the caller: 503, nothing kept, the key free."""
    api = far_client(acme)

    def hurried() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        answer = send(api)
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
        return answer

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=acme.pk)
        refused = in_thread(pool, hurried).result(10)
    problem(refused, 503, "database-busy")
    assert charged(acme) == 0
    assert send(api).status_code == 202
    assert charged(acme) == 2


def test_a_first_request_that_died_frees_the_key_after_its_lock(api: APIClient, acme: User) -> None:
    """What a killed process leaves behind: a row that says it began, and nothing of what it began."""
    send(api)
    now = timezone.now()
    IdempotencyRecord.objects.update(status_code=None, body="", locked_until=now + timedelta(seconds=5))
    Conversion.objects.all().delete()
    problem(send(api), 409, "idempotency-key-in-use")
    IdempotencyRecord.objects.update(locked_until=now - timedelta(seconds=1))
    anew, again = send(api), send(api)
    assert anew.status_code == 202
    assert "Idempotency-Replayed" not in anew
    assert again.content == anew.content
    assert Conversion.objects.count() == 2


def test_a_first_request_that_comes_to_life_too_late_undoes_itself(acme: User) -> None:
    """Whoever took the key over has answered; the late one must not leave a second charge."""
    now = timezone.now()
    late = idempotency.begin(user=acme, key=KEY, request_hash="0" * 64, now=now - timedelta(minutes=2))
    heir = idempotency.begin(user=acme, key=KEY, request_hash="0" * 64, now=now)
    with pytest.raises(idempotency.KeyInUse):
        idempotency.finish(record=late, status_code=202, headers={}, body="late")
    idempotency.forget(record=late)
    idempotency.finish(record=heir, status_code=202, headers={}, body="first")
    assert idempotency.begin(user=acme, key=KEY, request_hash="0" * 64, now=now).body == "first"


def test_a_form_that_failed_for_want_of_a_database_may_be_sent_again(acme: User) -> None:
    form: dict[str, Any] = {"user": acme, "once": uuid.uuid4(), "path": "/convert/", "asked": "x"}

    def fail() -> str:
        raise OperationalError

    with pytest.raises(OperationalError):
        do_once(**form, act=fail)
    assert do_once(**form, act=lambda: "made").made == "made"
