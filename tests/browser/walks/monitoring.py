"""Whether the service works, and who is told when it does not."""

from __future__ import annotations

from datetime import timedelta

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from monitoring import channels
from monitoring.models import Channel, Incident
from tests.browser.hand import Hand
from tests.browser.tasks import DASHBOARD, task
from tests.conversions.webhooks.receiver import receiving
from tests.factories import make_conversion, make_heartbeat, make_incident, make_user
from tests.pages import address


@task("Workers and backlog ok?", start=DASHBOARD, allowed=0)
def workers_ok(hand: Hand) -> None:
    make_heartbeat(name="celery@one", kind="worker", details={"queues": ["default"]})
    user = make_user()
    for _ in range(2):
        make_conversion(user)
    hand.start(reverse("admin:index"))
    queue = hand.page.locator("#panel-queue")
    expect(queue.locator(".figures")).to_contain_text("2 wait")
    expect(queue.locator("tr").filter(has_text="Celery workers").locator(".number")).to_have_text("1")
    expect(queue.locator("tr").filter(has_text="Celery beat").locator(".badge-bad")).to_be_visible()


@task("Test an alert channel", start="the alert channels", allowed=1)
def send_test(hand: Hand) -> None:
    with receiving() as receiver, override_settings(ALERT_ALLOW=receiver.pair):
        channel = Channel(name="desk")
        channels.seal(channel=channel, url=f"json://{receiver.pair}/alerts")
        channel.save(force_insert=True)
        hand.start(address(Channel, "changelist"))
        hand.go(hand.page.get_by_role("button", name="Send a test"))
        expect(hand.page.locator(".messagelist .success")).to_contain_text("1 test message was taken.")
        assert len(receiver.hits) == 1


@task("Silence alerts for an hour", start="the incident", allowed=2)
def silence(hand: Hand) -> None:
    incident = make_incident()
    hand.start(address(Incident, "change", incident.pk))
    below = hand.page.locator("form:has(input[name=_selected_action])")
    hand.choose(below.locator("select[name=action]"), "silence")
    hand.go(below.get_by_role("button", name="Go"))
    incident.refresh_from_db()
    left = (incident.silenced_until or timezone.now()) - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
