"""Somebody who reads mail, a program that takes POSTs, and a time that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from monitoring import alerts, incidents
from monitoring.enums import IncidentKind, Severity
from monitoring.models import Incident
from tests.conversions.webhooks.receiver import Receiver, receiving
from tests.monitoring.mailbox import Mailbox, mail_server

NOON = datetime(2026, 11, 23, 3, 0, 0, tzinfo=UTC)
"""In Seoul, after the digest."""

REDIS = "sweep/redis/redis"


@pytest.fixture(scope="session")
def _mail() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def mailbox(_mail: Mailbox) -> Mailbox:
    """An empty mailbox."""
    _mail.mails.clear()
    _mail.recipients.clear()
    _mail.hold = _mail.refuse = ""
    _mail.held.clear()
    _mail.released.clear()
    return _mail


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """A program's own server."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def by_mail(mailbox: Mailbox, settings: Settings, db: None) -> Mailbox:
    """An installation that tells one mailbox."""
    settings.ALERT_URLS = [mailbox.url]
    return mailbox


@pytest.fixture
def by_hook(hook: Receiver, settings: Settings, db: None) -> Receiver:
    """An installation that tells one program."""
    settings.ALERT_URLS = [f"json://{hook.pair}/alerts"]
    return hook


def after(**span: float) -> datetime:
    return NOON + timedelta(**span)


def report(now: datetime = NOON, **fields: Any) -> Incident:
    values: dict[str, Any] = {
        "kind": IncidentKind.REDIS,
        "fingerprint": REDIS,
        "severity": Severity.CRITICAL,
        "summary": "Redis does not answer",
        "details": {"host": "web-1"},
        "now": now,
    }
    return incidents.report(**values | fields)


def resolve(now: datetime, fingerprint: str = REDIS) -> bool:
    return incidents.resolve(fingerprint=fingerprint, now=now, how="It answers again.")


def send(now: datetime) -> int:
    return alerts.send_due(now=now)


def told(hook: Receiver) -> list[str]:
    return [hit.payload["type"] for hit in hook.hits]
