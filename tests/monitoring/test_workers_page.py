"""The page of queues, workers and schedule: with a real worker, without one, and without a broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import Settings

from accounts.models import QuotaEntry, User
from conversions import tasks
from conversions.models import Conversion
from monitoring.models import Heartbeat
from newsforge.celery import app
from newsforge.embedded.home import ROOT
from tests.factories import make_beat_run, make_heartbeat, make_user
from tests.faults.server import silence
from tests.flows.faults import RESPONSES, Far, ask, far_side

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/monitoring/heartbeat/workers/"
PATIENCE = 90.0


@pytest.fixture
def far(settings: Settings) -> Iterator[Far]:
    with far_side(RESPONSES, settings) as side:
        side.server.play(silence)
        yield side


@pytest.fixture
def worker(far: Far) -> Iterator[str]:
    """A worker of the product for the queue that writes; its one call to a provider does not come back."""
    url = urlsplit(os.environ["DATABASE_URL"])
    facts = far.facts("sk-operator-000000000000")
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}")),
        "OPENAI_API_KEY": facts["api_key"],
        "OPENAI_BASE_URL": facts["base_url"],
    }
    name = f"writing@page-{os.getpid()}"
    app.control.purge()
    command = [sys.executable, "-m", "celery", "-A", "newsforge", "--skip-checks", "worker"]
    command += ["--queues", "writing", "--pool", "threads", "--concurrency", "1"]
    command += ["--hostname", name, "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: Heartbeat.objects.filter(name=name).exists())
        yield name
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        app.control.purge()


def wait_until(done: object) -> None:
    end = time.monotonic() + PATIENCE
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.1)


def look(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def give(conversion: Conversion) -> None:
    tasks.run_conversion.apply_async(kwargs={"conversion_id": str(conversion.pk)})


@pytest.mark.timeout(240)
def test_staff_see_what_a_worker_has_in_hand_and_end_it(desk: Client, acme: User, worker: str) -> None:
    first, second = ask(acme, "openai"), ask(acme, "openai")
    make_heartbeat(name="gone@host", kind="worker", seen_at=timezone.now() + timedelta(days=1))
    wait_until(lambda: Conversion.objects.filter(status="processing").exists())
    wait_until(lambda: all(str(each.pk) in look(desk) for each in (first, second)))
    wait_until(lambda: look(desk).count("Cancel the conversion") == 2)
    page = look(desk)
    assert page.count("did not answer") == 1, "only the one that is gone"
    assert reverse("admin:conversions_conversion_change", args=[first.pk]) in page
    running = Conversion.objects.get(status="processing")
    said = desk.post(reverse("admin:monitoring_cancel_work", args=[running.pk]), follow=True).content.decode()
    assert "The conversion is cancelled and its unit given back." in said
    running.refresh_from_db()
    assert running.status == "cancelled"
    assert sum(QuotaEntry.objects.filter(conversion_id=running.pk).values_list("units", flat=True)) == 0
    assert LogEntry.objects.get(object_id=str(running.pk)).change_message == "cancelled while a worker had it in hand"
    again = desk.post(reverse("admin:monitoring_cancel_work", args=[running.pk]), follow=True).content.decode()
    assert "is cancelled" in again


def test_without_workers_the_page_says_so(desk: Client) -> None:
    began = time.monotonic()
    page = look(desk)
    assert "No worker has said that it lives." in page
    assert "has not run yet" in page
    assert "did not answer" not in page
    assert time.monotonic() - began < 5


def test_a_worker_that_is_gone_costs_a_second(desk: Client) -> None:
    details = {"queues": ["writing"], "active": 1, "reserved": 2}
    make_heartbeat(name="gone@host", kind="worker", details=details)
    old = timezone.now() - timedelta(hours=1)
    make_heartbeat(name="old@host", kind="worker", details=details, seen_at=old)
    look(desk)
    began = time.monotonic()
    page = look(desk)
    assert 0.5 < time.monotonic() - began < 4
    assert "lives, but did not answer within a second" in page
    assert "silent" in page


def test_messages_nobody_has_taken_are_counted(desk: Client, acme: User) -> None:
    app.control.purge()
    for _ in range(3):
        give(ask(acme, "extractive"))
    Conversion.objects.update(not_before=timezone.now() - timedelta(minutes=3))
    queues = desk.get(PAGE).context["queues"]
    app.control.purge()
    writing = next(queue for queue in queues if queue.name == "writing")
    assert (writing.depth, writing.due, writing.oldest) == (6, 3, "3 minutes")  # each was sent twice


def test_without_a_broker_the_database_still_tells(desk: Client, acme: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_read_url", "redis://127.0.0.1:1/0")
    make_heartbeat(name="writing@host", kind="worker", details={"queues": ["writing"]})
    make_beat_run(error="OSError")
    page = look(desk)
    assert "The broker did not answer within a second" in page
    assert "OSError" in page


def test_the_page_costs_few_queries_and_keeps_the_policy(desk: Client) -> None:
    make_beat_run()
    look(desk)
    with CaptureQueriesContext(connection) as asked:
        answer = desk.get(PAGE)
    assert len(asked) <= 12
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not [mark for mark in (b" style=", b"<style", b"<script>", b" onclick=") if mark in answer.content]
    assert (
        reverse("admin:monitoring_workers")
        in desk.get(reverse("admin:monitoring_heartbeat_changelist")).content.decode()
    )


def test_the_page_is_korean_for_those_who_read_it(desk: Client) -> None:
    with translation.override("ko"):
        words = translation.gettext("Queues, workers and schedule")
        name = translation.gettext("take work back from dead workers")
    page = desk.get(PAGE, headers={"accept-language": "ko"}).content.decode()
    assert words != "Queues, workers and schedule"
    assert words in page
    assert name in page


def test_who_may_not_see_or_change_does_not(acme: User) -> None:
    conversion = ask(acme, "extractive")
    cancel = reverse("admin:monitoring_cancel_work", args=[conversion.pk])
    assert Client().get(PAGE).status_code == 302
    viewer = make_user("viewer@newsforge.example", username="viewer", is_staff=True)
    client = Client()
    client.force_login(viewer)
    assert client.get(PAGE).status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="view_heartbeat"))
    assert "Revoke" not in look(client)
    assert client.post(cancel).status_code == 403
    assert client.get(cancel).status_code == 405
    conversion.refresh_from_db()
    assert conversion.status == "pending"
