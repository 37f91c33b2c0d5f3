"""The section ``memory``: what each process takes, and a web process that serves the same libraries bare."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import psutil

from bench.accept import BODY
from bench.processes import print_memory
from bench.product import Product
from bench.report import Line
from newsforge import embedded
from newsforge.embedded.home import ROOT

REQUESTS = 480
CONNECTIONS = 16
STARTED_SECONDS = 60.0

WEB = "granian --interface wsgi --host 127.0.0.1 --port {port} --workers 1 --blocking-threads 8 bench.bare:application"
"""As deploy/supervisor serves the product, but one process instead of two."""


def run(_: Product) -> Iterator[Line]:
    """Print the memory of all processes, and of one bare web process after some hundred requests."""
    ours = print_memory()["web"]
    bare = _bare()
    yield Line(
        section="memory", what="a web process", ours=ours, beside=bare, name="the same libraries bare", unit="MB RSS"
    )


def _bare() -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "newsforge/embedded/leash.py", *WEB.format(port=port).split()]
    environment = os.environ | (embedded.addresses() or {}) | {"MALLOC_ARENA_MAX": "2"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-3, stderr=-3) as web:
        try:
            _wait(port)
            orders: dict[str, Any] = {"url": f"http://127.0.0.1:{port}/row/", "method": "POST", "body": BODY}
            orders |= {"count": REQUESTS, "connections": CONNECTIONS, "headers": {}}
            load = [sys.executable, "-m", "bench.load"]
            done = subprocess.run(load, input=json.dumps(orders), capture_output=True, text=True, check=True)
            children = [child.memory_full_info() for child in psutil.Process(web.pid).children(recursive=True)]
            memory = max(children, key=lambda each: each.rss)
        finally:
            web.terminate()
    statuses = json.loads(done.stdout)["statuses"]
    label = "bare web of the same libraries"
    print(f"  {label:<30}{memory.rss / 1e6:>8.0f}{memory.pss / 1e6:>8.0f}   {statuses}")
    return float(memory.rss / 1e6)


def _wait(port: int) -> None:
    end = time.monotonic() + STARTED_SECONDS
    while True:
        try:
            HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/")
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return
