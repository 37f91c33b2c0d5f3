"""Pictures of every page, by ``make screenshots``: both languages, light and dark, on a phone and at a desk.

No test of its own accord: pytest finds it only by its name. It prints how soon a page begins to show, and its weight.
"""

from __future__ import annotations

import base64
import re
import statistics
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from conversions import execution, reading
from conversions.enums import Language, Platform, Provider
from conversions.models import Conversion
from conversions.services import Source, Wishes, request_conversions
from tests.browser import sitemap
from tests.browser.accessibility import DESK, PHONE
from tests.browser.conftest import Apart, Open
from tests.factories import make_dependency, make_endpoint, make_heartbeat, make_key

FOLDER = Path(settings.BASE_DIR) / "docs/screenshots"
LANGUAGES = {"ko": "ko-KR", "en": "en-US"}
THEMES = ("light", "dark")
SCREENS = {"phone": PHONE, "desk": DESK}
TALLEST = 1800
"""Pixels of a page; what is below is more of the same."""
QUALITY = 15
PLATFORMS = (Platform.X, Platform.KAKAO, Platform.INSTAGRAM, Platform.LINKEDIN)

pytestmark = [pytest.mark.timeout(1800)]


def convert_samples(user: User) -> None:
    """Convert the bundled articles, as a worker does."""
    for language in LANGUAGES:
        html = (Path(settings.BASE_DIR) / f"newsforge/embedded/samples/{language}.html").read_text("utf-8")
        wishes = Wishes(platforms=PLATFORMS, language=Language.SOURCE, provider=Provider.EXTRACTIVE)
        request_conversions(user=user, source=Source(html=html), wishes=wishes, now=timezone.now())
    for row in Conversion.objects.select_related("article"):
        if row.article is not None:
            reading.read(article_id=row.article.pk, times_up=TimeoutError)
    for row in Conversion.objects.all():
        execution.execute(conversion_id=row.pk)


def name_of(page: str) -> str:
    """The page's file name, from the name of its address."""
    match = resolve(page.partition("?")[0])
    label = [str(match.kwargs["app_label"])] if "app_label" in match.kwargs else []
    parts = [*match.namespaces, match.url_name or "page", *label]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


def once_each(pages: list[str], taken: set[str]) -> Iterator[tuple[str, str]]:
    """One page of each kind, with its name."""
    for page in pages:
        name = name_of(page)
        if name not in taken:
            taken.add(name)
            yield name, page


def take(page: Page, path: Path) -> None:
    """Write the page as one small picture."""
    wide = page.viewport_size or DESK
    tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
    area = {"x": 0, "y": 0, "width": wide["width"], "height": tall, "scale": 1}
    asked = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True, "clip": area}
    session = page.context.new_cdp_session(page)
    path.write_bytes(base64.b64decode(session.send("Page.captureScreenshot", asked)["data"]))
    session.detach()


def test_screenshots(open_context: Open, acme: User, staff: User) -> None:
    convert_samples(acme)
    make_key(acme)
    make_endpoint(acme)
    for name in ("openai_api", "anthropic_api"):
        make_dependency(name=name)
    queues = [each.name for each in settings.CELERY_TASK_QUEUES]
    make_heartbeat()
    make_heartbeat(name="sweep@host", kind="sweep")
    make_heartbeat(name="writing@host", kind="worker", details={"queues": queues})
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    taken: set[str] = set()
    painted: dict[str, list[float]] = {}
    for user in (None, acme, staff):
        client = Apart()
        if user:
            client.force_login(user)
        pages = list(once_each(pages_of(user, client), taken)) if user else strangers(client, taken)
        for (language, locale), theme, (screen, size) in product(LANGUAGES.items(), THEMES, SCREENS.items()):
            page = open_context(user, locale=locale, color_scheme=theme, viewport=size).new_page()
            for name, address in pages:
                page.goto(address)
                page.wait_for_load_state("networkidle")
                take(page, FOLDER / f"{name}-{language}-{theme}-{screen}.webp")
                first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
                painted.setdefault(name, []).append(float(first))
            page.context.close()
    tell(painted)


def pages_of(user: User, client: Client) -> list[str]:
    if not user.is_staff:
        return sitemap.web_pages(client)
    listed = [reverse("admin:conversions_conversion_changelist")]
    detail = [reverse("admin:conversions_conversion_change", args=[Conversion.objects.order_by("created_at")[0].pk])]
    return [*sitemap.site_pages(client), *listed, *detail, reverse("docs")]


def strangers(client: Client, taken: set[str]) -> list[tuple[str, str]]:
    """The pages before logging in; the first page is another one afterwards."""
    found = list(once_each(sitemap.web_pages(client), taken))
    taken.discard("home")
    return [("landing" if name == "home" else name, page) for name, page in found]


def tell(painted: dict[str, list[float]]) -> None:
    files = list(FOLDER.glob("*.webp"))
    size = sum(each.stat().st_size for each in files) / 1e6
    lines = [
        f"\n{len(files)} pictures of {len(painted)} pages, {size:.1f} MB",
        "first contentful paint, ms (median, worst of the looks)",
        *(
            f"  {name:<44}{statistics.median(times):>6.0f}{max(times):>6.0f}"
            for name, times in sorted(painted.items(), key=lambda pair: -statistics.median(pair[1]))
        ),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    assert files
