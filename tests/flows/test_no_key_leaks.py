"""After every fault a canary key is looked for wherever people, disks and other services could see it: nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as site
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from redis import Redis
from rest_framework.test import APIClient

from accounts.models import ApiKey, User
from conversions import subscriptions, tasks
from conversions.models import Attempt, Conversion
from conversions.pipeline.providers.openai import OpenAIWriter
from tests.conversions.conftest import client_of
from tests.factories import make_key
from tests.faults.canary import KEY, holds_key
from tests.faults.dialects import POST, Dialect
from tests.faults.reports import reporting
from tests.faults.server import Act, FaultServer, Received, answer, failing, head, silence
from tests.flows.faults import ANTHROPIC, RESPONSES, Far, ask, far_side, good
from tests.flows.sinks import database, logging_everything, redis_values
from tests.pages import address
from tests.pipeline.providers.test_faults import BROKEN, CASES, PAGES

pytestmark = pytest.mark.django_db

Fault = Callable[[Dialect], Act]


def echo_in_an_error(dialect: Dialect) -> Act:
    """Send everything back: the key in the words, the headers and the request id."""

    def act(connection: Any, received: Received) -> None:
        said = f"Invalid request: {dict(received.headers)!r}"
        headers = {"request-id": KEY, "x-request-id": f"req {KEY}", "set-cookie": f"key={KEY}"}
        failing(400, dialect.error("invalid_request_error", said), headers=headers)(connection, received)

    return act


def echo_in_a_post(dialect: Dialect) -> Act:
    """Write the key into a good answer."""
    text = json.dumps({**POST, "body": f"{POST['body']} {KEY}", "title": KEY, "hashtags": [KEY]}, ensure_ascii=False)
    return answer(json.dumps(dialect.good(text, model=KEY, id=KEY), ensure_ascii=False).encode())


def whatever(act: Act) -> Fault:
    return lambda _: act


def page(body: Callable[[Dialect], bytes]) -> Fault:
    return lambda dialect: answer(body(dialect))


FAULTS: dict[str, Fault] = {
    "none": good,
    "echo in an error": echo_in_an_error,
    "echo in a post": echo_in_a_post,
    "silence": whatever(silence),
    "unreadable headers": whatever(lambda connection, _: connection.sendall(f"HTTP/1.1 {KEY}\r\n\r\n".encode())),
    "cut in the key": whatever(lambda connection, _: connection.sendall(head(500) + KEY[:20].encode())),
    **{case.name: case.act for case in CASES},
    **{name: whatever(act) for name, act in BROKEN.items()},
    **{name: page(body) for name, (body, _, _) in PAGES.items()},
}


@dataclass
class Sinks:
    """What was written while a conversion ran."""

    log: StringIO
    reports: list[bytes]

    def leaking(self, **more: str) -> list[str]:
        """Return the names of the places that hold the key."""
        found = {
            "log": self.log.getvalue(),
            "reports": b"".join(self.reports).decode(),
            "database": database(),
            "redis": redis_values(),
            **more,
        }
        assert all(found[place] for place in ("log", "database", "redis")), "a sink that is empty was not searched"
        return [place for place, text in found.items() if holds_key(text)]


@pytest.fixture
def sinks() -> Iterator[Sinks]:
    with logging_everything() as log, reporting() as reports:
        yield Sinks(log, reports)
    with Redis.from_url(site.REDIS_URL) as client:
        client.delete("writing")  # what nobody will come for


@pytest.fixture
def owner(acme: User) -> User:
    """Somebody whose keys at both providers are the canary, and who is told of every end."""
    for provider in ("openai", "anthropic"):
        make_key(acme, provider=provider, plaintext=KEY)
    subscriptions.create_endpoint(user=acme, url="https://client.example.com/hook", now=timezone.now())
    return acme


def pages_of(desk: Client, *rows: Model) -> str:
    """Return the list, the page and the history of each row, as staff see them."""
    shown = []
    for row in rows:
        model = type(row)
        places = (("changelist",), ("change", row.pk), ("history", row.pk))
        shown += [desk.get(address(model, *place)).content.decode() for place in places]
    return "\n".join(shown)


def answers_to(api: APIClient, conversion: Conversion) -> str:
    doors = (
        f"conversions/{conversion.pk}",
        "conversions",
        f"batches/{conversion.batch_id}",
        "keys",
        "usage",
        "webhooks",
    )
    return "\n".join(api.get(f"/api/v1/{door}").content.decode() for door in doors)


def run_as_a_task(conversion: Conversion) -> str:
    """Run it as Celery does, and return what Celery would keep of its result."""
    done = tasks.run_conversion.apply(kwargs={"conversion_id": str(conversion.pk)})
    conversion.refresh_from_db()
    return f"{done.state} {done.result!r}"


@pytest.mark.parametrize("name", FAULTS)
def test_no_key_anywhere_after(name: str, owner: User, desk: Client, settings: Settings, sinks: Sinks) -> None:
    dialect = (RESPONSES, ANTHROPIC)[list(FAULTS).index(name) % 2]
    settings.CONVERSION_DEADLINE_SECONDS = 2
    with far_side(dialect, settings, api_key=KEY) as far:
        far.server.play(FAULTS[name](dialect))
        conversion = ask(owner, far.provider)
        result = run_as_a_task(conversion)
        assert KEY in "".join(str(dict(each.headers)) for each in far.server.received), "it was used"
    attempt = Attempt.objects.filter(conversion=conversion).first()
    assert attempt is not None
    assert str(conversion.pk) in database()
    places = {
        "result": result,
        "admin": pages_of(desk, conversion, attempt, ApiKey.objects.filter(provider=far.provider).get()),
        "API": answers_to(client_of(owner), conversion),
    }
    assert sinks.leaking(**places) == []


def test_no_key_anywhere_after_a_bug_of_ours(
    owner: User, desk: Client, settings: Settings, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def buggy(self: OpenAIWriter, *_: object, **__: object) -> None:
        secret = self._secret.text
        try:
            {}[secret]  # type: ignore[index]
        except KeyError as error:
            raise RuntimeError(f"cannot send {{'authorization': 'Bearer {secret}'}}") from error

    monkeypatch.setattr(OpenAIWriter, "complete", buggy)
    with far_side(RESPONSES, settings, api_key=KEY) as far:
        conversion = ask(owner, far.provider)
        run_as_a_task(conversion)
    assert conversion.failure_code == "internal-error"
    assert len(sinks.reports) == 1
    assert "RuntimeError" in sinks.log.getvalue()
    assert sinks.leaking(admin=pages_of(desk, conversion), API=answers_to(client_of(owner), conversion)) == []


@pytest.mark.parametrize("status", [200, 401, 400, 503])
def test_no_key_anywhere_after_it_was_entered(
    acme: User, desk: Client, settings: Settings, sinks: Sinks, status: int
) -> None:
    far: Far
    with far_side(RESPONSES, settings, api_key="") as far:
        echo = RESPONSES.error("invalid_request_error", f"No: {KEY}")
        far.server.play(answer(b'{"data": []}') if status == 200 else failing(status, echo))
        wish = {"name": "desk", "provider": "openai", "key": KEY, "store_anyway": True}
        kept = client_of(acme).post("/api/v1/keys", wish, headers={"Idempotency-Key": "one"})
        assert kept.status_code == 201
        form = {"user": acme.pk, "key_name": "desk", "provider": "openai", "secret": KEY, "store_anyway": "on"}
        page = desk.post(address(ApiKey, "add"), form, follow=True)
        assert ApiKey.objects.count() == 2
        refused = client_of(acme).post("/api/v1/keys", {**wish, "provider": KEY, KEY: KEY, "name": [KEY]})
        lost = client_of(acme).get(f"/api/v1/keys?api_key={KEY}")
    shown = "".join(each.content.decode() for each in (kept, page, refused, lost))
    assert sinks.leaking(answers=shown, admin=pages_of(desk, *ApiKey.objects.all())) == []


def test_a_leak_would_be_found(sinks: Sinks, acme: User) -> None:
    acme.username = f"me {KEY}"
    acme.save()
    sinks.reports.append(KEY.encode())
    sinks.log.write(json.dumps({"event": KEY}))
    with Redis.from_url(site.REDIS_URL) as client:
        client.lpush("writing", json.dumps({"body": base64.b64encode(f"[{KEY}]".encode()).decode()}))
    assert sinks.leaking() == ["log", "reports", "database", "redis"]


def test_a_server_is_told_the_key_and_nobody_else_is(settings: Settings) -> None:
    with FaultServer(good(RESPONSES)) as server:
        RESPONSES.writer(server.base_url, key=KEY).check_key(timeout=5)
    assert holds_key(repr(dict(server.received[0].headers)))
    assert not holds_key(repr(server.received[0]))
