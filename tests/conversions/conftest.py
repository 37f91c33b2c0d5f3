"""The API as acme and globex use it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import make_token


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(user)[1]}")
    return client


@pytest.fixture
def api(acme: User) -> APIClient:
    """Acme at the API."""
    return client_of(acme)


@pytest.fixture
def stranger(globex: User) -> APIClient:
    """Globex at the API."""
    return client_of(globex)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, its shape looked at."""
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"].endswith(f"/problems/{code}")
    assert body["title"]
    assert body["detail"]
    return body
