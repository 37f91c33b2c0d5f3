"""How fast the admin's pages are over full tables: dashboard, charts, and every list, searched, filtered, to its end.

``python -m bench admin --scale 1`` seeds a database of its own, which is gone afterwards; with DATABASE_URL and
REDIS_URL set it measures what is there and seeds nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bench.report import Line
from newsforge import embedded

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.test import Client

MOST_MS, MOST_QUERIES = 300, 12
SCALE = 0.05
"""Of the full tables, when all sections are measured: a million rows take half an hour to seed."""
RESULT = "slowest, its CPU, pages not as agreed: "
"""What the last line begins with; the figures behind it are for whoever started this process."""
ROUNDS = 3
ADDRESS = "admin-bench@newsforge.example"
TERMS = ("kim@hanbit", "도서관", "zzzz")
"""A part of an e-mail address, a word of many titles, and what is nowhere."""

OWNER = "minjun.kim"
"""Of the demo's people, as a filter by user is typed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one page took: its answer, queries, and ms of each round, on the clock and of this process."""

    status: int
    queries: int
    took: list[float]
    worked: list[float]
    context: Any

    @property
    def median(self) -> float:
        """Return the ms half of the rounds took."""
        return statistics.median(self.took)

    @property
    def verdict(self) -> str:
        """Return in words whether the page keeps to what was agreed."""
        if self.status != 200:
            return f"FAILED: {self.status}"
        wrong = [text for text, is_so in (("slow", self.median > MOST_MS), ("queries", self.queries > MOST_QUERIES))
                 if is_so]  # fmt: skip
        return f"TOO MUCH: {', '.join(wrong)}" if wrong else "ok"


def run(*, scale: float = SCALE) -> Iterator[Line]:
    """Measure in a process and a database of its own, and pass on what it prints."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.admin", "--scale", str(scale)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                if line.startswith(RESULT):
                    yield from _lines(*map(float, line.removeprefix(RESULT).split(",")))
        except BaseException:
            process.terminate()
            raise


def _lines(slowest: float, cpu: float, wrong: float) -> Iterator[Line]:
    what = f"slowest page, {wrong:.0f} not as agreed"
    yield Line(section="admin", what=what, ours=slowest, beside=MOST_MS, name="agreed", unit="ms", cpu=cpu)


def main() -> None:
    """Seed, measure and print; leave with 1 if a page does not keep to what was agreed."""
    parser = argparse.ArgumentParser(prog="python -m bench.admin", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of 1,000,000 conversions to seed")
    parser.add_argument("--only", default="", help="measure the lists of this table alone")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsforge.settings.dev"
    with tempfile.TemporaryDirectory(prefix="newsforge-bench-") as home:
        os.environ.setdefault("NEWSFORGE_HOME", home)
        with embedded.running(home, durable=False) as addresses:
            os.environ.update(addresses)
            is_good = measure(scale=options.scale if addresses else None, only=options.only)
    sys.exit(not is_good)


def measure(*, scale: float | None, only: str = "") -> bool:
    """Print the table of all pages and return whether all of them are as agreed."""
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
        with contextlib.redirect_stdout(io.StringIO()):
            call_command("seed_demo", "--scale", str(scale))
        print(f"The admin over {scale * 1_000_000:,.0f} conversions, seeded in {time.monotonic() - began:.0f} s")
    User.objects.filter(email=ADDRESS).delete()
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.create_superuser(ADDRESS, None))
    print(f"  {'page':<70}queries  median ms  max ms  CPU ms  verdict")
    all_of_them = []
    for name, figures in pages(client, only):
        all_of_them.append(figures)
        _print(name, figures)
    wrong = sum(each.verdict != "ok" for each in all_of_them)
    print(f"  {len(all_of_them)} pages, the slowest {max(each.median for each in all_of_them):.0f} ms, {wrong} not as "
          f"agreed: {MOST_MS} ms and {MOST_QUERIES} queries")  # fmt: skip
    slowest = max(all_of_them, key=lambda each: each.median)
    print(f"{RESULT}{slowest.median:.1f},{min(slowest.worked):.1f},{wrong}", flush=True)
    User.objects.filter(email=ADDRESS).delete()
    connections.close_all()
    return not wrong


def pages(client: Client, only: str = "") -> Iterator[tuple[str, Figures]]:
    """Yield each page with its figures: our own first, then the lists of whatever the site has."""
    from django.contrib import admin
    from django.urls import reverse

    if not only:
        yield "dashboard", timed(client, reverse("admin:index"), before=_forget)
        yield "dashboard, kept", timed(client, reverse("admin:index"))
        yield from _dashboards_of_staff(reverse("admin:index"))
        yield "health", timed(client, reverse("admin:health"))
        for span in ("hour", "day", "month"):
            yield f"charts: {span}", timed(client, f"{reverse('admin:charts')}?span={span}")
    registry = admin.site._registry  # noqa: SLF001 - Django has no other way to ask
    for model, page in sorted(registry.items(), key=lambda pair: pair[0]._meta.label):
        name = str(model._meta.db_table)
        if only in {"", name}:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            yield from _list(client, name, url, page)


def _dashboards_of_staff(url: str) -> Iterator[tuple[str, Figures]]:
    """Yield the first page of each role; a superuser's rights are not asked for."""
    from django.contrib.auth.models import Group
    from django.test import Client

    from accounts.enums import Role
    from accounts.models import User

    for role in Role:
        user = User.objects.create(email=f"{role.value}-{ADDRESS}", username=f"{role.value}-{ADDRESS}", is_staff=True)
        user.groups.add(Group.objects.get(name=role.value))
        client = Client(HTTP_HOST="localhost")
        client.force_login(user)
        yield f"dashboard of {role.value}", timed(client, url, before=_forget)
        user.delete()


