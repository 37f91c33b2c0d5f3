"""How often a second one row can be changed by all, beside as many rows.

Every call that the operator pays for changes the operator's row of the month before and after, and every POST its
user's row; each writes a row beside it (``conversions/route.py``, ``accounts/quota.py``), and what was changed is
locked until that is on the disk too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg

from bench.product import Product
from bench.report import Line
from newsforge import embedded

CONNECTIONS = 16
SECONDS = 4.0


def run(product: Product) -> Iterator[Line]:
    """Print how many transactions a second change one row, and how many as many rows."""
    database = product.database
    database.execute("DROP TABLE IF EXISTS bench_calls, bench_rows")
    database.execute("CREATE TABLE bench_rows (id int PRIMARY KEY, spent numeric NOT NULL)")
    database.execute("CREATE TABLE bench_calls (id bigserial PRIMARY KEY, row int REFERENCES bench_rows)")
    database.execute("INSERT INTO bench_rows SELECT each, 0 FROM generate_series(1, %s) AS each", [CONNECTIONS])
    one, many = _changes(spread=False), _changes(spread=True)
    database.execute("DROP TABLE bench_calls, bench_rows")
    print(f"{CONNECTIONS} connections, each changing a row, writing another, committing:")
    print(f"  {one:.0f}/s the same row, {many:.0f}/s its own; the row is locked {1000 / one:.2f} ms for each")
    yield Line(section="row", what="changes of one row", ours=one, beside=many, name="as many rows", unit="commits/s")


def _changes(*, spread: bool) -> float:
    """Return the commits a second of all connections together."""
    url = (embedded.addresses() or {})["DATABASE_URL"]
    done, end = [0] * CONNECTIONS, time.monotonic() + SECONDS

    def work(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while time.monotonic() < end:
                row = number + 1 if spread else 1
                with connection.transaction():
                    connection.execute("UPDATE bench_rows SET spent = spent + 0.001 WHERE id = %s", [row])
                    connection.execute("INSERT INTO bench_calls (row) VALUES (%s)", [row])
                done[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - began)
