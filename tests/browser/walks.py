"""The ways through the tasks, in the order of the table; each makes what it needs and looks for what it came for."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from conversions.enums import Status
from conversions.models import ProviderSetting
from monitoring.models import Incident
from tests.browser.hand import Hand
from tests.browser.tasks import TASKS, task
from tests.factories import make_conversion, make_incident, make_provider, make_user
from tests.pages import address

__all__ = ["TASKS"]

DASHBOARD = "the dashboard"


@task("Why did this conversion fail?", start=DASHBOARD, allowed=2)
def why_failed(hand: Hand) -> None:
    make_conversion(make_user(), status=Status.FAILED)
    hand.start(reverse("admin:index"))
    hand.go(hand.page.get_by_role("link", name="Conversions", exact=True).last)
    hand.go(hand.page.locator("#result_list").get_by_role("link").filter(has_text="failed"))
    expect(hand.page.locator("#content")).to_contain_text("The provider is busy.")


@task("Change the failover order", start=DASHBOARD, allowed=2)
def change_order(hand: Hand) -> None:
    for position, provider in enumerate(("openai", "anthropic")):
        make_provider(provider, position=position)
    hand.start(reverse("admin:index"))
    hand.go(hand.page.get_by_role("link", name="Providers", exact=True))
    for row in hand.page.locator("#result_list tbody tr").all():
        provider = row.locator(".field-provider").inner_text()
        hand.type(row.locator("input[name$=position]"), "8" if provider.lower().startswith("openai") else "7")
    hand.go(hand.page.get_by_role("button", name="Save"))
    order = ProviderSetting.objects.filter(provider__in=["openai", "anthropic"]).order_by("position")
    assert [setting.provider for setting in order] == ["anthropic", "openai"]


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
