"""What a service sees from outside: people and programs that ask for posts, wait for them, and look around.

``python -m bench.visitors`` takes orders on stdin and prints figures, as JSON; it is a process of its own, so that its
cost is not the product's.
"""

from __future__ import annotations

import itertools
import json
import random
import resource
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 32
BATCHES = 50
"""How many of the latest requests for posts are still looked after."""

MIX: dict[str, int] = {
    "GET conversion": 8,
    "GET batch": 4,
    "GET conversions": 2,
    "GET usage": 1,
    "GET health": 2,
    "GET page": 1,
    "GET nothing": 1,
    "POST conversions": 1,
}
"""Of twenty requests: whoever asked for posts asks a dozen times whether they are there; load balancers look in."""

PATHS = {
    "GET conversions": "/api/v1/conversions",
    "GET usage": "/api/v1/usage",
    "GET health": "/health/ready/",
    "GET page": "/",
    "GET nothing": "/no/such/page",
}


@dataclass(slots=True)
class Visitors:
    """Requests at a steady rate; what did not go out in its time because all connections waited stays unsent."""

    orders: dict[str, Any]
    statuses: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    batches: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=BATCHES))
    """Path of the batch and of one conversion in it."""
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> dict[str, Any]:
        """Send all of it and return the figures."""
        began = time.monotonic()
        threads = [threading.Thread(target=self._work, args=(began,)) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
        every = sorted(itertools.chain(*self.times.values()))
        return {
            "requests": len(every),
            "seconds": took,
            "p50_ms": every[len(every) // 2] * 1000,
            "p99_ms": every[len(every) * 99 // 100] * 1000,
            "cpu_seconds": used.ru_utime + used.ru_stime,
            "mean_ms": {kind: sum(took) / len(took) * 1000 for kind, took in sorted(self.times.items())},
            "statuses": dict(self.statuses),
        }

    def _work(self, began: float) -> None:
        address = urlsplit(self.orders["url"])
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        kinds, rate, seconds = _in_turn(), self.orders["rate"], self.orders["seconds"]
        while (number := next(self._numbers)) < rate * seconds and time.monotonic() < began + seconds:
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            kind = kinds[number % len(kinds)]
            sent = time.perf_counter()
            status = self._ask(connection, kind)
            with self._lock:
                self.statuses[status] += 1
                self.times[kind].append(time.perf_counter() - sent)
        connection.close()

    def _ask(self, connection: HTTPConnection, kind: str) -> str:
        try:
            if kind == "POST conversions" or not self.batches:
                return self._post(connection)
            batch, conversion = random.choice(self.batches)
            path = PATHS.get(kind) or {"GET batch": batch, "GET conversion": conversion}[kind]
            headers = self.orders["headers"] if path.startswith("/api") else {}
            return str(_answer(connection, "GET", path, None, headers)[0].status)
        except (OSError, HTTPException) as error:
            connection.close()
            return type(error).__name__

    def _post(self, connection: HTTPConnection) -> str:
        key = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        body = json.dumps(self.orders["body"])
        response, said = _answer(connection, "POST", "/api/v1/conversions", body, self.orders["headers"] | key)
        if response.status == 202:
            batch = urlsplit(response.headers["Location"]).path
            self.batches.append((batch, f"/api/v1/conversions/{json.loads(said)['conversions'][0]['id']}"))
        return str(response.status)


def _answer(
    connection: HTTPConnection, method: str, path: str, body: str | None, headers: dict[str, str]
) -> tuple[HTTPResponse, bytes]:
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response, response.read()


def _in_turn() -> list[str]:
    """Return the mix well stirred, and always in the same way."""
    kinds = [kind for kind, share in MIX.items() for _ in range(share)]
    random.Random(1).shuffle(kinds)
    return kinds


if __name__ == "__main__":
    print(json.dumps(Visitors(json.load(sys.stdin)).run()))
