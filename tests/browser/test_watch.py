"""The tests' own alarm: a browser that complains is heard."""

from __future__ import annotations

from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser import accessibility
from tests.browser.watch import Watch


def test_what_a_browser_complains_of_is_heard(chromium: Browser, live_server: LiveServer) -> None:
    context = chromium.new_context(base_url=live_server.url)
    watch = Watch(context, origin=live_server.url)
    page = context.new_page()
    page.goto("/")
    assert watch.complaints == []
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://evil.example/pixel.gif'}))")
    page.evaluate("setTimeout(() => { throw new Error('a script broke') })")
    page.evaluate("fetch('/no-such-page')")
    page.wait_for_timeout(300)
    heard = "\n".join(watch.complaints)
    context.close()
    for words in ("style-src", "img-src", "a script broke", "404"):
        assert words in heard


def test_a_request_that_leaves_the_site_is_heard_and_goes_nowhere(chromium: Browser, live_server: LiveServer) -> None:
    context = chromium.new_context(base_url=live_server.url, bypass_csp=True)
    watch = Watch(context, origin=live_server.url)
    page = context.new_page()
    page.goto("/")
    answer = page.evaluate("fetch('https://example.com/').then(() => 'arrived', error => error.name)")
    context.close()
    assert answer == "TypeError"
    assert any("asked https://example.com/" in complaint for complaint in watch.complaints)


def test_axe_finds_what_is_wrong(chromium: Browser, live_server: LiveServer) -> None:
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/")
    assert accessibility.findings(page) == []
    page.evaluate("document.body.append(document.createElement('input'))")
    found = accessibility.findings(page)
    context.close()
    assert [finding.split(":")[0] for finding in found] == ["label"]
