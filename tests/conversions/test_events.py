"""Listening to a request over a real connection: what happens is told, and a cut loses nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from conversions.api import events
from conversions.api.events import Told
from conversions.enums import AttemptState, Platform, Status
from conversions.models import Conversion
from tests.factories import make_attempt, make_conversion, make_token, make_user

Event = dict[str, Any]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is gone is noticed with the next comment, and no answer outlives the test."""
    monkeypatch.setattr(events, "EVERY", 0.05)
    monkeypatch.setattr(events, "BEAT", 0.2)


@pytest.fixture
def user(transactional_db: None) -> User:
    return make_user()


class Listener:
    """A client of one user."""

    def __init__(self, server: LiveServer, user: User) -> None:
        self.server = server
        self.headers = {"Authorization": f"Bearer {make_token(user)[1]}", "Accept": "text/event-stream"}

    def ask(self, batch_id: object, *, after: str = "") -> tuple[HTTPConnection, HTTPResponse]:
        address = urlsplit(self.server.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=20)
        headers = self.headers | ({"Last-Event-ID": after} if after else {})
        connection.request("GET", reverse("api-batch-events", args=[batch_id]), headers=headers)
        return connection, connection.getresponse()


def lines(answer: HTTPResponse) -> Iterator[str]:
    for line in answer:
        yield line.decode().rstrip("\n")


def told(answer: HTTPResponse, *, most: int = 100) -> list[Event]:
    """The next events, until so many or the end."""
    found: list[Event] = []
    event: Event = {}
    for line in lines(answer):
        name, _, value = line.partition(": ")
        if name in {"id", "event"}:
            event[name] = value
        elif name == "data":
            event |= json.loads(value)
        elif not line and event:
            found.append(event)
            event = {}
            if len(found) == most:
                break
    return found


def test_a_client_that_is_cut_off_comes_back_and_misses_nothing(live_server: LiveServer, user: User) -> None:
    first = make_conversion(user)
    second = make_conversion(user, article=first.article, batch_id=first.batch_id, position=1,
                             target_platform=Platform.KAKAO)  # fmt: skip
    listener = Listener(live_server, user)
    connection, answer = listener.ask(first.batch_id)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
    with closing(connection):
        begun = told(answer, most=2)
        assert [(each["conversion_id"], each["stage"]) for each in begun] == [
            (str(first.pk), "queued"), (str(second.pk), "queued"),
        ]  # fmt: skip
        Conversion.objects.filter(pk=first.pk).update(status=Status.PROCESSING)
        (writing,) = told(answer, most=1)
        assert (writing["target_platform"], writing["stage"]) == ("x", "writing")
    make_attempt(first, state=AttemptState.ANSWERED)
    Conversion.objects.filter(pk=second.pk).update(status=Status.CANCELLED)
    connection, answer = listener.ask(first.batch_id, after=writing["id"])
    with closing(connection):
        later = told(answer, most=2)
        assert [each["stage"] for each in later] == ["checking", "cancelled"]
        Conversion.objects.filter(pk=first.pk).update(status=Status.FAILED, failure_code="paywalled")
        failed, done = told(answer)
    assert (failed["failure_code"], done["event"], done["status"]) == ("paywalled", "done", "failed")
    numbers = [int(each["id"].partition(".")[0]) for each in (*begun, writing, *later, failed, done)]
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    connection, answer = listener.ask(first.batch_id, after=done["id"])
    with closing(connection):
        assert answer.status == 204
    connection, answer = listener.ask(first.batch_id, after=failed["id"])
    with closing(connection):
        assert [each["event"] for each in told(answer)] == ["done"]


def test_an_answer_says_that_it_lives_and_ends_in_its_time(
    live_server: LiveServer, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LONGEST", 1.0)
    connection, answer = Listener(live_server, user).ask(make_conversion(user).batch_id)
    with closing(connection):
        said = list(lines(answer))
    assert said[0] == "retry: 1000"
    assert ": still here" in said
    assert not [line for line in said if "done" in line]


def test_one_listener_too_many_is_told_what_is_new_and_sent_away(live_server: LiveServer, user: User) -> None:
    batch, listener = make_conversion(user).batch_id, Listener(live_server, user)
    held = [listener.ask(batch) for _ in range(events.MOST_OF_ONE)]
    for _connection, answer in held:
        assert len(told(answer, most=1)) == 1  # each has its seat
    connection, answer = listener.ask(batch)
    with closing(connection):
        assert [each["stage"] for each in told(answer)] == ["queued"]  # and the answer has ended
    for open_connection, _answer in held:
        open_connection.close()
    Conversion.objects.update(status=Status.CANCELLED)


def test_between_two_looks_no_connection_to_the_database_is_held(user: User) -> None:
    row = make_conversion(user, status=Status.PROCESSING)
    with closing(events.stream(user=user, batch_id=row.batch_id, told=Told())) as stream:
        assert [next(stream)[:6], b'"writing"' in next(stream)] == [b"retry:", True]
        assert connection.connection is None


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "7", "x.y", "1.zz", "1.0123456789abqu1,", "\0", "9" * 5000])
def test_an_id_that_is_not_ours_means_that_nothing_is_known(text: str, acme: User) -> None:
    row = make_conversion(acme)
    assert len(list(Told.from_id(text).news([row]))) == 1


@pytest.mark.django_db
def test_a_run_after_the_end_is_told_again(acme: User) -> None:
    row = make_conversion(acme, status=Status.CANCELLED)
    knowing = Told()
    assert len(list(knowing.news([row]))) == 2
    back = Told.from_id(knowing.id)
    assert back.knows([row])
    row.status, row.run = Status.CANCELLED, 2
    assert not back.knows([row])
    assert len(list(back.news([row]))) == 2
