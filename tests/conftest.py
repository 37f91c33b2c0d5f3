"""The cast: acme owns things, globex must see nothing of them, staff looks after both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from redis import Redis

import newsforge.urls  # noqa: F401 - the pages of the admin are registered with it
from accounts.models import User
from conversions import active_prompts, gate, lineup
from newsforge.lib import shared_state
from newsforge.lib.shared_state import SharedState
from tests.factories import make_staff, make_user


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test's database; at the end it goes, whatever a thread that hangs still holds of it."""
    forget_circuits()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


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

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_state, "PATIENCE", 10.0)  # a busy machine is no lost Redis; the client is made only once
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
