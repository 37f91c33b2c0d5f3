"""How fast requests are accepted, beside a view of the same server that does nothing."""

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


def run(product: Product) -> None:
    """Print requests per second and CPU per request at 1 and at 16 connections, the best of a few rounds."""
    print(f"\n{'Accepting (auth, quota, idempotency, durable rows)':<52}req/s  p50 ms  p95 ms  web CPU ms/request")
    for connections in (1, 16):
        rounds: list[tuple[dict[str, Any], dict[str, Any]]] = []
        end = time.monotonic() + SECONDS
        while not rounds or (len(rounds) < ROUNDS and time.monotonic() < end):
            bare = _load(product, "GET", "/bare/", None, connections)
            rounds.append((bare, _load(product, "POST", _POSTS, BODY, connections)))
        bare, ours = (min((pair[side] for pair in rounds), key=lambda each: each["cpu_ms"]) for side in (0, 1))
        for name, figures in (("bare view", bare), ("POST conversions", ours)):
            label = f"  {name}, {connections} connection{'s' if connections > 1 else ''}"
            print(
                f"{label:<50}{figures['per_second']:>7.0f}{figures['p50_ms']:>8.1f}{figures['p95_ms']:>8.1f}"
                f"{figures['cpu_ms']:>12.2f}   {figures['statuses']}"
            )
        print(f"  CPU of a POST to that of the bare view: {ours['cpu_ms'] / bare['cpu_ms']:.1f}")


_POSTS = "/api/v1/conversions"


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
