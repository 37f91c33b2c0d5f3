"""A real Chromium before a real server; whatever its console, its policy or its network complains of fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from newsforge.embedded import browser
from tests.browser.watch import Watch
from tests.faults.llmock import Llmock, llmock

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
"""Nothing leaves the machine, whatever a page or the browser itself would like to look up."""

Open = Callable[..., BrowserContext]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this folder.

    Playwright's event loop counts as running in this thread between its calls as well, and Django would refuse the
    database to the tests. Nothing runs beside them in this thread, so the refusal is lifted for this folder alone.
    """
    path = browser.find()
    if path is None:
        pytest.fail(browser.missing(), pytrace=False)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_context(chromium: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Open watched contexts of the test's own: ``open_context(user, provoked=…, locale=…, viewport=…)``."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def start(user: User | None = None, provoked: int = 0, **choices: Any) -> BrowserContext:
        context = chromium.new_context(base_url=live_server.url, **({"locale": "en-US"} | choices))
        opened.append((context, Watch(context, origin=live_server.url, provoked=provoked)))
        context.set_default_timeout(15_000)
        if user:
            log_in(context, user, address=live_server.url)
        return context

    yield start
    for context, _watch in opened:
        context.close()
    assert [complaint for _context, watch in opened for complaint in watch.complaints] == []


class Apart(Client):
    """Asks from another thread: in this one Playwright's loop runs, and the look at the health starts its own."""

    def get(self, *given: Any, **named: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(self._get, *given, **named).result()

    def _get(self, *given: Any, **named: Any) -> Any:
        try:
            return super().get(*given, **named)
        finally:
            connections.close_all()


@pytest.fixture
def desk(staff: User) -> Client:
    """A superuser's browser without a screen."""
    client = Apart()
    client.force_login(staff)
    return client


def log_in(context: BrowserContext, user: User, *, address: str) -> None:
    """Give the browser a session; logging in by hand has a test of its own."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": session.key, "value": session.value, "url": address, "httpOnly": True}])


@pytest.fixture(scope="package")
def simulator() -> Iterator[Llmock]:
    """The providers, as a process of its own."""
    with llmock() as running:
        yield running


@pytest.fixture
def provider(simulator: Llmock) -> Iterator[Llmock]:
    """OpenAI, which takes every key until it is told otherwise."""
    simulator.script()
    facts = settings.OPERATOR_PROVIDERS["openai"] | {"api_key": "", "base_url": simulator.openai_url}
    with override_settings(OPERATOR_PROVIDERS=settings.OPERATOR_PROVIDERS | {"openai": facts}):
        yield simulator
