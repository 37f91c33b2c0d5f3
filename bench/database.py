"""What the database works for whom: the CPU of each backend under the program that is connected to it."""

from __future__ import annotations

from collections.abc import Mapping

import psutil

from bench.processes import family
from bench.product import Product

BACKENDS = "SELECT pid || ':' || client_port FROM pg_stat_activity WHERE client_port > 0"


def cpu_by_client(product: Product) -> dict[tuple[str, int], float]:
    """Return the CPU seconds each backend has used so far, under the program that is connected to it."""
    ports = {
        each.laddr.port: name
        for name, process in family()
        if name not in {"PostgreSQL", "Valkey"}
        for each in process.net_connections("tcp")
        if each.status == psutil.CONN_ESTABLISHED
    }
    used = {}
    for (pair,) in product.database.execute(BACKENDS):
        pid, port = map(int, pair.split(":"))
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            continue
        used[ports.get(port, "nobody of ours"), pid] = float(times.user + times.system)
    return used


def cpu_of(program: str, before: Mapping[tuple[str, int], float], after: Mapping[tuple[str, int], float]) -> float:
    """Return the CPU seconds that backends have used for a program between two readings."""
    return sum(used - before.get(key, 0.0) for key, used in after.items() if key[0] == program)
