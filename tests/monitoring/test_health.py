"""What the health page says, to whom, and that nothing that hangs keeps it from saying it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from monitoring import health, heartbeats
from monitoring.models import Heartbeat
from newsforge.embedded.home import ROOT
from tests.factories import make_conversion, make_dependency

TOKEN = "nf-health-token"
ALL_QUEUES = ["reading", "writing", "sweeping"]
NAMES = {
    *("database", "redis", "celery_worker", "celery_beat", "sweep", "queue", "openai_api", "anthropic_api"),
    *("memory_usage", "disk_space", "migrations"),
}

BLACK_HOLES = """
import django; django.setup()
from django.test import Client
import newsforge.urls
client = Client(headers={"host": "localhost", "cookie": "sessionid=abc"})
for path in ("/health/", "/health/ready/", "/health/live/"):
    answer = client.get(path)
    print(path, answer.status_code, answer.json()["status"], flush=True)
print(client.get("/health/").json()["dependencies"]["redis"]["status"])
"""


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    health._kept.clear()
    yield
    health._kept.clear()


def live(**kinds: Any) -> None:
    now = timezone.now()
    for kind, details in kinds.items():
        Heartbeat.objects.create(name=f"{kind}@host", kind=kind, seen_at=now, details=details)


def ask(client: Client, **headers: str) -> tuple[int, dict[str, Any]]:
    health._kept.clear()
    answer = client.get("/health/", headers=headers)
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code, answer.json()


@pytest.mark.django_db(transaction=True)
def test_the_public_sees_statuses_alone_and_the_token_sees_why(settings: Settings) -> None:
    settings.HEALTH_TOKEN, settings.MEMORY_WARNING_PERCENT, settings.DISK_WARNING_PERCENT = TOKEN, 101, 101
    live(worker={"queues": ALL_QUEUES}, beat={}, sweep={})
    code, said = ask(Client())
    assert (code, said["status"], set(said["dependencies"])) == (200, "healthy", NAMES)
    assert said["version"] == settings.VERSION
    assert said["timestamp"].endswith("Z")
    assert all(set(each) == {"status"} for each in said["dependencies"].values())
    _, told = ask(Client(), Authorization=f"Bearer {TOKEN}")
    assert all(set(each) == {"status", "latency_ms", "detail"} for each in told["dependencies"].values())
    _, refused = ask(Client(), Authorization="Bearer wrong")
    assert set(refused["dependencies"]["redis"]) == {"status"}


@pytest.mark.django_db(transaction=True)
def test_staff_see_details_and_customers_do_not(desk: Client, acme: User) -> None:
    assert "detail" in ask(desk)[1]["dependencies"]["queue"]
    member = Client()
    member.force_login(acme)
    assert set(ask(member)[1]["dependencies"]["queue"]) == {"status"}


@pytest.mark.django_db(transaction=True)
def test_what_is_missing_is_named_and_work_is_taken_all_the_same(settings: Settings, acme: User) -> None:
    settings.HEALTH_TOKEN = TOKEN
    live(worker={"queues": ["reading"]}, beat={})
    Heartbeat.objects.filter(kind="beat").update(seen_at=timezone.now() - heartbeats.STALE - timedelta(seconds=1))
    make_conversion(acme, not_before=timezone.now() - timedelta(minutes=5))
    make_dependency(name="openai_api", status="unhealthy", detail="HTTP 503")
    code, said = ask(Client(), Authorization=f"Bearer {TOKEN}")
    found = said["dependencies"]
    assert (code, said["status"]) == (200, "degraded")
    assert {name for name, each in found.items() if each["status"] == "unhealthy"} == {
        *("celery_worker", "celery_beat", "sweep", "openai_api")
    }
    assert found["queue"]["status"] == "degraded"
    assert "300 s" in found["queue"]["detail"]
    assert "sweeping, writing" in found["celery_worker"]["detail"]
    assert Client().get("/health/ready/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_database_behind_the_release_takes_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitoring.checks._shipped", lambda: frozenset({("conversions", "9999_tomorrow")}))
    code, said = ask(Client())
    assert (code, said["status"], said["dependencies"]["migrations"]) == (503, "unhealthy", {"status": "unhealthy"})
    assert Client().get("/health/ready/").status_code == 503


def test_nothing_that_hangs_hangs_the_answer() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=200) as hole:  # takes calls and never says a word
        port = hole.getsockname()[1]
        black = {"DATABASE_URL": f"postgres://a:b@127.0.0.1:{port}/c", "REDIS_URL": f"redis://127.0.0.1:{port}/0"}
        done = subprocess.run(
            [sys.executable, "-c", BLACK_HOLES],
            cwd=ROOT,
            env=os.environ | black | {"DJANGO_SETTINGS_MODULE": "newsforge.settings.test"},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert done.stdout.splitlines() == [
        "/health/ 503 unhealthy",
        "/health/ready/ 503 unhealthy",
        "/health/live/ 200 ok",
        "unhealthy",
    ]


def test_probes_need_no_host_name_of_ours() -> None:
    assert Client().get("/health/live/", headers={"host": "10.1.2.3"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_process_beats_until_it_says_good_bye_and_not_while_its_loop_stands_still() -> None:
    said: list[dict[str, Any] | None] = [{"active": 3}, None, {"active": 0}]
    pulse = heartbeats.Pulse(name="writing@host", kind="worker", alive=lambda: said.pop(0))
    first = timezone.now()
    assert pulse.beat(now=first)
    assert Heartbeat.objects.get().details["active"] == 3
    assert not pulse.beat(now=first + timedelta(seconds=10))
    assert Heartbeat.objects.get().seen_at == first
    assert pulse.beat(now=first + timedelta(seconds=20))
    assert Heartbeat.objects.get().details["active"] == 0
    pulse.stop()
    assert not Heartbeat.objects.exists()
