"""How fast requests are accepted, beside two views of the same server: one does nothing, one writes a row."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench.database import cpu_by_client, cpu_of
from bench.processes import cpu_seconds, cpu_since
from bench.product import TEXT, Product
from bench.report import Line
from newsforge.embedded.client import Client

REQUESTS = 160
ROUNDS = 4
SECONDS = 35.0
"""For each number of connections, after which no other round begins: on a busy machine one has to do."""
BODY = {"text": TEXT, "platforms": ["x"], "provider": "extractive"}


def run(product: Product) -> Iterator[Line]:
    """Print requests per second and CPU per request at 1 and at 16 connections, the best of a few rounds."""
    batch = Client(product.stack.url, product.stack.login.token).convert(BODY)
    asked_for: dict[str, tuple[str, str, object]] = {
        "bare view": ("GET", "/bare/", None),
        "one row, nothing else": ("POST", "/floor/", BODY),
        "GET batch": ("GET", f"/api/v1/batches/{batch}", None),
        "POST conversions": ("POST", "/api/v1/conversions", BODY),
    }  # they take turns in a round
    product.drain(seconds=60)
    print("Accepting: auth, quota, idempotency, durable rows; CPU in ms of a request")
    print(f"{'':<52}req/s  p50 ms  p95 ms     web  PostgreSQL  Valkey")
    for connections in (1, 16):
        rounds: list[list[dict[str, Any]]] = []
        end = time.monotonic() + SECONDS
        while not rounds or (len(rounds) < ROUNDS and time.monotonic() < end):
            rounds.append([_load(product, *asked, connections) for asked in asked_for.values()])
        best = [min(figures, key=lambda each: each["cpu_ms"]) for figures in zip(*rounds, strict=True)]
        many = f"{connections} connection{'s' if connections > 1 else ''}"
        for name, figures in zip(asked_for, best, strict=True):
            _print(f"{name}, {many}", figures)
        _, row, _, post = best
        yield Line(
            section="accept",
            what=f"POST conversions, {many}",
            ours=post["cpu_ms"],
            beside=row["cpu_ms"],
            name="one row by REST framework and the ORM",
            unit="web CPU ms",
            cpu=post["cpu_ms"] + post["database_ms"],
        )


def _print(name: str, figures: dict[str, Any]) -> None:
    clock = f"{figures['per_second']:>7.0f}{figures['p50_ms']:>8.1f}{figures['p95_ms']:>8.1f}"
    cpu = f"{figures['cpu_ms']:>8.2f}{figures['database_ms']:>12.2f}{figures['broker_ms']:>8.2f}"
    print(f"  {name:<48}{clock}{cpu}   {figures['statuses']}", flush=True)


def _load(product: Product, method: str, path: str, body: object, connections: int) -> dict[str, Any]:
    headers = product.headers if path.startswith("/api/") else {}
    orders = {"url": product.stack.url + path, "method": method, "headers": headers, "body": body}
    orders |= {"count": REQUESTS, "connections": connections}
    before, database = cpu_seconds(), cpu_by_client(product)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(orders), capture_output=True, text=True, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    spent = cpu_since(before)
    figures["cpu_ms"], figures["broker_ms"] = (spent[name] * 1000 / figures["requests"] for name in ("web", "Valkey"))
    figures["database_ms"] = cpu_of("web", database, cpu_by_client(product)) * 1000 / figures["requests"]
    product.drain(seconds=60)
    return figures
