"""How fast requests are accepted, beside two views of the same server: one does nothing, one writes a row."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from bench.processes import cpu_seconds, cpu_since
from bench.product import TEXT, Product

REQUESTS = 160
ROUNDS = 4
SECONDS = 40.0
"""For each number of connections, after which no other round begins: on a busy machine one has to do."""
BODY = {"text": TEXT, "platforms": ["x"], "provider": "extractive"}
ASKED: dict[str, tuple[str, str, object]] = {
    "bare view": ("GET", "/bare/", None),
    "one row, nothing else": ("POST", "/floor/", BODY),
    "POST conversions": ("POST", "/api/v1/conversions", BODY),
}
"""What takes turns in a round: method, path, body."""


def run(product: Product) -> None:
    """Print requests per second and CPU per request at 1 and at 16 connections, the best of a few rounds."""
    print(f"\n{'Accepting (auth, quota, idempotency, durable rows)':<52}req/s  p50 ms  p95 ms  web CPU ms/request")
    for connections in (1, 16):
        rounds: list[list[dict[str, Any]]] = []
        end = time.monotonic() + SECONDS
        while not rounds or (len(rounds) < ROUNDS and time.monotonic() < end):
            rounds.append([_load(product, *asked, connections) for asked in ASKED.values()])
        best = [min(figures, key=lambda each: each["cpu_ms"]) for figures in zip(*rounds, strict=True)]
        for name, figures in zip(ASKED, best, strict=True):
            label = f"  {name}, {connections} connection{'s' if connections > 1 else ''}"
            print(
                f"{label:<50}{figures['per_second']:>7.0f}{figures['p50_ms']:>8.1f}{figures['p95_ms']:>8.1f}"
                f"{figures['cpu_ms']:>12.2f}   {figures['statuses']}"
            )
        print(f"  CPU of a POST to that of one row by REST framework and the ORM: {_ratio(best):.1f}")


def _ratio(best: list[dict[str, Any]]) -> float:
    return float(best[-1]["cpu_ms"] / best[-2]["cpu_ms"])


def _load(product: Product, method: str, path: str, body: object, connections: int) -> dict[str, Any]:
    headers = product.headers if body else {}
    orders = {"url": product.stack.url + path, "method": method, "headers": headers, "body": body}
    orders |= {"count": REQUESTS, "connections": connections}
    before = cpu_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(orders), capture_output=True, text=True, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    figures["cpu_ms"] = cpu_since(before)["web"] * 1000 / figures["requests"]
    product.drain(seconds=60)
    return figures
