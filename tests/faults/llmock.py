"""The provider simulator llmock as a process of its own, on the loopback."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BOOT_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Llmock:
    """A running simulator."""

    port: int

    @property
    def openai_url(self) -> str:
        """Return what OPENAI_BASE_URL would be."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def anthropic_url(self) -> str:
        """Return what ANTHROPIC_BASE_URL would be."""
        return f"http://127.0.0.1:{self.port}/anthropic"

    def script(self, *behaviors: dict[str, Any]) -> None:
        """Forget everything, then do this with the next requests."""
        self._call("POST", "reset")
        if behaviors:
            self._call("POST", "scenario", {"behaviors": list(behaviors)})

    def requests(self) -> list[dict[str, Any]]:
        """Return what was asked since the last script."""
        found: list[dict[str, Any]] = self._call("GET", "requests")["requests"]
        return found

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/_llmock/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own process
            return json.loads(answer.read())


@contextlib.contextmanager
def llmock() -> Iterator[Llmock]:
    """Run the simulator until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "llmock.cli", "serve", "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        running = Llmock(port=port)
        _wait_for(running, process)
        yield running
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(running: Llmock, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"llmock ended with {process.returncode}")
        with contextlib.suppress(urllib.error.URLError):
            running.script()
            return
        time.sleep(0.1)
    raise TimeoutError("llmock did not start")