def _list(client: Client, name: str, url: str, page: ModelAdmin[Any]) -> Iterator[tuple[str, Figures]]:
    first = timed(client, url)
    yield name, first
    listed = (first.context or {}).get("cl")
    if listed is None:  # a page that is no list, or fails
        return
    row = next(iter(listed.result_list), None)
    if row is not None:
        yield f"{name}: one row", timed(client, f"{url}{row.pk}/change/")
    if page.search_fields:
        for what, term in (("id pasted", row.pk if row else 0), *((f"search {term}", term) for term in TERMS)):
            yield f"{name}: {what}", timed(client, f"{url}?{urlencode({'q': term})}")
    last = listed.paginator.num_pages
    if last > 1:
        yield f"{name}: page {last}", timed(client, f"{url}?p={last}")
    for spec in listed.filter_specs:
        choices = [each for each in spec.choices(listed) if not each.get("selected")]
        asked = [(each["display"], each["query_string"]) for each in choices if "query_string" in each]
        inputs = list(getattr(spec, "inputs", {}).items())
        asked += [(key, f"?{urlencode({key: _typed(kind)})}") for key, (_label, kind) in inputs]
        measured = [(timed(client, url + query, rounds=2), shown) for shown, query in asked]
        if measured:
            worst, shown = max(measured, key=lambda pair: (pair[0].verdict != "ok", pair[0].median))
            yield f"{name}: {spec.title}, the slowest of {len(measured)}: {shown}", worst


def _typed(kind: str) -> str:
    from django.utils import timezone

    return str(timezone.localdate()) if kind == "date" else OWNER


def _forget() -> None:
    """Have the dashboard made anew, not taken from what is kept of it."""
    from django.conf import settings
    from redis import Redis

    redis = Redis.from_url(settings.REDIS_URL)
    for key in redis.scan_iter("dashboard:*"):
        redis.delete(key)
    redis.close()


def timed(client: Client, url: str, *, rounds: int = ROUNDS, before: Callable[[], object] = lambda: None) -> Figures:
    """Ask for a page once to warm up and once to count, then a few times against the clock."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    before()
    client.get(url)
    before()
    with CaptureQueriesContext(connection) as asked:
        answer: Any = client.get(url)
    queries = len(asked)  # the next request forgets them
    took, worked = [], []
    for _ in range(rounds):
        before()
        began, busy = time.perf_counter(), time.process_time()
        client.get(url)
        took.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    return Figures(answer.status_code, queries, took, worked, answer.context)


def _print(name: str, figures: Figures) -> None:
    figures_of = f"{figures.queries:>7}{figures.median:>11.0f}{max(figures.took):>8.0f}{min(figures.worked):>8.0f}"
    print(f"  {name:<70}{figures_of}  {figures.verdict}", flush=True)


if __name__ == "__main__":
    main()
