"""The page renews itself without taking anything from who reads it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from conversions.enums import Status
from tests.conftest import forget_circuits
from tests.factories import make_conversion, make_user

Open = Callable[..., BrowserContext]

PHONE = {"width": 360, "height": 640}


def open_page(open_context: Open, staff: User) -> tuple[Page, list[str]]:
    """The first page on a phone, with a clock of the test's own; and what it asks for later."""
    page = open_context(staff, viewport=PHONE).new_page()
    page.clock.install()
    page.goto("/admin/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/admin/" in request.url else None)
    return page, asked


def half_a_minute_later(page: Page) -> None:
    forget_circuits()  # what was kept for 30 s is over
    page.clock.run_for(30_500)


def test_what_changed_is_renewed_and_focus_and_scrolling_stay(open_context: Open, staff: User) -> None:
    make_conversion(make_user(), status=Status.FAILED, failure_code="paywalled")
    page, _ = open_page(open_context, staff)
    expect(page.locator("#panel-today")).to_contain_text("1 requested")
    link = page.locator("#panel-failures a")
    link.focus()
    place = page.evaluate("[scrollY, document.activeElement.href]")
    make_conversion(make_user(), status=Status.FAILED, failure_code="paywalled")
    half_a_minute_later(page)
    expect(page.locator("#panel-today")).to_contain_text("2 requested")
    expect(page.locator("#panel-failures td.number")).to_have_text("2")
    assert page.evaluate("[scrollY, document.activeElement.href]") == place


def test_nothing_moves_while_text_is_selected_or_the_page_is_paused(open_context: Open, staff: User) -> None:
    page, asked = open_page(open_context, staff)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#panel-today h2'))")
    half_a_minute_later(page)
    page.evaluate("getSelection().removeAllRanges()")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status").first).to_contain_text("Paused")
    half_a_minute_later(page)
    assert asked == []
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("status").first).to_contain_text("Updated at")
    assert [url.rpartition("/admin/")[2] for url in asked] == ["dashboard/"]


def test_who_is_logged_out_is_told_that_the_page_is_old(open_context: Open, staff: User) -> None:
    page, _ = open_page(open_context, staff)
    Session.objects.all().delete()
    half_a_minute_later(page)
    expect(page.get_by_role("status").first).to_contain_text("Not updated since")
    expect(page.locator("#panel-today")).to_be_visible()


def test_without_scripts_everything_is_there(open_context: Open, staff: User) -> None:
    page = open_context(staff, java_script_enabled=False).new_page()
    page.goto("/admin/")
    expect(page.locator("#panel-today")).to_contain_text("0 requested")
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
