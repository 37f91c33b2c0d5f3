"""How much memory and CPU our processes on this host take, read from the kernel at the moment of the question."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings
from prometheus_client.core import GaugeMetricFamily, Metric

from monitoring.heartbeats import HOST
from monitoring.models import Heartbeat

BORN_AFTER = 2.0
"""Seconds: a process that began so much later than a heartbeat was heard has only inherited its number."""


@dataclass(slots=True)
class Usage:
    """What the processes of one program take together; ``memory`` is resident, so that shared pages count in each."""

    processes: int = 0
    memory: int = 0
    cpu: float = 0.0


_lock = threading.Lock()
_seen: dict[tuple[int, float], tuple[float, float]] = {}
"""By process id and birth: when this process looked at it last, and the CPU seconds it had used."""


def families(beats: Iterable[Heartbeat]) -> Iterator[Metric]:
    """Yield what the living of these processes take, and what this host has left."""
    memory = GaugeMetricFamily("newsforge_memory_usage_bytes", "Resident memory of a program.", labels=["program"])
    cpu = GaugeMetricFamily(
        "newsforge_cpu_usage_percent", "CPU a program takes, 100 is one core, since this was asked last.",
        labels=["program"],
    )  # fmt: skip
    count = GaugeMetricFamily("newsforge_processes", "Living processes of a program.", labels=["program"])
    connections = GaugeMetricFamily("newsforge_active_connections", "Connections to the web processes of this host.")
    living = [(beat, process) for beat in beats if (process := _process(beat)) is not None]
    for program, usage in sorted(_usage(living).items()):
        memory.add_metric([program], usage.memory)
        cpu.add_metric([program], usage.cpu)
        count.add_metric([program], usage.processes)
    connections.add_metric([], sum(_connections(process) for beat, process in living if beat.kind == "web"))
    yield from (memory, cpu, count, connections)
    yield from _host()


def program_of(beat: Heartbeat) -> str:
    """Return what a process belongs to: web, beat, sweep, or the name its worker was started under."""
    return beat.name.partition("@")[0] if beat.kind == "worker" else beat.kind


def _host() -> Iterator[Metric]:
    home = Path(settings.HOME)
    disk = psutil.disk_usage(str(home if home.exists() else "/")).percent
    for name, text, value in (
        ("newsforge_host_memory_usage_percent", "Memory of this host in use.", psutil.virtual_memory().percent),
        ("newsforge_host_disk_usage_percent", "Disk with our state in use.", disk),
        ("newsforge_host_cpu_usage_percent", "CPU of this host in use, 100 is all cores, since asked last.", _busy()),
    ):
        yield GaugeMetricFamily(name, text, value=value)


def _process(beat: Heartbeat) -> psutil.Process | None:
    """Return the process that beats, if it is of this host and still that one."""
    if beat.details.get("host") != HOST:
        return None
    try:
        process = psutil.Process(int(beat.details["pid"]))
        is_dead = process.status() == psutil.STATUS_ZOMBIE
        return None if is_dead or process.create_time() > beat.seen_at.timestamp() + BORN_AFTER else process
    except (psutil.Error, KeyError, ValueError):
        return None


def _usage(living: list[tuple[Heartbeat, psutil.Process]]) -> dict[str, Usage]:
    found: dict[str, Usage] = defaultdict(Usage)
    asked: set[tuple[int, float]] = set()
    for beat, process in living:
        usage = found[program_of(beat)]
        for member in _family(process):
            try:
                key, cpu, resident = (member.pid, member.create_time()), _cpu(member), member.memory_info().rss
            except psutil.Error:  # it ended meanwhile
                continue
            asked.add(key)
            usage.processes += 1
            usage.memory += resident
            usage.cpu += cpu
    with _lock:
        for key in [key for key in _seen if key not in asked and key != HOST_KEY]:
            del _seen[key]
    return found


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return _rate((process.pid, process.create_time()), times.user + times.system, process.create_time())


HOST_KEY = (0, 0.0)


def _busy() -> float:
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    cores = psutil.cpu_count() or 1
    return min(100.0, max(0.0, 100.0 - _rate(HOST_KEY, idle, psutil.boot_time()) / cores))


def _rate(key: tuple[int, float], used: float, born: float) -> float:
    """Return CPU seconds per 100 s since the last question; since the birth if there was none."""
    now = time.time()
    with _lock:
        since, before = _seen.get(key, (born, 0.0))
        _seen[key] = (now, used)
    return 100 * max(0.0, used - before) / (now - since) if now > since else 0.0


def _connections(process: psutil.Process) -> int:
    """Return how many clients are connected to where this process listens."""
    try:
        sockets = process.net_connections(kind="tcp")
    except psutil.Error:
        return 0
    ports = {each.laddr.port for each in sockets if each.status == psutil.CONN_LISTEN}
    return sum(each.status == psutil.CONN_ESTABLISHED and each.laddr.port in ports for each in sockets)
