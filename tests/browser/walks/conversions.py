"""Conversions that did not end well: why, which most, and once more."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import expect

from conversions.enums import Status
from conversions.models import Conversion
from tests.browser.hand import Hand
from tests.browser.tasks import DASHBOARD, task
from tests.factories import make_conversion, make_user
from tests.pages import address


@task("Why did this conversion fail?", start=DASHBOARD, allowed=2)
def why_failed(hand: Hand) -> None:
    make_conversion(make_user(), status=Status.FAILED)
    hand.start(reverse("admin:index"))
    hand.go(hand.page.get_by_role("link", name="Conversions", exact=True).last)
    hand.go(hand.page.locator("#result_list").get_by_role("link").filter(has_text="failed"))
    expect(hand.page.locator("#content")).to_contain_text("The provider is busy.")
    expect(hand.page.get_by_text("Whose fault")).to_be_visible()


@task("What fails most now?", start=DASHBOARD, allowed=0)
def fails_most(hand: Hand) -> None:
    user = make_user()
    for code, times in (("rate-limited", 1), ("paywalled", 3)):
        for _ in range(times):
            make_conversion(user, status=Status.FAILED, failure_code=code)
    hand.start(reverse("admin:index"))
    most = hand.page.locator("#panel-failures tbody tr").first
    expect(most.get_by_role("link")).to_have_attribute("title", "paywalled")
    expect(most.locator(".number")).to_have_text("3")


@task("Run one again", start="the failed conversion", allowed=1)
def run_again(hand: Hand) -> None:
    failed = make_conversion(make_user(), status=Status.FAILED)
    hand.start(address(Conversion, "change", failed.pk))
    hand.go(hand.page.get_by_role("button", name="Run again"))
    failed.refresh_from_db()
    assert failed.status == Status.PENDING


@task("Run all failures of the last hour again", start="the conversions", allowed=2)
def run_all_again(hand: Hand) -> None:
    user = make_user()
    failed = [make_conversion(user, status=Status.FAILED) for _ in range(3)]
    hand.start(address(Conversion, "changelist"))
    hand.go(hand.page.get_by_role("link", name="Run the last hour's failures again"))
    for words in ("3 conversions run again.", "USD", "3 units"):
        expect(hand.page.locator("#content")).to_contain_text(words)
    hand.go(hand.page.get_by_role("button", name="Run 3 again"))
    assert Conversion.objects.filter(pk__in=[row.pk for row in failed], status=Status.PENDING).count() == 3


@task("Cancel a stuck one", start="the conversions", allowed=2)
def cancel(hand: Hand) -> None:
    stuck = make_conversion(make_user())
    hand.start(address(Conversion, "changelist"))
    hand.go(hand.page.locator("#result_list").get_by_role("link").filter(has_text="pending"))
    hand.go(hand.page.get_by_role("button", name="Cancel and give the unit back"))
    stuck.refresh_from_db()
    assert stuck.status == Status.CANCELLED
