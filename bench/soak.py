"""Whether memory stays where it is: 200 requests a second for a minute, what a service sees, RSS of each process.

``python -m bench soak``
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil

from bench.processes import cpu_seconds, cpu_since, family
from bench.product import TEXT, Product
from bench.report import Line

RATE = 200
"""Requests a second."""
SECONDS = 60
WARM_UP = 60
"""Seconds of the same load before the first reading: pools fill, caches and arenas grow to their size."""
EVERY = 1.0
"""Seconds between two readings of memory."""
FLAT = 1.05
SLACK = 8e6
"""A process is flat if it grew by no more than 5 %, or 8 MB."""
KEPT_UP = 0.98
"""Of the rate, that counts as the rate."""


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


def run(product: Product) -> Iterator[Line]:
    """Print what was sent, what it cost whom, and what memory each process took before, at most and after."""
    _visit(product, WARM_UP)
    memories = {process.pid: Memory(name, process.memory_info().rss) for name, process in family()}
    over, cpu, idle = threading.Event(), cpu_seconds(), psutil.cpu_times().idle
    watch = threading.Thread(target=_watch, args=(memories, over))
    watch.start()
    try:
        figures = _visit(product, SECONDS)
        spent, idle = cpu_since(cpu), psutil.cpu_times().idle - idle
    finally:
        over.set()
        watch.join()
    left = product.drain(seconds=120)
    _read(memories)
    _print_load(figures, left)
    _print_cpu(figures, spent, idle)
    _print_memory(memories)
    p99, work = figures["p99_ms"], sum(spent.values()) * 1000 / figures["requests"]
    rate = figures["requests"] / figures["seconds"]
    yield Line(section="soak", what="requests", ours=rate, beside=RATE, name="asked for", unit="a second", cpu=work)
    yield Line(section="soak", what="99 % of them within", ours=p99, beside=None, name="nothing", unit="ms")


def _visit(product: Product, seconds: float) -> dict[str, Any]:
    body = {"text": TEXT, "platforms": ["x"], "provider": "extractive"}
    orders = {"url": product.stack.url, "headers": product.headers, "body": body, "rate": RATE, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "bench.visitors"], input=json.dumps(orders), capture_output=True, text=True, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _print_load(figures: dict[str, Any], left: int) -> None:
    requests, took = figures["requests"], figures["seconds"]
    rate = requests / took
    word = "kept up" if rate >= RATE * KEPT_UP else "DID NOT KEEP UP"
    print(f"Soak: {requests} requests in {took:.0f} s, {rate:.0f} of {RATE} a second, {word}: {figures['statuses']}")
    print(f"  p50 {figures['p50_ms']:.0f} ms, p99 {figures['p99_ms']:.0f} ms; {left} jobs left over")
    print("  mean ms: " + ", ".join(f"{kind} {value:.0f}" for kind, value in figures["mean_ms"].items()))


def _print_cpu(figures: dict[str, Any], spent: dict[str, float], idle: float) -> None:
    """Print who used the processors: what is neither ours nor the visitors' is somebody else's on this machine."""
    available = figures["seconds"] * (os.cpu_count() or 1)
    rows = {**spent, "visitors (not the product)": figures["cpu_seconds"]}
    rows |= {"others on this machine": max(0.0, available - idle - sum(rows.values())), "idle": idle}
    print(f"\n{'CPU':<32}{'s':>8}{'%':>8}{'ms/request':>12}")
    for name, seconds in rows.items():
        each = seconds * 1000 / figures["requests"]
        print(f"  {name:<30}{seconds:>8.1f}{seconds * 100 / available:>8.0f}{each:>12.2f}")


def _print_memory(memories: dict[int, Memory]) -> None:
    print(f"\n{'RSS, MB':<32}{'before':>8}{'most':>8}{'after':>8}")
    for memory in sorted(memories.values(), key=lambda each: each.name):
        if memory.after:
            values = "".join(f"{value / 1e6:>8.0f}" for value in (memory.before, memory.most, memory.after))
            print(f"  {memory.name:<30}{values}  {'flat' if memory.is_flat else 'GREW'}")


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
