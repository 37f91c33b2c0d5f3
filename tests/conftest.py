"""The cast: acme owns things, globex must see nothing of them, staff looks after both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from redis import Redis

from accounts.models import User
from conversions import active_prompts, gate, lineup
from newsforge.lib.shared_state import SharedState
from tests.factories import make_staff, make_user


@pytest.fixture(autouse=True)
def healthy_providers(request: pytest.FixtureRequest) -> Iterator[None]:
    """What one test's providers did holds no other test's calls back."""
    yield
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        lineup.forget()
        active_prompts.forget()
        forget_circuits()


def forget_circuits() -> None:
    """Close every circuit, wake every key and forget what the dashboard said, without a trace."""

    def forget(client: Redis) -> None:
        kinds = ("circuit:*", "rest:*", "dashboard:*")
        names = [name for kind in kinds for name in client.scan_iter(kind, count=1000)]
        if names:
            client.delete(*names)

    SharedState(url=settings.REDIS_URL).ask(forget, otherwise=lambda: None)
    gate.circuits.cache_clear()
    gate.rests.cache_clear()


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
