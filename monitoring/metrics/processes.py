"""How much memory and CPU our processes on this host take, read from the kernel at the moment of the question."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from prometheus_client.core import GaugeMetricFamily, Metric

from monitoring.heartbeats import HOST
from monitoring.measuring import disk_percent
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
    connections.add_metric([], _connections([process for beat, process in living if beat.kind == "web"]))
    yield from (memory, cpu, count, connections)
    yield from _host()


def program_of(beat: Heartbeat) -> str:
    """Return what a process belongs to: web, beat, sweep, or the name its worker was started under."""
    return beat.name.partition("@")[0] if beat.kind == "worker" else beat.kind


def _host() -> Iterator[Metric]:
    for name, text, value in (
        ("newsforge_host_memory_usage_percent", "Memory of this host in use.", psutil.virtual_memory().percent),
        ("newsforge_host_disk_usage_percent", "Disk with our state in use.", disk_percent()),
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
    children = _children()
    asked: set[tuple[int, float]] = set()
    for beat, process in living:
        usage = found[program_of(beat)]
        for member in _family(process, children):
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


def _children() -> dict[int, list[psutil.Process]]:
    """Return the children of every process, by one walk over all of them."""
    found: dict[int, list[psutil.Process]] = defaultdict(list)
    for process in psutil.process_iter():
        try:
            found[process.ppid()].append(process)
        except psutil.Error:  # it ended meanwhile
            continue
    return found


def _family(process: psutil.Process, children: dict[int, list[psutil.Process]]) -> list[psutil.Process]:
    below = [member for child in children.get(process.pid, []) for member in _family(child, children)]
    return [process, *below]


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


_ports: dict[tuple[int, float], frozenset[int]] = {}
"""Where each web process listens, by its id and birth: to ask the kernel for that takes milliseconds."""


def _connections(web: list[psutil.Process]) -> int:
    """Return how many clients are connected to where these processes listen."""
    known: dict[tuple[int, float], frozenset[int]] = {}
    for process in web:
        try:
            key = (process.pid, process.create_time())
            known[key] = _ports.get(key) or _listened_at(process)
        except psutil.Error:
            continue
    with _lock:
        _ports.clear()
        _ports.update(known)
    return _established(frozenset().union(*known.values()))


def _listened_at(process: psutil.Process) -> frozenset[int]:
    sockets = process.net_connections(kind="tcp")
    return frozenset(each.laddr.port for each in sockets if each.status == psutil.CONN_LISTEN)


def _established(ports: frozenset[int]) -> int:
    """Count in the kernel's own tables; psutil would make an object of every socket of this host."""
    if not ports:
        return 0
    at = "|".join(f"{port:04X}" for port in ports)
    line = re.compile(rf"^ *\d+: [0-9A-F]+:(?:{at}) [0-9A-F]+:[0-9A-F]{{4}} 01 ", re.MULTILINE)
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    return sum(len(line.findall(table.read_text("ascii"))) for table in tables if table.exists())
