"""How many conversions are finished a second while the provider takes its time, what one costs, and what a model says.

``python -m bench finish --latency 8`` lets the provider take longer: then the slots are what there is too little of.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

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

ENDED = "SELECT count(*) FROM conversion_logs WHERE requested_provider = 'openai' AND finished_at IS NOT NULL"

SIZE = "SELECT pg_database_size(current_database())"

IN_FLIGHT = """
SELECT max(overlapping) FROM (
    SELECT count(*) AS overlapping FROM attempts a JOIN attempts b ON b.created_at <= a.created_at
    AND b.created_at + b.latency_ms * interval '1 ms' > a.created_at
    WHERE a.provider = 'openai' AND b.provider = 'openai' GROUP BY a.id
) AS calls"""


SECONDS, EVERY = 90.0, 0.3
"""How long one waits for all of them, and between two looks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What stood at one moment: seconds of the clock, conversions that had ended, CPU seconds and of nobody."""

    at: float
    ended: int
    worked: float
    idle: float


@dataclass(frozen=True, slots=True)
class Steady:
    """The run while all slots are full: conversions a second, and processors that were ours or idle."""

    rate: float
    processors: float


def run(product: Product) -> Iterator[Line]:
    """Ask for everything at once and print rate, calls in flight, and CPU by program, beside a model and bare tasks."""
    product.drain(seconds=60)
    size, before = product.row(SIZE)[0], cpu_seconds()
    readings = _ask_for_all(product)
    spent = cpu_since(before)
    total, seconds, succeeded = product.row(FINISHED)
    left, steady, in_flight = total - readings[-1].ended, _middle(readings), product.row(IN_FLIGHT)[0]
    print(f"Provider latency {product.latency:.0f} s: {total} asked, {succeeded} succeeded, {left} left over")
    print(
        f"  {succeeded / float(seconds):.0f} conversions/s in {seconds:.1f} s, {steady.rate:.0f} in the middle,",
        end=" ",
    )
    print(f"most calls in flight at once: {in_flight}")
    each = {name: used * 1000 / max(1, total) for name, used in spent.items()}
    writing = sum(used for name, used in each.items() if name != "web")
    parts = ", ".join(f"{name} {used:.1f}" for name, used in sorted(each.items(), key=lambda item: -item[1]))
    print(f"  the database grew by {(product.row(SIZE)[0] - size) / total / 1000:.1f} kB a conversion")
    print(f"  CPU {writing:.1f} ms a conversion without accepting it ({parts})")
    floor = _floor(count=int(total))
    print(f"  the same calls from bare Celery tasks that keep nothing: CPU of the worker {floor:.1f} ms each")
    service = sum(each.values()) / 1000
    model = _model(product.latency, service=service, processors=steady.processors)
    cost = each["worker-writing"]
    yield Line(
        section="finish",
        what=f"a conversion, {product.latency:.0f} s at the provider",
        ours=cost,
        beside=floor,
        name="a bare Celery task with the same call",
        unit="writer's CPU ms",
        cpu=service * 1000,
    )
    yield Line(
        section="finish",
        what=f"conversions with {SLOTS} slots",
        ours=steady.rate,
        beside=model,
        name="the queueing model",
        unit="a second",
    )


def _ask_for_all(product: Product) -> list[Reading]:
    """Ask, look until all have ended or the time is over, and return what was seen."""
    body = {"text": TEXT, "platforms": PLATFORMS, "provider": "openai"}
    orders = {"url": f"{product.stack.url}/api/v1/conversions", "method": "POST", "body": body, "count": BATCHES}
    orders |= {"connections": 4, "headers": product.headers}
    end, readings = time.monotonic() + SECONDS, [_read(product)]
    load = [sys.executable, "-m", "bench.load"]
    with subprocess.Popen(load, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as asking:
        if asking.stdin:
            asking.stdin.write(json.dumps(orders))
            asking.stdin.close()
        while readings[-1].ended < BATCHES * len(PLATFORMS) and time.monotonic() < end:
            time.sleep(EVERY)
            readings.append(_read(product))
    return readings


def _read(product: Product) -> Reading:
    worked = sum(cpu_seconds().values())
    return Reading(time.monotonic(), int(product.row(ENDED)[0]), worked, psutil.cpu_times().idle)


def _middle(readings: list[Reading]) -> Steady:
    """Return the rate from the middle of the first wave of answers to the middle of the last, and what it had."""
    half = SLOTS // 2
    inside = [each for each in readings if half <= each.ended <= readings[-1].ended - half]
    first, last = inside[0], inside[-1]
    took = last.at - first.at
    processors = (last.worked - first.worked + last.idle - first.idle) / took
    return Steady((last.ended - first.ended) / took, processors)


def _model(latency: float, *, service: float, processors: float) -> float:
    """Print what the model says and return it for the processors that we had or might have had."""
    all_of_them = psutil.cpu_count() or 1
    rate, most = (
        closed_rate(jobs=SLOTS, think=latency, service=service, servers=servers)
        for servers in (processors, all_of_them)
    )
    print(
        f"  model: {rate:.0f}/s by {SLOTS} slots and the {processors:.2f} processors that were ours or idle,", end=" "
    )
    print(f"{most:.0f}/s by all {all_of_them}", flush=True)
    return rate


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
