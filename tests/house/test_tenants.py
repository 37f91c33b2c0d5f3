"""globex sees, changes and infers nothing of acme, on any address: a row of acme's is as one that does not exist."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db.models import Model
from django.test import Client

from accounts.models import ApiKey, User
from conversions.models import Conversion
from tests.addresses import NOT_ROWS, addresses, filled, objects_in_database
from tests.factories import make_one_of_each, make_token

pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "post", "put", "patch", "delete")
ABOUT_A_ROW = [each for each in addresses() if set(each.parts) - set(NOT_ROWS)]
LEAVES = {"account_logout"}
"""Would end the session that the next address needs."""


REFUSED = {400, 404, 405, 422}
"""A second factor may also be asked of who wants to change one (302), whoever's it is."""


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    settings.BURST_SIZE = settings.BURST_PER_MINUTE = 100_000


def client_of(user: User) -> Client:
    """Somebody with a session and a token, so that every door is tried."""
    _row, token = make_token(user)
    client = Client(headers={"authorization": f"Bearer {token}", "accept-language": "en"})
    client.force_login(user)
    return client


def elsewhere(value: object) -> object:
    """An id of the same kind that nothing has."""
    return value + 1_000_000 if isinstance(value, int) else uuid.uuid4()


def state(rows: list[Model]) -> list[dict[str, Any]]:
    """All columns of the rows as they are now."""
    return [dict(type(row)._default_manager.filter(pk=row.pk).values().get()) for row in rows]


def answer(client: Client, method: str, path: str, ids: list[str]) -> tuple[int, str]:
    """Status and body, without the ids that were asked for and the forms' tokens, new on each page."""
    said = client.generic(method.upper(), path, b"{}", content_type="application/json")
    body = said.getvalue().decode() if said.streaming else said.content.decode()
    for each in ids:
        body = body.replace(each, "ID")
    body = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", body)
    return said.status_code, body


@pytest.mark.parametrize("address", ABOUT_A_ROW, ids=lambda address: address.name)
def test_a_row_of_another_is_as_one_that_does_not_exist(address: Any, acme: User, globex: User) -> None:
    factor = Authenticator.objects.create(user=acme, type=Authenticator.Type.WEBAUTHN, data={"name": "acme's own key"})
    rows = [*make_one_of_each(acme), factor]
    objects = objects_in_database()
    nobody = {part: tuple(elsewhere(value) for value in found) for part, found in objects.items()}
    ids = [str(value) for part in address.parts for value in (*objects.get(part, ()), *nobody.get(part, ()))]
    owner, other = client_of(acme), client_of(globex)
    before = state(rows)
    for theirs, nowhere in zip(filled(address, objects), filled(address, nobody), strict=True):
        for method in METHODS:
            status, body = answer(other, method, theirs, ids)
            assert (status, body) == answer(other, method, nowhere, ids), (method, theirs)
            assert status in REFUSED | ({302} if address.name.startswith("mfa_") else set()), (method, theirs, status)
        assert owner.get(theirs).status_code in {200, 286, 302, 405}, theirs
    assert [now for now in state(rows) if now not in before] == []


def test_no_page_and_no_list_of_another_tells_anything(acme: User, globex: User) -> None:
    make_one_of_each(acme)
    post, key = Conversion.objects.get(), ApiKey.objects.get()
    assert post.article
    marks = (
        acme.email,
        str(acme.pk),
        str(post.pk),
        post.content_generated,
        post.article.title,
        str(key.pk),
        f"{key.prefix}…{key.last_four}",
    )
    other, opened = client_of(globex), 0
    for each in addresses():
        if each.parts or each.name in LEAVES:
            continue
        for path in filled(each, {}):
            _status, body = answer(other, "get", path, [])
            opened += _status == 200
            assert [mark for mark in marks if mark in body] == [], path
    assert opened >= 10
