"""What axe finds on a page against WCAG 2.2 AA, and whether the page fits a phone."""

from __future__ import annotations

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=360, height=740)
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,  # it would put the stylesheets into the page once more, which the policy refuses
}
WIDTH = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"

_axe = Axe()


def findings(page: Page) -> list[str]:
    """Return each violated rule with each element that violates it.

    The driver evaluates the script from outside the page: the page's policy stays in force and sees nothing of it.
    """
    found = _axe.run(page, options=OPTIONS).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


def faults(page: Page) -> Iterator[str]:
    """Look at the page at a desk and on a phone, and say what is wrong with it."""
    page.set_viewport_size(DESK)
    yield from (f"{page.url}: {finding}" for finding in findings(page))
    page.set_viewport_size(PHONE)
    width = page.evaluate(WIDTH)
    if width > PHONE["width"]:
        yield f"{page.url}: {width} px wide on a phone"
