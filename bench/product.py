"""The whole product in a home of its own, for as long as it is measured."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.processes import simulator
from newsforge import embedded
from newsforge.embedded.stack import Stack, stack_running

LATENCY = 2.0
"""Seconds the simulated provider takes unless the command line says otherwise."""

TEXT = (
    "Suwon opens a 24-hour library for night-shift workers\n"
    "Suwon opened a library on Monday that never closes. The city spent 2.4 billion won on the four-storey building. "
    "It holds 38,000 books. The city expects 1,200 visitors a day. Residents may borrow seven books for fourteen days."
)

OPEN = "SELECT count(*) FROM conversion_logs WHERE status IN ('pending', 'processing')"


@dataclass(frozen=True, slots=True)
class Product:
    """The running product and a connection to its database."""

    stack: Stack
    database: psycopg.Connection[Any]
    latency: float
    """Seconds the simulated provider takes."""

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of whoever may use the API."""
        return {"Authorization": f"Bearer {self.stack.login.token}"}

    def drain(self, *, seconds: float) -> int:
        """Wait until everything asked for has ended and return how much has not."""
        end = time.monotonic() + seconds
        while (left := self.row(OPEN)[0]) and time.monotonic() < end:
            time.sleep(0.5)
        return int(left)

    def row(self, statement: str) -> tuple[Any, ...]:
        """Return the one row of a statement."""
        return self.database.execute(statement.encode()).fetchone() or (0,)


@contextmanager
def product_running(*, latency: float = LATENCY) -> Iterator[Product]:
    """Start everything; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="newsforge-bench-") as home, simulator(seconds=latency) as address:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "NEWSFORGE_HOME": home,
            "PYTHONDONTWRITEBYTECODE": "",  # an installed product is compiled; compiling leaves 5 MB in each process
            "OPENAI_API_KEY": "sk-bench",
            "OPENAI_BASE_URL": f"{address}/v1",
            "NEWSFORGE_BURST_PER_MINUTE": "1000000",
            "NEWSFORGE_BURST_SIZE": "100000",
        }
        with stack_running() as stack:
            addresses = embedded.addresses() or {}
            with psycopg.connect(addresses["DATABASE_URL"], autocommit=True) as database:
                database.execute("UPDATE users SET api_quota_daily = 1000000")
                yield Product(stack, database, latency)
