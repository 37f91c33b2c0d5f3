"""How fast the admin's pages are over full tables: every list, its searches, filters and last page, and the dashboard.

``python -m bench.admin --scale 1`` seeds a database of its own, which is gone afterwards; with DATABASE_URL set it
measures what is there and seeds nothing.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from newsforge import embedded

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.test import Client

MOST_MS, MOST_QUERIES = 300, 12
ROUNDS = 5
ADDRESS = "admin-bench@newsforge.example"
APPS = ("accounts", "conversions", "monitoring")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one page took: its answer, queries, and ms of each round."""

    status: int
    queries: int
    took: list[float]
    context: Any

    @property
    def is_good(self) -> bool:
        """Return whether the page keeps to what was agreed."""
        return self.status == 200 and self.queries <= MOST_QUERIES and statistics.median(self.took) <= MOST_MS


def main() -> None:
    """Seed, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.admin", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of 1,000,000 conversions to seed")
    parser.add_argument("--slow", action="store_true", help="print only what is too slow")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsforge.settings.dev"
    with tempfile.TemporaryDirectory(prefix="newsforge-bench-") as home:
        os.environ.setdefault("NEWSFORGE_HOME", home)
        with embedded.running(home, durable=False) as addresses:
            os.environ.update(addresses)
            measure(scale=options.scale if addresses else None, slow=options.slow)


def measure(*, scale: float | None, slow: bool) -> None:
    """Print the table of all pages."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client
    from django.test.utils import setup_test_environment

    from accounts.models import User

    setup_test_environment()  # what was rendered is seen
    logging.disable(logging.WARNING)
    if scale is not None:
        began = time.monotonic()
        call_command("migrate", verbosity=0)
        call_command("seed_demo", "--scale", str(scale), stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115
        print(f"\nThe admin over {scale * 1_000_000:,.0f} conversions, seeded in {time.monotonic() - began:.0f} s")
    User.objects.filter(email=ADDRESS).delete()
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.create_superuser(ADDRESS, None))
    print(f"  {'page':<66}queries  median ms  max ms")
    slowest, count = 0.0, 0
    for name, figures in pages(client):
        count += 1
        slowest = max(slowest, statistics.median(figures.took))
        if not slow or not figures.is_good:
            _print(name, figures)
    print(f"  {count} pages, the slowest {slowest:.0f} ms; agreed: {MOST_MS} ms and {MOST_QUERIES} queries")
    User.objects.filter(email=ADDRESS).delete()
    connections.close_all()


def pages(client: Client) -> Iterator[tuple[str, Figures]]:
    """Yield each page with its figures."""
    from django.contrib import admin
    from django.urls import reverse

    yield "dashboard", timed(client, reverse("admin:index"))
    registry = admin.site._registry  # noqa: SLF001 - Django has no other way to ask
    for model, page in sorted(registry.items(), key=lambda pair: pair[0]._meta.label):
        if model._meta.app_label in APPS:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            yield from _list(client, str(model._meta.db_table), url, page)


def _list(client: Client, name: str, url: str, page: ModelAdmin[Any]) -> Iterator[tuple[str, Figures]]:
    first = timed(client, url)
    yield name, first
    row = page.get_queryset(None).first()  # type: ignore[arg-type] # ours ask nothing of it
    if row is not None:
        yield f"{name}: one row", timed(client, f"{url}{row.pk}/change/")
        yield f"{name}: id pasted", timed(client, f"{url}?q={row.pk}")
    for term in ("kim@hanbit", "도서관", "zzzz"):
        yield f"{name}: search {term}", timed(client, f"{url}?{urlencode({'q': term})}")
    listed = first.context["cl"]
    last = listed.paginator.num_pages
    if last > 1:
        yield f"{name}: page {last}", timed(client, f"{url}?p={last}")
    for spec in listed.filter_specs:
        choices = [each for each in spec.choices(listed) if not each["selected"]]
        measured = [(timed(client, url + each["query_string"], rounds=2), each["display"]) for each in choices]
        if measured:
            worst, shown = max(measured, key=lambda pair: statistics.median(pair[0].took))
            yield f"{name}: {spec.title}, the slowest of {len(choices)}: {shown}", worst


def timed(client: Client, url: str, *, rounds: int = ROUNDS) -> Figures:
    """Ask for a page once to count and to warm up, then a few times against the clock."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        answer: Any = client.get(url)
    queries, took = len(asked), []  # the next request forgets them
    for _ in range(rounds):
        began = time.perf_counter()
        client.get(url)
        took.append((time.perf_counter() - began) * 1000)
    return Figures(answer.status_code, queries, took, answer.context)


def _print(name: str, figures: Figures) -> None:
    verdict = "" if figures.is_good else "  TOO SLOW" if figures.status == 200 else f"  {figures.status}"
    median, most = statistics.median(figures.took), max(figures.took)
    print(f"  {name:<66}{figures.queries:>7}{median:>11.0f}{most:>8.0f}{verdict}", flush=True)


if __name__ == "__main__":
    main()
