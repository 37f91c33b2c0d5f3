"""A thousand scrapes while whoever is scraped, and whoever works, is killed: nothing that is counted ever goes back."""

from __future__ import annotations

import itertools
import re
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException

import psutil
import pytest

from tests.chaos.client import Caller
from tests.chaos.installation import TICK, Installation

pytestmark = pytest.mark.timeout(300)

SCRAPES = 1000
SECONDS = 45.0
"""After this, fewer will do: a machine that is busy with other things manages a hundred or two."""
FEWEST = 100
KILLS_WEB = 4
KILLS_WORKERS = 4
OLD_ENOUGH = 8.0
"""Seconds: granian ends when a worker dies within 5.5 s of its start, and supervisor starts all of it anew."""
COUNTS = ("_total", "_bucket", "_sum", "_count")

Series = dict[str, float]
"""By name and labels, as they are written."""


def scrape(installation: Installation) -> Series | None:
    """Ask once; None if whoever was asked died over it."""
    connection = HTTPConnection("127.0.0.1", installation.port, timeout=30)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        text = answer.read().decode()
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    assert answer.status == 200, text
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def web_workers(installation: Installation) -> list[psutil.Process]:
    assert installation.web
    found = psutil.Process(installation.web.pid).children()
    return [
        each
        for each in found
        if each.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in str(each.cmdline())
    ]


class Murderer(threading.Thread):
    """Kills a web worker or whoever writes, now and then, while customers go on asking."""

    def __init__(self, installation: Installation, caller: Caller) -> None:
        super().__init__()
        self.installation, self.caller = installation, caller
        self.over, self.accepted = threading.Event(), 0
        self.plan = ["web", "writing-1", "web", "writing-2"] * (KILLS_WEB // 2)

    def run(self) -> None:
        for number in itertools.count():
            self._ask(f"scraped-{number}")
            if self.plan and self._kill(self.plan[-1]):
                self.plan.pop()
            if self.over.wait(0.3):
                return

    def _ask(self, case: str) -> None:
        try:
            self.accepted += self.caller.convert(case).status == 202
        except (OSError, HTTPException):
            return

    def _kill(self, who: str) -> bool:
        if who != "web":
            self.installation.kill(who)
            self.installation.keep_up()
            return True
        now = time.time()
        old = [each for each in web_workers(self.installation) if now - each.create_time() > OLD_ENOUGH]
        for each in old[:1]:
            each.kill()
        return bool(old)


def test_counters_never_go_back_and_no_gauge_is_left_behind(installation: Installation, caller: Caller) -> None:
    highest: Series = {}
    scrapes = 0
    murderer = Murderer(installation, caller)
    murderer.start()
    try:
        began = time.monotonic()
        while murderer.plan or (scrapes < SCRAPES and time.monotonic() < began + SECONDS):
            assert time.monotonic() < began + 2 * SECONDS, (scrapes, murderer.plan)
            found = scrape(installation)
            if found is None:
                time.sleep(TICK)
                continue
            scrapes += 1
            for key, value in found.items():
                if key.partition("{")[0].endswith(COUNTS):
                    assert value >= highest.get(key, 0.0), key
                    highest[key] = value
            gone = [key for key in highest if key not in found]
            assert not gone or found["newsforge_database_up"] == 0, gone
    finally:
        murderer.over.set()
        murderer.join()
    assert scrapes >= FEWEST
    sys.stdout.write(f"{scrapes} scrapes in {time.monotonic() - began:.0f} s\n")
    installation.settle()
    last = scrape(installation)
    assert last is not None
    counted_is_what_happened(installation, last)
    assert murderer.accepted > KILLS_WEB + KILLS_WORKERS
    alive = len(web_workers(installation))
    assert last['newsforge_processes{program="web"}'] <= alive  # four of them were killed


def counted_is_what_happened(installation: Installation, series: Series) -> None:
    """Compare the counters with the rows themselves."""
    ((requests,),) = installation.rows("SELECT count(*) FROM conversion_logs WHERE status = 'succeeded'")
    succeeded = [name for name in series if re.match(r'newsforge_conversions_total\{.*status="succeeded"', name)]
    assert sum(series[name] for name in succeeded) == requests
    ((tokens,),) = installation.rows("SELECT sum(input_tokens) FROM attempts WHERE provider = 'openai'")
    assert series['newsforge_tokens_total{kind="input",provider="openai"}'] == tokens
