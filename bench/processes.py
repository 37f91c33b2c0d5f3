"""Processes, their CPU and their memory, read from the kernel."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

PROGRAMS = {
    "embedded/web.py": "web",
    "reading@": "worker-reading",
    "writing": "worker-writing",
    "beat": "beat",
    "sweep": "sweep",
    "postgres": "PostgreSQL",
    "valkey": "Valkey",
    "supervisord": "supervisord",
}
"""Name of a program by what its command line holds; the first match wins."""


@contextmanager
def simulator(*, seconds: float) -> Iterator[str]:
    """Run the simulated provider in a process of its own and yield its address."""
    command = [sys.executable, "-m", "bench.simulator", "0", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip() if process.stdout else ''}"
        finally:
            process.terminate()


def family() -> Iterator[tuple[str, psutil.Process]]:
    """Yield every process below this one that belongs to the product, with its program's name."""
    for process in psutil.Process().children(recursive=True):
        try:
            name = program_of(process)
        except psutil.Error:
            continue
        if name:
            yield name, process


def program_of(process: psutil.Process) -> str:
    """Return the name of the program, or nothing for what is none of ours; a server's children are the server."""
    line = " ".join(process.cmdline())
    if process.name().startswith("postgres"):
        return "PostgreSQL"
    return next((name for mark, name in PROGRAMS.items() if mark in line), "")


def cpu_seconds() -> dict[tuple[str, int], float]:
    """Return the CPU seconds each process has used so far."""
    used: dict[tuple[str, int], float] = {}
    for name, process in family():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        used[name, process.pid] = float(times.user + times.system)
    return used


def cpu_since(before: Mapping[tuple[str, int], float]) -> dict[str, float]:
    """Return the CPU seconds each program has used since a reading; of a process that ended meanwhile none."""
    spent: dict[str, float] = defaultdict(float)
    for (name, pid), seconds in cpu_seconds().items():
        spent[name] += seconds - before.get((name, pid), 0.0)
    return spent


def print_memory() -> dict[str, float]:
    """Print the memory of each process and return the largest RSS of each program, in MB.

    PSS counts a page that n processes share 1/n times in each.
    """
    largest: dict[str, float] = {}
    print(f"{'Memory, MB':<32}{'RSS':>8}{'PSS':>8}")
    sums = [0.0, 0.0]
    servers: dict[str, list[float]] = {}
    for name, process in sorted(family(), key=lambda each: (each[0], each[1].pid)):
        try:
            memory = process.memory_full_info()
        except psutil.Error:
            continue
        figures = [memory.rss / 1e6, getattr(memory, "pss", memory.uss) / 1e6]
        largest[name] = max(largest.get(name, 0.0), figures[0])
        sums = [sums[0] + figures[0], sums[1] + figures[1]]
        if name in {"PostgreSQL", "Valkey"}:
            of_server = servers.setdefault(name, [0.0, 0.0, 0])
            servers[name] = [of_server[0] + figures[0], of_server[1] + figures[1], of_server[2] + 1]
            continue
        print(f"  {f'{name} ({_role(process)})':<30}{figures[0]:>8.0f}{figures[1]:>8.0f}")
    for name, (rss, pss, count) in servers.items():
        print(f"  {f'{name} ({count:.0f} processes)':<30}{rss:>8.0f}{pss:>8.0f}")
    print(f"  {'all':<30}{sums[0]:>8.0f}{sums[1]:>8.0f}")
    return largest


def _role(process: psutil.Process) -> str:
    """Return which of a program's processes it is: the one that watches has children."""
    threads = process.num_threads()
    return f"parent, {threads} threads" if process.children() else f"{threads} threads"
