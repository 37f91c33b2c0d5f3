"""How many conversions are finished a second while the provider takes its time, what one costs, and what a model says.

``python -m bench finish --latency 8`` lets the provider take longer: then the slots are what there is too little of.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import redis
from celery import Celery

from bench.erlang import closed_rate
from bench.processes import cpu_seconds, cpu_since
from bench.product import TEXT, Product
from bench.queueing import SLOTS
from bench.report import Line
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

STEADY = """
SELECT count(*) * 0.8 / extract(epoch FROM max(finished_at) FILTER (WHERE place <= 0.9)
    - max(finished_at) FILTER (WHERE place <= 0.1))
FROM (SELECT finished_at, cume_dist() OVER (ORDER BY finished_at) AS place
      FROM conversion_logs WHERE requested_provider = 'openai') AS ended"""
"""The rate of the middle, when the slots are full: it neither begins nor ends."""

SIZE = "SELECT pg_database_size(current_database())"

IN_FLIGHT = """
SELECT max(overlapping) FROM (
    SELECT count(*) AS overlapping FROM attempts a JOIN attempts b ON b.created_at <= a.created_at
    AND b.created_at + b.latency_ms * interval '1 ms' > a.created_at
    WHERE a.provider = 'openai' AND b.provider = 'openai' GROUP BY a.id
) AS calls"""


def run(product: Product) -> Iterator[Line]:
    """Ask for everything at once and print rate, calls in flight, and CPU by program, beside a model and bare tasks."""
    product.drain(seconds=60)
    body = {"text": TEXT, "platforms": PLATFORMS, "provider": "openai"}
    orders = {"url": f"{product.stack.url}/api/v1/conversions", "method": "POST", "body": body, "count": BATCHES}
    orders |= {"connections": 4, "headers": product.headers}
    size, before, machine, began = product.row(SIZE)[0], cpu_seconds(), psutil.cpu_times(), time.monotonic()
    subprocess.run([sys.executable, "-m", "bench.load"], input=json.dumps(orders), text=True, check=True, stdout=-3)
    left = product.drain(seconds=90)
    spent, idle, took = cpu_since(before), psutil.cpu_times().idle - machine.idle, time.monotonic() - began
    total, seconds, succeeded = product.row(FINISHED)
    steady, in_flight = float(product.row(STEADY)[0]), product.row(IN_FLIGHT)[0]
    print(f"Provider latency {product.latency:.0f} s: {total} asked, {succeeded} succeeded, {left} left over")
    print(f"  {succeeded / float(seconds):.0f} conversions/s in {seconds:.1f} s, {steady:.0f} in the middle,", end=" ")
    print(f"most calls in flight at once: {in_flight}")
    each = {name: used * 1000 / max(1, total) for name, used in spent.items()}
    writing = sum(used for name, used in each.items() if name != "web")
    parts = ", ".join(f"{name} {used:.1f}" for name, used in sorted(each.items(), key=lambda item: -item[1]))
    print(f"  the database grew by {(product.row(SIZE)[0] - size) / total / 1000:.1f} kB a conversion")
    print(f"  CPU {writing:.1f} ms a conversion without accepting it ({parts})")
    floor = _floor(count=int(total))
    print(f"  the same calls from bare Celery tasks that keep nothing: CPU of the worker {floor:.1f} ms each")
    cores = (sum(spent.values()) + idle) / took
    model = closed_rate(jobs=SLOTS, think=product.latency, service=sum(each.values()) / 1000, servers=cores)
    print(f"  {SLOTS} slots, {cores:.2f} processors that were ours or idle: the model says {model:.0f} conversions/s")
    cost = each["worker-writing"]
    yield Line(
        section="finish",
        what=f"a conversion, {product.latency:.0f} s at the provider",
        ours=cost,
        beside=floor,
        name="a bare Celery task with the same call",
        unit="writer's CPU ms",
        cpu=sum(each.values()),
    )
    yield Line(
        section="finish",
        what=f"conversions with {SLOTS} slots",
        ours=steady,
        beside=model,
        name="the queueing model",
        unit="a second",
    )


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
