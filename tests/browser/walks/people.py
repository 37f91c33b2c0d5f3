"""People: what they may do, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import QuotaGrant
from tests.browser.hand import Hand
from tests.browser.tasks import DASHBOARD, task
from tests.factories import make_spend, make_user
from tests.pages import address

FRIDAY = 4


@task("Raise a quota until Friday", start=DASHBOARD, allowed=3)
def raise_quota(hand: Hand) -> None:
    user = make_user("editor@acme.example")
    hand.start(reverse("admin:index"))
    hand.go(hand.page.get_by_role("link", name="Users", exact=True).last)
    row = hand.page.locator("#result_list tbody tr").filter(has_text=user.email)
    hand.go(row.get_by_role("link", name="Grant"))
    hand.type(hand.page.locator("[name=extra_daily]"), "20")
    hand.type(hand.page.locator("[name=reason]"), "election week")
    hand.go(hand.page.get_by_role("button", name="Save", exact=True))
    grant = QuotaGrant.objects.get(user=user)
    assert timezone.localtime(grant.ends_at).weekday() == FRIDAY
    assert timezone.now() < grant.ends_at < timezone.now() + timedelta(days=7)


@task("Spend per user, this month", start=DASHBOARD, allowed=1)
def spend_per_user(hand: Hand) -> None:
    make_spend(make_user("editor@acme.example"), spent_usd=Decimal("7.25"))
    make_spend(make_user("editor@globex.example"), spent_usd=Decimal("0.50"))
    hand.start(reverse("admin:index"))
    hand.go(hand.page.get_by_role("link", name="Monthly spends", exact=True).last)
    dearest = hand.page.locator("#result_list tbody tr").first
    expect(dearest).to_contain_text("editor@acme.example")
    expect(dearest).to_contain_text("7.25")


@task("The same as a file", start="the monthly spends", allowed=1)
def spend_as_file(hand: Hand) -> None:
    make_spend(make_user("editor@acme.example"), spent_usd=Decimal("7.25"))
    hand.start(reverse("admin:accounts_monthlyspend_changelist"))
    with hand.page.expect_download() as download:
        hand.click(hand.page.get_by_role("link", name="Export as CSV"))
    assert "editor@acme.example,7.25" in Path(download.value.path()).read_text("utf-8-sig")


@task("Who changed this, from what?", start="what was changed", allowed=1)
def who_changed(hand: Hand) -> None:
    user = make_user("editor@acme.example")
    hand.page.goto(address(type(user), "change", user.pk))
    hand.type(hand.page.get_by_label("time zone"), "Europe/Paris")
    hand.go(hand.page.get_by_role("button", name="Save and continue editing"))
    hand.start(hand.page.url)
    hand.go(hand.page.get_by_role("link", name="History"))
    for words in ("staff@newsforge.example", "Asia/Seoul", "Europe/Paris"):
        expect(hand.page.locator("#change-history")).to_contain_text(words)
