"""What a writing worker takes of memory, in threads and in forked processes: why it runs in threads."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import psutil

from bench.product import Product
from bench.report import Line
from newsforge import embedded

IN_FLIGHT = 200
"""Calls to providers that are to wait at the same time on one host."""
CHILDREN = 16
"""Forked for the measurement; the rest is multiplied."""
SECONDS = 60.0


def run(_: Product) -> Iterator[Line]:
    """Print the PSS of both kinds of worker, at rest: forked children share most then, so this flatters them."""
    threads = _measured("threads", IN_FLIGHT)[0]
    parent, child = _measured("prefork", CHILDREN)
    print(f"A writing worker for {IN_FLIGHT} calls in flight, MB PSS, at rest")
    prefork = parent + child * IN_FLIGHT
    print(f"  threads: {threads:.0f}")
    print(f"  prefork: {prefork:.0f} ({parent:.0f} and {child:.1f} for each of {IN_FLIGHT} children)")
    what = f"a writer for {IN_FLIGHT} calls, threads"
    yield Line(section="pools", what=what, ours=threads, beside=prefork, name="prefork", unit="MB PSS")


def _measured(pool: str, concurrency: int) -> tuple[float, float]:
    """Return the PSS of a worker, and the USS of a child on average, which does not change with their number."""
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "-A", "newsforge", "worker", "--queues", "nothing"),
        *("--pool", pool, "--concurrency", str(concurrency), "--hostname", f"{pool}@%h", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
    ]
    environment = {**os.environ, **(embedded.addresses() or {})}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log) as worker,
    ):
        try:
            _wait_until_ready(log.fileno())
            process = psutil.Process(worker.pid)
            children = [each.memory_full_info().uss / 1e6 for each in process.children()]
            memory = process.memory_full_info()
            return getattr(memory, "pss", memory.uss) / 1e6, sum(children) / max(1, len(children))
        finally:
            worker.terminate()


def _wait_until_ready(log: int) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and b" ready." not in os.pread(log, 1_000_000, 0):
        time.sleep(0.5)
    time.sleep(2)
