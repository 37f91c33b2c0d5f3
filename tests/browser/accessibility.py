"""What axe finds on a page against WCAG 2.2 AA."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,  # it would put the stylesheets into the page once more, which the policy refuses
}

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
