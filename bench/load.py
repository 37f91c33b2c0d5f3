"""Load from a process of its own: ``python -m bench.load`` takes orders on stdin, prints figures, as JSON."""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
import uuid
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


def main() -> None:
    """Send ``count`` requests over ``connections`` connections and print rate, latency and statuses."""
    orders: dict[str, Any] = json.load(sys.stdin)
    address = urlsplit(orders["url"])
    body = json.dumps(orders["body"]).encode() if orders.get("body") else None
    share = orders["count"] // orders["connections"]
    times: list[float] = []
    statuses: dict[int, int] = {}
    lock = threading.Lock()

    def work() -> None:
        connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
        for _ in range(share):
            headers = dict(orders["headers"])
            if body is not None:
                headers |= {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
            began = time.perf_counter()
            connection.request(orders["method"], address.path, body, headers)
            response = connection.getresponse()
            response.read()
            took = time.perf_counter() - began
            with lock:
                times.append(took)
                statuses[response.status] = statuses.get(response.status, 0) + 1

    threads = [threading.Thread(target=work) for _ in range(orders["connections"])]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    figures = {
        "requests": len(times),
        "per_second": len(times) / took,
        "p50_ms": statistics.median(times) * 1000,
        "p95_ms": sorted(times)[int(len(times) * 0.95) - 1] * 1000,
        "statuses": statuses,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
