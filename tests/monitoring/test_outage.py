"""PostgreSQL is away: somebody hears of it while it lasts, once, however many hosts notice."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from monitoring.models import Incident, Notification
from monitoring.outage import Outage
from tests.conversions.webhooks.receiver import Receiver
from tests.factories import make_channel
from tests.monitoring.conftest import NOON, after, send, told

pytestmark = pytest.mark.django_db

HERE, THERE = "sweep/web-1/database", "sweep/web-2/database"


def test_a_short_one_is_told_when_it_is_over(by_hook: Receiver) -> None:
    outage = Outage()
    for second in (0, 20, 40):
        outage.goes_on(fingerprint=HERE, now=after(seconds=second))
    assert by_hook.hits == []
    outage.is_over(fingerprint=HERE, now=after(seconds=50))
    send(after(seconds=50))
    assert told(by_hook) == ["alert", "recovery"]


def test_a_long_one_is_told_once_by_two_hosts_and_its_end_by_each(by_hook: Receiver) -> None:
    here, there = Outage(), Outage()
    for second in range(0, 180, 10):
        here.goes_on(fingerprint=HERE, now=after(seconds=second))
        there.goes_on(fingerprint=THERE, now=after(seconds=second + 5))
    assert told(by_hook) == ["alert"]
    here.is_over(fingerprint=HERE, now=after(seconds=190))
    there.is_over(fingerprint=THERE, now=after(seconds=195))
    send(after(seconds=200))
    assert told(by_hook) == ["alert", "recovery", "recovery"]
    assert {(each.opened_at, each.resolved_at is None) for each in Incident.objects.all()} == {
        (NOON, False),
        (after(seconds=5), False),
    }


def test_a_channel_that_fails_is_told_at_the_next_look(by_hook: Receiver) -> None:
    by_hook.will_answer(503)
    outage = Outage()
    for second in (0, 60, 70, 80):
        outage.goes_on(fingerprint=HERE, now=after(seconds=second))
    first, again = by_hook.hits
    assert first.payload["id"] == again.payload["id"]


def test_channels_of_the_admin_hear_of_it_afterwards(by_hook: Receiver) -> None:
    make_channel()
    outage = Outage()
    for second in (0, 60):
        outage.goes_on(fingerprint=HERE, now=after(seconds=second))
    outage.is_over(fingerprint=HERE, now=after(seconds=90))
    kinds = {(row.channel_name, row.kind, row.state) for row in Notification.objects.all()}
    assert kinds == {
        ("desk", "alert", "pending"),
        ("desk", "recovery", "pending"),
        ("NEWSFORGE_ALERT_URLS 1", "alert", "sent"),
        ("NEWSFORGE_ALERT_URLS 1", "recovery", "pending"),
    }


def test_redis_may_be_away_too(by_hook: Receiver, settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    outage = Outage()
    for second in (0, 60, 70):
        outage.goes_on(fingerprint=HERE, now=after(seconds=second))
    assert told(by_hook) == ["alert"]
    outage.is_over(fingerprint=HERE, now=after(seconds=80))
    send(after(seconds=80))
    assert told(by_hook) == ["alert", "recovery"]
