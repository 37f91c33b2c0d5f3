"""The cast: acme owns things, globex must see nothing of them, staff looks after both."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_staff, make_user


@pytest.fixture
def acme(db: None) -> User:
    return make_user("editor@acme.example", username="acme")


@pytest.fixture
def globex(db: None) -> User:
    return make_user("editor@globex.example", username="globex")


@pytest.fixture
def staff(db: None) -> User:
    return make_staff()


@pytest.fixture
def desk(staff: User) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(staff)
    return client
