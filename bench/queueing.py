"""How many of everything a rate of conversions needs: a queue for each resource, of what the bench measured.

``python -m bench.queueing`` renews the table in docs/scaling.md and prints it. A queue is M/G/c (``bench.erlang``):
requests come by chance, so many servers, one line for all of them. A web or writing process is a queue of its own,
M/G/1: its threads share one processor, and nobody changes over. Times in seconds, rates per second.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.erlang import Wait, wait
from newsforge.embedded.home import ROOT

PAGE = ROOT / "docs" / "scaling.md"
BEGIN, END = "<!-- python -m bench.queueing -->\n", "<!-- end -->\n"

RATES: Final = (1, 10, 100, 1000)
"""Conversions a second."""

# What a service is asked for; nobody has measured it, and whoever knows better changes it here.
CONVERSIONS_PER_POST = 3
GETS_PER_POST = 12
"""Whoever asked for posts asks a dozen times whether they are there (``bench.visitors``)."""
READS_PER_POST = 1.0
"""Requests with an address; the others bring their text."""
FETCH = 1.0
"""Until a newspaper's page is here."""
PROVIDER = 2.0
"""Until a provider has answered; also what the bench's simulator takes."""
VARIATION = 1.0
"""Squared coefficient of variation of all services: exponential, which is more than CPU times vary."""
TOKENS = 960
"""Of one call, as the simulator counts them; an article of 5,000 characters takes three times as many."""

# What was measured, in seconds of CPU unless said otherwise; `make bench` prints each under the section's name. On
# 2026-11-29, two processors at load 8 to 11 from other work; where runs of that day differ, the dearest of them.
POST_WEB, POST_DATABASE = 0.0083, 0.0028
"""Section ``accept``, 16 connections; what a POST costs Valkey is in its conversions."""
GET_WEB, GET_DATABASE, GET_BROKER = 0.0061, 0.0014, 0.0001
CONVERSION_WRITER, CONVERSION_DATABASE, CONVERSION_BROKER = 0.0157, 0.0063, 0.0007
"""Section ``finish``."""
BYTES = 4_900
"""Of the database, a conversion with its share of a short article; the same section."""
READ_CPU = 0.095
"""Section ``extraction``, the page of 156 kB."""
ROW_LOCK = 0.0011
"""Section ``row``: the time on the clock from one change to the next."""
WEB_MB, WRITER_MB, READER_MB, BEAT_MB, SWEEP_MB, CONNECTION_MB = 163, 196, 49, 117, 162, 4
"""Section ``memory``, resident; a reading child by its part of what it shares, a connection by what it has alone."""

# What the product is shipped with: deploy/supervisor, NEWSFORGE_DB_POOL. tests/house/test_bench.py compares.
THREADS = 100
WRITERS = 2
SLOTS = THREADS * WRITERS
"""Calls to providers at once on one host."""
POOL = 10
"""Connections of one process at most."""
READER_CONNECTIONS = 2
"""A reading child's own, and that of the thread that keeps its lease."""
CONNECTIONS = 200
"""What the bundled PostgreSQL takes; a server's own default is 100."""

BUSY = 0.7
"""Utilisation at which one more is added: something is left for a bad hour."""
LEAST = 2
"""Of each program, so that one may end."""


@dataclass(frozen=True, slots=True)
class Station:
    """One resource at one rate."""

    name: str
    servers: int
    wait: Wait

    def __str__(self) -> str:
        """Return it as a cell: how many, how busy, mean and 95th percentile of the wait."""
        if math.isinf(self.wait.mean):
            return f"**{self.servers:,}: cannot** ({self.wait.utilisation:.0%})"
        waits = f"{_span(self.wait.mean)}, {_span(self.wait.percentile(0.95))}"
        return f"{self.servers:,} ({self.wait.utilisation:.0%}; {waits})"


@dataclass(frozen=True, slots=True)
class Need:
    """What one rate needs."""

    rate: float
    web: Station
    readers: Station
    slots: Station
    writers: Station
    database: Station
    broker: Station
    row: Station

    @property
    def posts(self) -> float:
        """Return the requests for posts a second."""
        return self.rate / CONVERSIONS_PER_POST

    @property
    def cores(self) -> int:
        """Return the processors of all hosts that run ours, PostgreSQL's and Valkey's apart."""
        reading = self.posts * READS_PER_POST * READ_CPU
        web = self.web.servers * self.web.wait.utilisation
        writing = self.writers.servers * self.writers.wait.utilisation
        return max(LEAST, math.ceil((reading + web + writing) / BUSY))

    @property
    def connections(self) -> int:
        """Return the connections to PostgreSQL that all pools together may open."""
        pools = self.web.servers + self.writers.servers + 1  # and the sweep's
        return pools * POOL + self.readers.servers * READER_CONNECTIONS

    @property
    def memory(self) -> float:
        """Return the GB of all our processes, and what PostgreSQL's connections have for themselves."""
        ours = self.web.servers * WEB_MB + self.writers.servers * WRITER_MB + self.readers.servers * READER_MB
        return (ours + BEAT_MB + SWEEP_MB + self.connections * CONNECTION_MB) / 1000


