"""What the pages for people weigh on the way to a browser, and how soon they begin to show, each in a fresh browser.

``python -m bench pages``: Chromium before the whole product; the pages are those that the first page leads to.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.product import TEXT, Product
from bench.report import Line
from newsforge.embedded import browser
from newsforge.embedded.client import Client

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState

MOST_BYTES, MOST_MS = 80_000, 300
ROUNDS = 5
APART = ("/admin/", "/api/", "/accounts/logout/")
"""The administration has figures of its own; the API's description is Swagger UI's."""

MEASURE = """() => {
  const sent = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return [sent.reduce((sum, each) => sum + each.transferSize, 0), paint ? paint.startTime : null];
}"""


def run(product: Product) -> Iterator[Line]:
    """Measure each page and print the table."""
    from playwright.sync_api import sync_playwright

    path = browser.find()
    if path is None:
        print(f"pages: not measured. {browser.missing()}")
        return
    client = Client(product.stack.url, product.stack.login.token)
    batch = client.convert({"text": TEXT, "platforms": ["x", "linkedin"], "provider": "extractive"})
    product.drain(seconds=60)
    agreed = f"agreed are {MOST_BYTES:,} bytes and {MOST_MS} ms"
    print(f"pages: {ROUNDS} looks each, of a browser that has seen nothing; {agreed}")
    print(f"  {'page':<40}{'bytes':>8}{'first paint, ms: median':>25}{'worst':>7}  verdict")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--disable-background-networking"])
        state = _logged_in(chromium, product)
        measured = []
        for name, address, known in _pages(chromium, product, state, f"/batches/{batch}/"):
            looks = [_look(chromium, product.stack.url + address, known) for _ in range(ROUNDS)]
            measured.append((max(size for size, _ in looks), statistics.median(paint for _, paint in looks)))
            _print(name, *measured[-1], max(paint for _, paint in looks))
        chromium.close()
    heaviest, slowest = max(size for size, _ in measured), max(paint for _, paint in measured)
    line = partial(Line, section="pages", name="agreed")
    yield line(what=f"first paint, slowest of {len(measured)} pages", ours=slowest, beside=MOST_MS, unit="ms")
    yield line(what="heaviest page with all it loads", ours=heaviest, beside=MOST_BYTES, unit="bytes")


def _logged_in(chromium: Browser, product: Product) -> StorageState:
    """Log in by hand and return the cookies."""
    page = chromium.new_context(base_url=product.stack.url, locale="en-US").new_page()
    page.goto("/accounts/login/")
    page.fill("[name=login]", product.stack.login.email)
    page.fill("[name=password]", product.stack.login.password)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    return page.context.storage_state()


def _pages(
    chromium: Browser, product: Product, state: StorageState, batch: str
) -> Iterator[tuple[str, str, StorageState | None]]:
    """Yield the pages of strangers, then all those that the first page and a request's page lead to."""
    for address in ("/", "/status/", "/accounts/login/"):
        yield f"{address} (stranger)", address, None
    page = chromium.new_context(base_url=product.stack.url, storage_state=state).new_page()
    seen: dict[str, None] = {}
    for address in ("/", batch):
        page.goto(address)
        seen |= dict.fromkeys([address, *_links(page, product.stack.url)])
    for address in seen:
        if not address.startswith(APART):
            yield address.replace(batch, "/batches/…/"), address, state


def _links(page: Page, site: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(each => each.href)")
    return [urlsplit(each).path for each in found if each.startswith(f"{site}/")]


def _look(chromium: Browser, url: str, state: StorageState | None) -> tuple[int, float]:
    context = chromium.new_context(storage_state=state, locale="en-US")
    page = context.new_page()
    page.goto(url, wait_until="load")
    measured: list[Any] = page.evaluate(MEASURE)
    end = time.monotonic() + 5
    while measured[1] is None and time.monotonic() < end:
        page.wait_for_timeout(20)
        measured = page.evaluate(MEASURE)
    context.close()
    return int(measured[0]), float(measured[1] or 0)


def _print(name: str, size: int, median: float, worst: float) -> None:
    verdict = "ok" if size <= MOST_BYTES and median <= MOST_MS else "TOO MUCH"
    short = name if len(name) < 40 else f"{name[:36]}…"
    print(f"  {short:<40}{size:>8,}{median:>25.0f}{worst:>7.0f}  {verdict}", flush=True)
