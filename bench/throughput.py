"""How fast requests are accepted and conversions finished, on the real stack: web, queue, workers, both servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg

from newsforge import embedded
from newsforge.embedded.stack import Stack, stack_running

PLATFORMS = [
    "x",
    "threads",
    "bluesky",
    "mastodon",
    "linkedin",
    "instagram",
    "facebook",
    "kakao",
    "naver_blog",
    "youtube",
]
TEXT = (
    "Suwon opens a 24-hour library for night-shift workers\n"
    "Suwon opened a library on Monday that never closes. The city spent 2.4 billion won on the four-storey building. "
    "It holds 38,000 books. The city expects 1,200 visitors a day. Residents may borrow seven books for fourteen days."
)
IN_FLIGHT = """
SELECT max(overlapping) FROM (
    SELECT count(*) AS overlapping FROM attempts a JOIN attempts b ON b.created_at <= a.created_at
    AND b.created_at + b.latency_ms * interval '1 ms' > a.created_at
    WHERE a.provider = 'openai' AND b.provider = 'openai' GROUP BY a.id
) AS calls"""

LATENCY = 2.0
"""Seconds the simulated provider takes."""


def run() -> None:
    """Print the figures; everything runs in a home of its own and is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="newsforge-bench-") as home, simulator() as address:
        os.environ |= {
            "NEWSFORGE_HOME": home,
            "OPENAI_API_KEY": "sk-bench",
            "OPENAI_BASE_URL": f"{address}/v1",
            "NEWSFORGE_BURST_PER_MINUTE": "1000000",
            "NEWSFORGE_BURST_SIZE": "100000",
        }
        with stack_running() as stack:
            addresses = embedded.addresses(home) or {}
            with psycopg.connect(addresses["DATABASE_URL"], autocommit=True) as database:
                database.execute("UPDATE users SET api_quota_daily = 1000000")
                accept(stack)
                drain(database, "extractive")
                finish(stack, database)
            memory()


@contextmanager
def simulator() -> Iterator[str]:
    """Run the simulated provider and yield its address."""
    command = [sys.executable, "-m", "bench.simulator", "0", str(LATENCY)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip() if process.stdout else ''}"
    finally:
        process.terminate()
        process.wait()


def accept(stack: Stack) -> None:
    """Measure POST /api/v1/conversions beside the barest view of the same server."""
    print("\nAccepting (auth, quota, idempotency, durable rows)   req/s  p50 ms  p95 ms  CPU ms/request")
    body = {"text": TEXT, "platforms": ["x"], "provider": "extractive"}
    headers = {"Authorization": f"Bearer {stack.login.token}"}
    for connections in (1, 16):
        bare = _load(stack, "GET", "/health/live/", {}, None, connections)
        ours = _load(stack, "POST", "/api/v1/conversions", headers, body, connections)
        for name, figures in (("bare view", bare), ("POST conversions", ours)):
            label = f"  {name}, {connections} connection{'s' if connections > 1 else ''}"
            print(
                f"{label:<52}{figures['per_second']:>6.0f}{figures['p50_ms']:>8.1f}{figures['p95_ms']:>8.1f}"
                f"{figures['cpu_ms']:>10.2f}   {figures['statuses']}"
            )
        print(f"  ratio of CPU, POST to bare view: {ours['cpu_ms'] / bare['cpu_ms']:.1f}")


def _load(
    stack: Stack, method: str, path: str, headers: dict[str, str], body: object, connections: int
) -> dict[str, Any]:
    orders = {"url": stack.url + path, "method": method, "headers": headers, "body": body}
    orders |= {"count": 320, "connections": connections}
    web = _processes("granian")
    before = sum(_cpu(process) for process in web)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(orders), capture_output=True, text=True, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    figures["cpu_ms"] = (sum(_cpu(process) for process in web) - before) * 1000 / figures["requests"]
    return figures


def drain(database: psycopg.Connection[Any], provider: str) -> None:
    """Wait until everything asked for so far has ended."""
    end = time.monotonic() + 120
    open_rows = "SELECT count(*) FROM conversion_logs WHERE status IN ('pending', 'processing')"
    while (row := database.execute(open_rows).fetchone()) and row[0] and time.monotonic() < end:
        time.sleep(0.5)
    print(f"  left over from accepting ({provider}): {row[0] if row else '?'}")


def finish(stack: Stack, database: psycopg.Connection[Any], batches: int = 60) -> None:
    """Measure conversions finished a second, with a provider that takes its time."""
    body = {"text": TEXT, "platforms": PLATFORMS, "provider": "openai"}
    orders = {"url": f"{stack.url}/api/v1/conversions", "method": "POST", "body": body, "count": batches}
    orders |= {"connections": 4, "headers": {"Authorization": f"Bearer {stack.login.token}"}}
    workers = [*_processes("celery"), *_processes("postgres"), *_processes("valkey")]
    before = sum(_cpu(process) for process in workers)
    subprocess.run([sys.executable, "-m", "bench.load"], input=json.dumps(orders), text=True, check=True, stdout=-3)
    drain(database, "openai")
    row = database.execute(
        "SELECT count(*), extract(epoch FROM max(finished_at) - min(started_at)), count(*) FILTER (WHERE status = "
        "'succeeded') FROM conversion_logs WHERE requested_provider = 'openai'"
    ).fetchone()
    total, seconds, succeeded = row or (0, 1, 0)
    flight = database.execute(IN_FLIGHT).fetchone()
    cpu = (sum(_cpu(process) for process in workers) - before) * 1000 / max(1, total)
    print(
        f"\nFinishing, provider latency {LATENCY:.0f} s: {total} conversions, {succeeded} succeeded, in {seconds:.1f} s"
    )
    print(f"  {total / float(seconds):.0f} conversions/s, most in flight at once {flight[0] if flight else '?'}")
    print(f"  CPU {cpu:.1f} ms a conversion (workers and both servers)")


def memory() -> None:
    """Print the resident memory of each process."""
    print("\nResident memory, MB")
    for name in ("granian", "celery"):
        for process in _processes(name):
            print(f"  {process.memory_info().rss / 1e6:>6.0f}  {' '.join(process.cmdline()[1:6])[:90]}")


def _processes(name: str) -> list[psutil.Process]:
    family = psutil.Process().children(recursive=True)
    return [each for each in family if name in " ".join(each.cmdline()) and each.status() != psutil.STATUS_ZOMBIE]


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
