"""A sender that dies in the middle loses nothing, and what it sent twice is one message to whoever looks at its id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from monitoring.enums import NotificationState
from monitoring.models import Notification
from tests.conversions.webhooks.receiver import Receiver
from tests.monitoring.conftest import NOON, after, report, resolve, send
from tests.monitoring.mailbox import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)


class Senders:
    """Forks a sender for each call, and kills it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    @contextmanager
    def sending(self, *urls: str) -> Iterator[None]:
        """Send what is due at noon from another process, which is killed at the block's end."""
        self._say(" ".join([NOON.isoformat(), *urls]))
        pid = int(self.hear())
        try:
            yield
        finally:
            os.kill(pid, signal.SIGKILL)
            assert self.hear() == "gone"

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


@pytest.fixture(scope="module")
def senders(django_db_setup: None) -> Iterator[Senders]:
    facts = connection.settings_dict
    address = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
    command = [sys.executable, "-m", "tests.monitoring.sender"]
    with subprocess.Popen(
        command,
        env={**os.environ, "DATABASE_URL": address},
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        senders = Senders(process)
        assert senders.hear() == "ready"
        yield senders
        process.kill()


def the_alert() -> Notification:
    return Notification.objects.get(kind="alert")


def test_before_the_mail_was_sent_it_is_sent_once(senders: Senders, by_mail: Mailbox) -> None:
    report()
    by_mail.hold = "RCPT"
    with senders.sending(by_mail.url):
        assert by_mail.held.wait(40)
    by_mail.release()
    assert by_mail.mails == []
    assert the_alert().state == NotificationState.PENDING
    assert send(after(seconds=30)) == 0, "the dead sender's lease still runs"
    assert send(after(seconds=70)) == 1
    assert send(after(seconds=140)) == 0
    assert len(by_mail.mails) == 1
    assert the_alert().state == NotificationState.SENT


def test_after_the_mail_was_taken_the_same_mail_comes_again_and_says_so(senders: Senders, by_mail: Mailbox) -> None:
    report()
    by_mail.hold = "DATA"
    with senders.sending(by_mail.url):
        assert by_mail.held.wait(40)
    by_mail.release()
    assert len(by_mail.mails) == 1
    resolve(after(seconds=65))
    assert send(after(seconds=70)) == 2
    first, again, recovery = by_mail.ids
    assert first == again == f"<{the_alert().pk}@127.0.0.1>", "a mailbox that knows the id shows it once"
    assert recovery != first
    assert "may be a repeat" in by_mail.text(1)
    assert "may be a repeat" not in by_mail.text(0) + by_mail.text(2)


def test_after_a_program_took_it_the_same_message_comes_again(senders: Senders, by_hook: Receiver) -> None:
    report()
    by_hook.gate.clear()
    with senders.sending(*settings.ALERT_URLS):
        assert by_hook.arrived.acquire(timeout=40)
    by_hook.gate.set()
    assert send(after(seconds=70)) == 1
    first, again = by_hook.hits
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] == str(the_alert().pk)
    assert first.headers["webhook-id"] == first.payload["id"] == again.payload["id"]


def test_a_sender_that_slept_through_its_lease_sends_nothing(by_hook: Receiver) -> None:
    from monitoring import alerts

    report()
    claimed = alerts._claim(NOON, set())
    assert claimed is not None
    assert send(after(seconds=70)) == 1, "another took it over"
    assert not alerts._send(*claimed, alerts._Clock(after(seconds=71)))
    assert len(by_hook.hits) == 1
