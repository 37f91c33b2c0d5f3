"""The journey of somebody who posts news: log in, paste an article, edit, copy, and find it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, ViewportSize, expect

from accounts.models import User
from conversions import execution
from conversions.enums import Platform, Status
from conversions.models import Conversion
from tests.browser.accessibility import DESK, PHONE, faults
from tests.browser.conftest import Open
from tests.factories import PASSWORD, make_user

ARTICLE = """Harbour bridge reopens to cyclists after two years of repairs
The harbour bridge in Westerhaven reopened to cyclists and pedestrians on Monday after two years of repairs.
The city replaced 412 steel plates and widened the path from 2 to 4 metres.
The work cost 18 million euros, 3 million less than the council had approved in 2024.
Mayor Ilse Brandt said the bridge would carry 9,000 cyclists a day by the summer.
Buses will use the bridge again from 1 March, when the new traffic lights have been tested.
A ferry that had crossed the harbour every ten minutes made its last trip on Sunday evening."""

SCREENS = {"desk": DESK, "phone": PHONE}


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, open_context: Open) -> Page:
    context = open_context(viewport=SCREENS[request.param])
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return context.new_page()


def log_in(page: Page, user: User) -> None:
    page.goto(reverse("home"))
    page.get_by_role("link", name="Log in").first.click()
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Which article shall become posts?")).to_be_visible()


def ask(page: Page) -> None:
    """Ask for posts on X and LinkedIn, in the article's own sentences."""
    page.get_by_label("Article").fill(ARTICLE)
    page.get_by_role("checkbox", name="Instagram").uncheck()
    page.get_by_label("Writer").select_option("extractive")
    page.get_by_role("button", name="Write the posts").click()
    expect(page.get_by_text("Waiting for a free worker").first).to_be_visible()


def work() -> None:
    """Do what a worker does, while the page watches."""
    for conversion in Conversion.objects.filter(status=Status.PENDING):
        execution.execute(conversion_id=conversion.pk)


def edit(card: Locator, text: str) -> None:
    """Write over the post, as one types."""
    field = card.get_by_label("Post", exact=True)
    field.fill(text)
    field.dispatch_event("keyup")


def looked_at(page: Page) -> Iterator[str]:
    size = page.viewport_size
    yield from faults(page)
    page.set_viewport_size(size or ViewportSize(width=1280, height=900))


def test_an_article_becomes_posts_that_can_be_edited_copied_and_found(page: Page, db: None) -> None:
    log_in(page, make_user(email_verified=True))
    found = list(looked_at(page))
    ask(page)
    found += looked_at(page)
    work()
    card = page.locator("article#x")
    expect(card.locator("header")).to_contain_text("Done")
    expect(page.locator("article#linkedin header")).to_contain_text("Done")
    found += looked_at(page)
    card.locator("details.editor summary").click()
    save, counter = card.get_by_role("button", name="Save"), card.locator("form.edit .counter")
    edit(card, "The bridge is open. " * 15)
    expect(counter.locator("strong")).to_have_text("-19")
    expect(counter).to_contain_text("too long")
    expect(save).to_be_disabled()
    found += looked_at(page)
    shorter = "The harbour bridge reopened to cyclists on Monday."
    edit(card, shorter)
    expect(counter).to_contain_text("230 left")
    save.click()
    expect(page.get_by_role("status").filter(has_text="The post is saved.")).to_be_visible()
    card.get_by_role("button", name="Copy").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == shorter
    card.get_by_role("link", name="Versions").click()
    expect(page.get_by_text("This is the post now.")).to_be_visible()
    found += looked_at(page)
    page.get_by_role("link", name="History").click()
    lines = page.locator("ul.lines li")
    expect(lines).to_have_count(2)
    found += looked_at(page)
    page.get_by_label("Search").fill("reopened to cyclists on Monday.")
    page.get_by_label("Platform").select_option("x")
    page.get_by_role("button", name="Show").click()
    expect(lines).to_have_count(1)
    lines.get_by_role("link").click()
    expect(page.locator("article#x .post-text").first).to_have_text(shorter)
    assert found == []
    post = Conversion.objects.get(target_platform=Platform.X)
    assert (post.content_generated, post.version, post.provider) == (shorter, 2, "extractive")
