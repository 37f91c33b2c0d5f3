"""Somebody brings a provider key of their own, a program needs a token: by hand, on each screen, and scriptless."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import AccessToken, ApiKey, User
from tests.browser.accessibility import DESK, PHONE, faults
from tests.browser.conftest import Open
from tests.factories import make_user
from tests.faults.canary import KEY, holds_key
from tests.faults.llmock import Llmock

SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": DESK},
    "phone": {"viewport": PHONE, "color_scheme": "dark"},
    "no script": {"viewport": PHONE, "java_script_enabled": False},
}


@pytest.fixture
def owner(db: None) -> User:
    return make_user("keeper@acme.example", email_verified=True)


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, open_context: Open, owner: User) -> Page:
    context = open_context(owner, provoked=422, **SCREENS[request.param])
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return context.new_page()


def add_key(page: Page) -> None:
    page.get_by_label("Name").fill("news desk")
    page.get_by_label("Key", exact=True).fill(KEY)
    page.get_by_role("button", name="Test and store").click()


def test_a_key_that_fails_is_not_kept_and_one_that_passes_is(page: Page, provider: Llmock) -> None:
    page.goto(reverse("home"))
    page.get_by_role("link", name="Add a key").click()
    expect(page.get_by_text("You have no key.")).to_be_visible()
    provider.script({"type": "fail", "status": 401})
    add_key(page)
    expect(page.get_by_text("OpenAI does not accept this key.")).to_be_visible()
    expect(page.get_by_text("The key is not stored.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("news desk")
    expect(page.get_by_label("Key", exact=True)).to_have_value("")
    assert not ApiKey.objects.exists()
    provider.script()
    add_key(page)
    card = page.locator(".card").filter(has_text="news desk")
    expect(card.locator(".state")).to_have_text("works")
    provider.script({"type": "fail", "status": 401})
    card.get_by_role("button", name="Test now").click()
    expect(card.locator(".state")).to_have_text("needs attention")
    provider.script()
    card.get_by_role("button", name="Test now").click()
    expect(card.locator(".state")).to_have_text("works")
    assert not holds_key(page.content())
    card.get_by_role("button", name="Disable").click()
    expect(card.locator(".state")).to_have_text("disabled")
    card.locator("summary").filter(has_text="Delete").click()
    card.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("You have no key.")).to_be_visible()
    assert not ApiKey.objects.exists()


def test_a_token_is_made_used_and_revoked(page: Page, request: pytest.FixtureRequest) -> None:
    scripted = "no script" not in request.node.name
    page.goto(reverse("home"))
    page.get_by_role("link", name="Tokens", exact=True).click()
    page.get_by_label("Name").fill("cms")
    page.get_by_label("Good for").select_option("30")
    page.get_by_role("button", name="Make the token").click()
    token = page.locator("#secret").inner_text()
    if scripted:
        assert list(faults(page)) == []
        page.get_by_role("button", name="Copy", exact=True).click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == token
    else:
        expect(page.get_by_role("button", name="Copy", exact=True)).to_be_hidden()
    api, bearer = reverse("api-conversions"), {"Authorization": f"Bearer {token}"}
    assert page.request.get(api, headers=bearer).status == 200
    page.reload()
    expect(page.get_by_text("was made and shown before")).to_be_visible()
    assert token not in page.content()
    assert AccessToken.objects.count() == 1
    card = page.locator(".card").filter(has_text="cms")
    card.locator("summary").filter(has_text="Revoke the token").click()
    card.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    assert page.request.get(api, headers=bearer).status == 401
