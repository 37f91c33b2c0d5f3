"""How many conversions are finished a second while the provider takes its time, and what one costs."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import redis
from celery import Celery

from bench.processes import cpu_seconds, cpu_since
from bench.product import LATENCY, TEXT, Product
from newsforge import embedded

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
BATCHES = 80
"""Requests of ten conversions each."""

FINISHED = """
SELECT count(*), extract(epoch FROM max(finished_at) - min(started_at)), count(*) FILTER (WHERE status = 'succeeded')
FROM conversion_logs WHERE requested_provider = 'openai'"""

IN_FLIGHT = """
SELECT max(overlapping) FROM (
    SELECT count(*) AS overlapping FROM attempts a JOIN attempts b ON b.created_at <= a.created_at
    AND b.created_at + b.latency_ms * interval '1 ms' > a.created_at
    WHERE a.provider = 'openai' AND b.provider = 'openai' GROUP BY a.id
) AS calls"""


def run(product: Product) -> None:
    """Ask for everything at once and print rate, calls in flight, and CPU by program, beside bare tasks."""
    body = {"text": TEXT, "platforms": PLATFORMS, "provider": "openai"}
    orders = {"url": f"{product.stack.url}/api/v1/conversions", "method": "POST", "body": body, "count": BATCHES}
    orders |= {"connections": 4, "headers": product.headers}
    before = cpu_seconds()
    subprocess.run([sys.executable, "-m", "bench.load"], input=json.dumps(orders), text=True, check=True, stdout=-3)
    left = product.drain(seconds=90)
    spent = cpu_since(before)
    total, seconds, succeeded = product.row(FINISHED)
    print(f"\nFinishing, provider latency {LATENCY:.0f} s: {total} asked, {succeeded} succeeded, {left} left over")
    print(f"  {succeeded / float(seconds):.0f} conversions/s in {seconds:.1f} s,", end=" ")
    print(f"most calls in flight at once: {product.row(IN_FLIGHT)[0]}")
    each = {name: used * 1000 / max(1, total) for name, used in spent.items()}
    writing = sum(used for name, used in each.items() if name != "web")
    parts = ", ".join(f"{name} {used:.1f}" for name, used in sorted(each.items(), key=lambda item: -item[1]))
    print(f"  CPU {writing:.1f} ms a conversion without accepting it ({parts})")
    floor = _floor(count=int(total))
    print(f"  the same calls from bare Celery tasks that keep nothing: CPU of the worker {floor:.1f} ms each")


def _floor(*, count: int) -> float:
    """Return the CPU of the writing workers for a task that asks the SDK and does nothing else, in ms."""
    url = (embedded.addresses() or {})["REDIS_URL"]
    counter, broker = redis.Redis.from_url(url), Celery(broker=url)
    before, end = cpu_seconds(), time.monotonic() + 90
    for _ in range(count):
        broker.send_task("bench.ask", kwargs={"text": TEXT}, queue="writing")
    while int(counter.get("bench:done") or 0) < count and time.monotonic() < end:
        time.sleep(0.5)
    return cpu_since(before)["worker-writing"] * 1000 / count
