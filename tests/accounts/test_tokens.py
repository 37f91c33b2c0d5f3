from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts.models import AccessToken, User
from accounts.services import (
    AccountInactive,
    InvalidToken,
    InvalidTokenName,
    TokenEnded,
    authenticate_token,
    issue_token,
    revoke_token,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DOOR = "/api/v1/conversions"


def knock(header: str | None) -> Any:
    return Client().get(DOOR, headers={} if header is None else {"authorization": header})


def test_a_token_is_shown_once_and_only_the_hash_of_its_secret_is_stored(acme: User) -> None:
    row, token = issue_token(user=acme, name="newsroom")
    prefix, public_id, secret = token.split("_")
    assert (prefix, public_id) == ("nf", row.public_id)
    row.refresh_from_db()
    assert row.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert not [value for value in vars(row).values() if secret in str(value)]


def test_no_two_tokens_are_alike(acme: User) -> None:
    assert len({issue_token(user=acme, name="n")[1] for _ in range(50)}) == 50


def test_a_token_names_its_user(acme: User) -> None:
    row, token = issue_token(user=acme, name="newsroom")
    found = authenticate_token(token=token, now=NOW)
    assert (found.pk, found.user) == (row.pk, acme)


def test_the_door_opens_to_a_good_token_whatever_the_case_of_its_scheme(acme: User) -> None:
    _, token = issue_token(user=acme, name="newsroom")
    assert knock(f"Bearer {token}").status_code == 200
    assert knock(f"bearer  {token} ").status_code == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines", "nul\0"])
def test_a_token_has_a_readable_name(acme: User, name: str) -> None:
    with pytest.raises(InvalidTokenName):
        issue_token(user=acme, name=name)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nf_",
        "Bearer nf__",
        "Bearer nf_0123456789abcdef_short",
        "Bearer nf_0123456789abcdef_" + "a" * 43,
        "Bearer nf_0123456789abcdef_" + "a" * 43 + "\n",
        "Bearer nf_０123456789abcdef_" + "a" * 43,
        "Bearer 토큰",
        "Bearer " + "x" * 20_000,
        "Bearer one two",
        "Bearer \0",
        "Token nf_0123456789abcdef_" + "a" * 43,
        "Basic ZGVzazpzZWNyZXQ=",
    ],
)
def test_without_a_good_token_the_door_is_closed(header: str | None) -> None:
    answer = knock(header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == ("not-authenticated" if header is None else "invalid-token")


def test_a_wrong_secret_and_an_unknown_id_are_told_apart_by_nobody(acme: User) -> None:
    _, token = issue_token(user=acme, name="newsroom")
    other = "a" if token[-1] != "a" else "b"
    wrong_secret = knock(f"Bearer {token[:-1]}{other}")
    unknown_id = knock("Bearer nf_0000000000000000_" + token.rsplit("_", 1)[1])
    assert wrong_secret.status_code == unknown_id.status_code == 401
    assert wrong_secret.content == unknown_id.content


def test_a_revoked_token_opens_nothing_and_keeps_the_time_it_was_revoked(acme: User) -> None:
    row, token = issue_token(user=acme, name="newsroom")
    revoke_token(token=row, now=NOW)
    assert revoke_token(token=row, now=NOW + timedelta(days=1)).revoked_at == NOW
    with pytest.raises(TokenEnded):
        authenticate_token(token=token, now=NOW)
    assert knock(f"Bearer {token}").json()["code"] == "token-ended"


def test_a_token_ends_at_its_moment(acme: User) -> None:
    _, token = issue_token(user=acme, name="newsroom", expires_at=NOW)
    authenticate_token(token=token, now=NOW - timedelta(microseconds=1))
    with pytest.raises(TokenEnded):
        authenticate_token(token=token, now=NOW)


def test_an_inactive_user_is_locked_out_and_told_so_only_with_the_right_secret(acme: User) -> None:
    _, token = issue_token(user=acme, name="newsroom")
    User.objects.filter(pk=acme.pk).update(is_active=False)
    with pytest.raises(AccountInactive):
        authenticate_token(token=token, now=NOW)
    with pytest.raises(InvalidToken):
        authenticate_token(token=token[:-4] + "0000", now=NOW)
    assert knock(f"Bearer {token}").status_code == 401


def test_last_use_is_written_once_a_minute(acme: User) -> None:
    row, token = issue_token(user=acme, name="newsroom")

    def used_at(now: datetime) -> datetime | None:
        authenticate_token(token=token, now=now)
        return AccessToken.objects.get(pk=row.pk).last_used

    assert used_at(NOW) == NOW
    assert used_at(NOW + timedelta(seconds=59)) == NOW
    assert used_at(NOW + timedelta(seconds=60)) == NOW + timedelta(seconds=60)


def test_an_outage_is_waited_for_once(acme: User) -> None:
    _, token = issue_token(user=acme, name="newsroom")
    asked = []

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if "access_tokens" in sql:
            asked.append(sql)
            raise OperationalError("the server closed the connection")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        answer = Client(raise_request_exception=False).get(DOOR, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
    assert len(asked) == 1


def test_a_refused_token_was_not_used(acme: User) -> None:
    row, token = issue_token(user=acme, name="newsroom")
    knock(f"Bearer {token[:-4]}0000")
    assert AccessToken.objects.get(pk=row.pk).last_used is None
    knock(f"Bearer {token}")
    last_used = AccessToken.objects.get(pk=row.pk).last_used
    assert last_used is not None
    assert timezone.now() - last_used < timedelta(seconds=30)
