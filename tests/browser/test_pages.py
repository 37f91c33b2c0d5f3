"""Every page in both languages and both themes, at a desk and on a phone: axe finds nothing, the console says nothing.

Contrast does not depend on the language nor names on the theme: English is looked at in the light, Korean in the dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import ApiKey, User
from conversions.models import WebhookDelivery
from tests.browser import sitemap
from tests.browser.accessibility import faults, findings
from tests.browser.conftest import Apart, Open
from tests.factories import make_one_of_each
from tests.pages import address

LOOKS: dict[str, dict[str, Any]] = {
    "en-light": {"locale": "en-US", "color_scheme": "light"},
    "ko-dark": {"locale": "ko-KR", "color_scheme": "dark"},
}
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)

SWAGGER = {"color-contrast", "nested-interactive", "target-size"}
"""What Swagger UI 5 breaks on /api/docs/: its own colours and its own buttons, in a bundle nobody here draws."""


@pytest.fixture(params=LOOKS)
def page(request: pytest.FixtureRequest, open_context: Open, staff: User) -> Page:
    return open_context(staff, **LOOKS[request.param]).new_page()


def look_at(page: Page, addresses: Iterable[str]) -> list[str]:
    found: list[str] = []
    for each in addresses:
        page.goto(each)
        found += faults(page)
    return found


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_the_pages_of_a_table(page: Page, desk: Client, acme: User, model: type[Model]) -> None:
    factor = Authenticator.objects.create(user=acme, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    rows = [*make_one_of_each(acme), Group.objects.create(name="desk"), factor]
    row = next(row for row in rows if isinstance(row, model))
    pages = list(sitemap.model_pages(desk, row))
    assert len(pages) >= 3, pages
    found = look_at(page, pages)
    if address(model, "add") in pages:
        page.goto(address(model, "add"))
        press(page.locator("[name=_save]"))
        expect(page.locator(".messagelist" if model in sitemap.COMPLETE else ".errornote")).to_be_visible()
        found += faults(page)
    for form in sitemap.confirmations(desk, row):
        ask(page, model, form)
        found += faults(page)
    assert found == []


def ask(page: Page, model: type[Model], form: dict[str, str]) -> None:
    """Choose an action in the list, by hand."""
    page.goto(address(model, "changelist"))
    page.locator(f"input.action-select[value='{form['_selected_action']}']").check()
    page.locator("select[name=action]").first.select_option(form["action"])
    press(page.locator("button[name=index]").first)


def press(target: Locator) -> None:
    """Click and wait for the page that comes, and for what its scripts do to it."""
    with target.page.expect_navigation():
        target.click()


def test_the_pages_of_no_table(page: Page, desk: Client) -> None:
    pages = list(sitemap.site_pages(desk))
    assert {reverse("admin:index"), reverse("admin:password_change")} <= set(pages)
    assert look_at(page, [*pages, reverse("home")]) == []


@pytest.mark.parametrize("who", ["somebody", "a stranger"])
@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_for_people(open_context: Open, acme: User, who: str, look: str) -> None:
    make_one_of_each(acme)
    ApiKey.objects.update(status="needs_attention", status_reason="bad-key", status_since=timezone.now())
    WebhookDelivery.objects.update(tries=2, last_status=500, last_error="The endpoint answered 500.")
    client, context = Apart(), open_context(acme if who == "somebody" else None, **LOOKS[look])
    named = {"home", "status"}
    if who == "somebody":
        client.force_login(acme)
        named |= {"history", "usage", "keys", "tokens", "webhooks", "account"}
    pages = sitemap.web_pages(client)
    assert {reverse(name) for name in named} <= set(pages)
    assert look_at(context.new_page(), pages) == []


def test_the_pages_before_and_after_logging_in(page: Page) -> None:
    page.goto(reverse("admin:index"))
    press(page.locator("#logout-form button"))
    found = list(faults(page))
    assert found + look_at(page, [reverse("admin:login")]) == []


def test_what_the_admin_says_can_be_read(page: Page, db: None) -> None:
    Group.objects.create(name="desk")
    page.goto(address(Group, "changelist"))
    press(page.locator("button[name=index]").first)
    expect(page.locator(".messagelist .warning")).to_be_visible()
    found = list(faults(page))
    page.goto(address(Group, "changelist"))
    press(page.get_by_role("link", name="desk"))
    press(page.locator("[name=_save]"))
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert found + list(faults(page)) == []


def test_the_description_of_the_api_complains_of_nothing_but_its_own(page: Page) -> None:
    page.goto(reverse("docs"))
    page.locator(".opblock").first.wait_for()
    assert {finding.split(":")[0] for finding in findings(page)} == SWAGGER


def test_dark_is_the_same_whether_the_system_or_the_reader_chose_it(open_context: Open, staff: User) -> None:
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).colorScheme]"
    system = open_context(staff, color_scheme="dark").new_page()
    system.goto(reverse("admin:index"))
    chosen = open_context(staff, color_scheme="light").new_page()
    chosen.goto(reverse("admin:index"))
    light = chosen.evaluate(colours)
    while chosen.locator("html").get_attribute("data-theme") != "dark":
        chosen.get_by_role("button", name="Toggle theme").click()
    assert light != chosen.evaluate(colours) == system.evaluate(colours)
