"""A user's day ends while requests come in, posts are written and beats reset: no unit of either day is lost."""

from __future__ import annotations

import math
import struct
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.chaos.client import Caller
from tests.chaos.installation import Installation, wait_until, zones_of

pytestmark = pytest.mark.timeout(300)

LIMIT = 6
DAY = 86_400


def write_zone(path: Path, *, offset: int) -> None:
    """Write a time zone that is ``offset`` seconds ahead of UTC, in the form of RFC 8536, version 2."""
    sign, (hours, rest) = "-" if offset >= 0 else "+", divmod(abs(offset), 3600)
    head = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    block = struct.pack(">lbb", offset, 0, 0) + b"NFT\0"
    footer = f"\n<NFT>{sign}{hours}:{rest // 60:02}:{rest % 60:02}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((head + block) * 2 + footer.encode())


def until(moment: float) -> int:
    """Return the offset from UTC, in seconds from 0 to a day, at which that moment is a midnight."""
    return round(-moment) % DAY


def test_midnight_comes_amid_the_work(installation: Installation) -> None:
    caller = installation.add_caller(limit=LIMIT, zone="UTC")
    installation.side.latency = 0.5
    taken: Counter[str] = Counter()
    lock, enough, midnight = threading.Lock(), threading.Event(), [math.inf]

    def knock(number: int) -> None:
        """Ask all the time; every third post is to fail."""
        step = 0
        while not enough.is_set():
            began, case = time.time(), f"night-{number}-{step}{'-refused' if step % 3 == 2 else ''}"
            status = caller.convert(case).status
            assert status in {202, 429}
            day = "yesterday" if time.time() < midnight[0] else "today" if began >= midnight[0] else "either"
            step += status == 202
            with lock:
                taken[f"{day} {status}"] += 1

    with ThreadPoolExecutor(4) as clients:
        knocking = [clients.submit(knock, number) for number in range(4)]
        try:
            wait_until(lambda: taken["yesterday 429"], what="The end of yesterday's units")
            midnight[0] = math.ceil(time.time()) + 3.0
            write_zone(zones_of(installation.home) / "Chaos/Soon", offset=until(midnight[0]))
            installation.execute("UPDATE users SET time_zone = 'Chaos/Soon' WHERE id = %s", caller.id)
            # Whoever asks all the time gets the whole day: what failed was given back and is taken anew.
            wait_until(lambda: posts_since_reset(installation, caller) == LIMIT, what="The use of all of today's units")
            wait_until(lambda: taken["today 429"], what="The end of today's units")
        finally:
            enough.set()
    for each in knocking:
        each.result()
    installation.settle()
    check_ledger(installation, caller, taken)


def posts_since_reset(installation: Installation, caller: Caller) -> int:
    """Return how many posts were written of units taken after midnight."""
    ((posts,),) = installation.rows(
        "SELECT count(*) FROM quota_entries e JOIN conversion_logs c ON c.id = e.conversion_id "
        "WHERE e.kind = 'reserve' AND c.status = 'succeeded' AND e.user_id = %s AND e.id > "
        "(SELECT max(id) FROM quota_entries WHERE user_id = e.user_id AND kind = 'reset')",
        caller.id,
    )
    return int(posts)


def check_ledger(installation: Installation, caller: Caller, taken: Counter[str]) -> None:
    """See that the counter was within the day's limit after every line, and that every accepted post has one."""
    entries = installation.rows("SELECT kind, units FROM quota_entries WHERE user_id = %s ORDER BY id", caller.id)
    days, used = [0], 0
    for kind, units in entries:
        used += units
        assert 0 <= used <= LIMIT
        if kind == "reset":
            assert used == 0
            days.append(0)
        days[-1] += kind == "reserve"
    assert len(days) == 2
    assert sum(days) == taken["yesterday 202"] + taken["today 202"] + taken["either 202"]
    assert used == LIMIT
