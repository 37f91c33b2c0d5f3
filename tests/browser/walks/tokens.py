"""Clients' tokens: another one in time, and an end to a leaked one."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import AccessToken
from tests.browser.hand import Hand
from tests.browser.tasks import task
from tests.factories import make_token, make_user
from tests.pages import address

TOKENS = "the access tokens"


@task("Rotate a client's token with an overlap", start=TOKENS, allowed=3)
def rotate(hand: Hand) -> None:
    old, _ = make_token(make_user())
    hand.start(address(AccessToken, "changelist"))
    hand.click(hand.page.locator(f"input.action-select[value='{old.pk}']"))
    hand.choose(hand.page.locator("select[name=action]").first, "rotate")
    hand.go(hand.page.get_by_role("button", name="Go").first)
    new = AccessToken.objects.exclude(pk=old.pk).get()
    expect(hand.page.locator("#content")).to_contain_text(f"nf_{new.public_id}_")
    old.refresh_from_db()
    assert old.expires_at is not None
    assert timedelta(hours=23) < old.expires_at - timezone.now() <= timedelta(hours=24)


@task("Revoke a leaked token by its pasted beginning", start=TOKENS, allowed=2)
def revoke_leaked(hand: Hand) -> None:
    user = make_user()
    (leaked, plaintext), (other, _) = make_token(user), make_token(user)
    hand.start(address(AccessToken, "changelist"))
    hand.type(hand.page.locator("#searchbar"), plaintext[:15])
    hand.go(hand.page.get_by_role("button", name="Search"))
    expect(hand.page.locator("#result_list tbody tr")).to_have_count(1)
    hand.go(hand.page.get_by_role("button", name="Revoke"))
    leaked.refresh_from_db()
    other.refresh_from_db()
    assert (leaked.revoked_at is not None, other.revoked_at) == (True, None)
