"""What a browser complains of while a test looks elsewhere."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

REPORT = """document.addEventListener('securitypolicyviolation', event => console.error(
  `Content Security Policy: ${event.effectiveDirective} refused ${event.blockedURI} in ${event.sourceFile}`))"""
"""Told by the console, which outlives the page."""


class Watch:
    """Listens to every page of a context: errors, warnings, violations of the policy, requests to other places.

    An answer with the status ``provoked`` is what the test is about.
    """

    def __init__(self, context: BrowserContext, *, origin: str, provoked: int = 0) -> None:
        self.complaints: list[str] = []
        self.origin = origin
        self.expected = f"the server responded with a status of {provoked} " if provoked else ""
        context.add_init_script(REPORT)
        context.on("console", self._heard)
        context.on("weberror", self._broke)
        context.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if self.expected and self.expected in message.text:
            return
        if message.type in {"error", "warning"}:
            where = message.page.url if message.page else ""
            self.complaints.append(f"{where}: {message.type}: {message.text}")

    def _broke(self, error: WebError) -> None:
        where = error.page.url if error.page else ""
        self.complaints.append(f"{where}: {error.error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.complaints.append(f"{request.frame.url}: asked {request.url}")
