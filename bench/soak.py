"""Whether memory stays where it is: 200 requests a second for a minute, accepts and reads mixed, RSS of each process.

``python -m bench soak``
"""

from __future__ import annotations

import itertools
import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import psutil

from bench.processes import family
from bench.product import TEXT, Product

RATE = 200
"""Requests a second."""
SECONDS = 60
WARM_UP = 60
"""Seconds of the same load before the first reading: pools fill, caches and arenas grow to their size."""
CONNECTIONS = 16
READS = ("/api/v1/conversions", "/api/v1/usage", "/health/ready/", "/", "/no/such/page")
ACCEPT_EACH = 8
"""One request of so many asks for a post; the others read, in turn."""
EVERY = 1.0
"""Seconds between two readings of memory."""
FLAT = 1.05
SLACK = 8e6
"""A process is flat if it grew by no more than 5 %, or 8 MB."""


@dataclass(slots=True)
class Memory:
    """Resident bytes of one process."""

    name: str
    before: int
    most: int = 0
    after: int = 0

    @property
    def is_flat(self) -> bool:
        """Tell whether it takes in the end what it took in the beginning."""
        return self.after <= max(self.before * FLAT, self.before + SLACK)


@dataclass(slots=True)
class Load:
    """Requests at a steady rate; whoever falls behind sends at once, and what did not go out in time stays unsent."""

    product: Product
    rate: int
    seconds: float
    statuses: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> float:
        """Send all of it and return the seconds it took."""
        began = time.monotonic()
        threads = [threading.Thread(target=self._work, args=(began,)) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def _work(self, began: float) -> None:
        address = urlsplit(self.product.stack.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        while (number := next(self._numbers)) < self.rate * self.seconds and time.monotonic() < began + self.seconds:
            time.sleep(max(0.0, began + number / self.rate - time.monotonic()))
            sent = time.perf_counter()
            status = self._ask(connection, number)
            with self._lock:
                self.statuses[status] += 1
                self.times.append(time.perf_counter() - sent)
        connection.close()

    def _ask(self, connection: HTTPConnection, number: int) -> str:
        try:
            if number % ACCEPT_EACH == 0:
                key = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
                body = json.dumps({"text": TEXT, "platforms": ["x"], "provider": "extractive"})
                connection.request("POST", "/api/v1/conversions", body, self.product.headers | key)
            else:
                path = READS[number % len(READS)] if (number + 1) % RATE else "/metrics"  # a scrape a second
                headers = self.product.headers if path.startswith("/api") else {}
                connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            return type(error).__name__
        return str(response.status)


def run(product: Product) -> None:
    """Print what each process took before, at most and after."""
    Load(product, RATE, WARM_UP).run()
    memories = {process.pid: Memory(name, process.memory_info().rss) for name, process in family()}
    load, over = Load(product, RATE, SECONDS), threading.Event()
    watch = threading.Thread(target=_watch, args=(memories, over))
    watch.start()
    try:
        took = load.run()
    finally:
        over.set()
        watch.join()
    left = product.drain(seconds=120)
    _read(memories)
    total, times = sum(load.statuses.values()), sorted(load.times)
    print(f"\nSoak: {total} requests in {took:.0f} s, {total / took:.0f} of {RATE} a second: {dict(load.statuses)}")
    print(
        f"  p50 {times[total // 2] * 1000:.0f} ms, p99 {times[total * 99 // 100] * 1000:.0f} ms; {left} jobs left over"
    )
    print(f"\n{'RSS, MB':<32}{'before':>8}{'most':>8}{'after':>8}")
    for memory in sorted(memories.values(), key=lambda each: each.name):
        if memory.after:
            figures = "".join(f"{value / 1e6:>8.0f}" for value in (memory.before, memory.most, memory.after))
            print(f"  {memory.name:<30}{figures}  {'flat' if memory.is_flat else 'GREW'}")


def _watch(memories: dict[int, Memory], over: threading.Event) -> None:
    while not over.wait(EVERY):
        _read(memories)


def _read(memories: dict[int, Memory]) -> None:
    """Read the processes that were there in the beginning; one that was replaced has no ``after`` of its own."""
    for pid, memory in memories.items():
        try:
            memory.after = psutil.Process(pid).memory_info().rss
        except psutil.Error:
            memory.after = 0
        memory.most = max(memory.most, memory.after)
