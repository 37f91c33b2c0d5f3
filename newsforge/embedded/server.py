"""What PostgreSQL and Valkey have in common as our children."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from newsforge.embedded.errors import DidNotStartError, DiskFullError, EmbeddedError
from newsforge.embedded.home import Home
from newsforge.embedded.leash import stop

START_SECONDS = 60.0
"""How long a server may take to answer; recovering a large database after a crash is what takes longest."""
STOP_SECONDS = 15.0
TICK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, its address, and the signals that stop it, gentlest first."""

    name: str
    process: subprocess.Popen[bytes]
    url: str
    signals: tuple[int, ...] = (signal.SIGTERM,)

    def stop(self) -> None:
        """Stop it and wait until it is gone."""
        stop(self.process, signals=self.signals, seconds=STOP_SECONDS)


def child_environment() -> dict[str, str]:
    """Return the little a server needs to know of us; no secret, and no PG… variable of the caller's."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def free_port() -> int:
    """Return a loopback TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, question: bytes = b"", answer: bytes = b"") -> bool:
    """Return whether a server listens on the loopback port and, asked ``question``, begins with ``answer``."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            if not question:
                return True
            connection.sendall(question)
            return connection.recv(len(answer), socket.MSG_WAITALL) == answer
    except OSError:
        return False


def wait_until(ready: Callable[[], bool], *, process: subprocess.Popen[bytes]) -> bool:
    """Wait until ``ready`` or the process has ended or 60 s are over, and return whether it is ready."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if ready():
            return True
        time.sleep(TICK_SECONDS)
    return False


def end_orphan(pid_file: Path, *, folder: Path, signals: Sequence[int]) -> None:
    """End the server a killed parent left in ``folder``, and remove a pid file that names somebody else.

    Only call it while holding the servers' lock: then whoever works in the folder is an orphan.
    """
    try:
        process = psutil.Process(int(pid_file.read_text("utf-8").split("\n", 1)[0]))
        ours = process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).resolve() == folder.resolve()
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return
    except psutil.AccessDenied:
        ours = False
    if ours and not _stop_alone(process, signals):
        family = [process, *process.children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=STOP_SECONDS)
    pid_file.unlink(missing_ok=True)


def _stop_alone(process: psutil.Process, signals: Sequence[int]) -> bool:
    for number in signals:
        process.send_signal(number)
        if not psutil.wait_procs([process], timeout=STOP_SECONDS)[1]:
            return True
    return False


def failure(home: Home, *, name: str, server: str, log_from: int) -> EmbeddedError:
    """Return the sentence for a server that did not start, from what it wrote to its log after ``log_from`` bytes."""
    path = home.log(name)
    with path.open("rb") as file:
        file.seek(log_from)
        said = file.read().decode("utf-8", "replace")
    if re.search(r"No space left on device|Disk quota exceeded", said):
        return DiskFullError(path=home.path)
    return DidNotStartError(server=server, reason=_reason(said), log=path)


def _reason(said: str) -> str:
    """Return the line that says why: the first fatal one, else the last, without its time stamp."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if not lines:
        return "it said nothing"
    telling = [line for line in lines if re.search(r"FATAL|PANIC|error|could not|Can't|Failed", line)]
    return re.sub(r"^.*?(FATAL|PANIC|error|ERROR): +", "", (telling or lines)[0 if telling else -1]).rstrip(".")