def need(*, rate: float) -> Need:
    """Return what so many conversions a second need."""
    posts = rate / CONVERSIONS_PER_POST
    requests = posts * (1 + GETS_PER_POST)
    web = (POST_WEB + GETS_PER_POST * GET_WEB) / (1 + GETS_PER_POST)
    by_database = POST_DATABASE + GETS_PER_POST * GET_DATABASE + READS_PER_POST * CONVERSION_DATABASE
    gets = posts * GETS_PER_POST
    broker = (rate * CONVERSION_BROKER + gets * GET_BROKER) / (rate + gets)
    statements = rate + requests + posts * READS_PER_POST
    database = (posts * by_database + rate * CONVERSION_DATABASE) / statements
    waiting = PROVIDER + CONVERSION_WRITER + CONVERSION_DATABASE
    writers = _least(rate, CONVERSION_WRITER, at_least=max(LEAST, math.ceil(rate * waiting / BUSY / THREADS)))
    return Need(
        rate,
        web=_apart("web processes", requests, web, _least(requests, web)),
        readers=_station("reading children", posts * READS_PER_POST, FETCH + READ_CPU,
                         _least(posts * READS_PER_POST, FETCH + READ_CPU)),
        slots=_station("slots for calls to providers", rate, waiting, writers * THREADS),
        writers=_apart("writing processes", rate, CONVERSION_WRITER, writers),
        database=_station("PostgreSQL's processors", statements, database, _least(statements, database, at_least=1)),
        broker=_station("Valkey's one processor", rate + gets, broker, 1),
        row=_station("the operator's row of the month", 2 * rate, ROW_LOCK, 1),
    )  # fmt: skip


def _least(rate: float, service: float, *, at_least: int = LEAST) -> int:
    """Return the fewest servers that are not busier than agreed."""
    return max(at_least, math.ceil(rate * service / BUSY))


def _station(name: str, rate: float, service: float, servers: int) -> Station:
    return Station(name, servers, wait(rate=rate, service=service, servers=servers, variation=VARIATION))


def _apart(name: str, rate: float, service: float, servers: int) -> Station:
    return Station(name, servers, wait(rate=rate / servers, service=service, servers=1, variation=VARIATION))


def table() -> str:
    """Return the table as the page has it: how many, how busy, and how long one waits for them."""
    needs = [need(rate=rate) for rate in RATES]
    rows: list[tuple[str, list[object]]] = [
        (each.name, [getattr(one, field) for one in needs]) for field, each in _stations(needs[0])
    ]
    rows += [
        ("requests a second, POST and GET", [f"{one.posts * (1 + GETS_PER_POST):,.0f}" for one in needs]),
        ("processors for ours, in all", [f"{one.cores:,}" for one in needs]),
        ("memory for ours, in all", [f"{one.memory:,.1f} GB" for one in needs]),
        ("connections to PostgreSQL at most", [_connections(one.connections) for one in needs]),
        ("calls a minute; million tokens a minute", [_calls(one.rate) for one in needs]),
        ("rows of conversions a day; growth of the database", [_growth(one.rate) for one in needs]),
    ]
    head = f"| conversions a second | {' | '.join(f'{rate:,}' for rate in RATES)} |\n|---|{'---|' * len(RATES)}\n"
    return head + "".join(f"| {name} | {' | '.join(map(str, cells))} |\n" for name, cells in rows)


def _stations(one: Need) -> Iterator[tuple[str, Station]]:
    for field in ("web", "readers", "writers", "slots", "database", "broker", "row"):
        yield field, getattr(one, field)


def _connections(count: int) -> str:
    return f"{count:,}" if count <= CONNECTIONS else f"**{count:,}**: a pooler"


def _calls(rate: float) -> str:
    return f"{rate * 60:,.0f}; {_round(rate * 60 * TOKENS / 1e6)}"


def _growth(rate: float) -> str:
    return f"{_round(rate * 86_400 / 1e6)} million; {_round(rate * 86_400 * BYTES / 1e9)} GB"


def _round(number: float) -> str:
    """Return two digits of it: no more are known."""
    return f"{float(f'{number:.2g}'):,.6g}"


def _span(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def page(text: str) -> str:
    """Return the page with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def main() -> None:
    """Renew the page and print the table."""
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
    print(table(), end="")


if __name__ == "__main__":
    main()
