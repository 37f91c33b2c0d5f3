"""A hand that counts: what a task costs somebody who does it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


class Hand:
    """Does what staff do on a page and counts the clicks.

    A click is a press of a link, a button or a box, or a choice in a list. Text costs none: a field is reached with the
    Tab key, and what is typed or pasted is the same everywhere.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def start(self, address: str) -> None:
        """Begin where the task begins."""
        self.page.goto(address)
        self.clicks = 0

    def click(self, target: Locator) -> None:
        """Press something on the page."""
        target.click()
        self.clicks += 1

    def go(self, target: Locator) -> None:
        """Press something that leads to another page, and wait for that."""
        with self.page.expect_navigation():
            self.click(target)

    def choose(self, target: Locator, value: str) -> None:
        """Choose in a list."""
        target.select_option(value)
        self.clicks += 1

    def type(self, target: Locator, text: str) -> None:
        """Write into a field, over what is there."""
        target.fill(text)
