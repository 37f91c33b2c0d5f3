"""supervisord as our child, and what it says of the processes it keeps up."""

from __future__ import annotations

import signal
import subprocess
import sys
import xmlrpc.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from newsforge.embedded.errors import PathTooLongError, ProgramEndedError, telling_line
from newsforge.embedded.home import ROOT, Home
from newsforge.embedded.leash import Streams, start, stop

CONFIGURATION = ROOT / "deploy/supervisor/newsforge.conf"
LONGEST_SOCKET_PATH = 107
"""Bytes: sun_path holds 108 with its final zero, unix(7)."""
DRAFT_SUFFIX = 20
"""supervisord binds a socket with its process id at the end first, and renames it."""
LIVES = 2
"""How often a program may be started before we call it dead: the first start, and one more."""
STOP_SECONDS = 40.0
"""Longer than the longest stopwaitsecs of the configuration."""


@dataclass(frozen=True, slots=True)
class Supervision:
    """A running supervisord, and the process ids each program has had while we looked."""

    home: Home
    process: subprocess.Popen[bytes]
    lives: dict[str, set[int]] = field(default_factory=dict)

    def programs(self) -> dict[int, str]:
        """Return the name of each program by its process id; {} while supervisord does not answer yet.

        :raises ProgramEndedError: if a program does not stay up, or supervisord itself has ended.
        """
        self.check_up()
        running: dict[int, str] = {}
        for info in self._ask():
            name, pid = str(info["name"]), int(info["pid"])
            lives = self.lives.setdefault(name, set())
            if pid:
                running[pid] = name
                lives.add(pid)
            if info["statename"] == "FATAL" or len(lives) > LIVES:
                raise self._ended(name)
        return running

    def check_up(self) -> None:
        """See that supervisord itself is there; restarting the programs is its own affair.

        :raises ProgramEndedError: if it has ended.
        """
        if self.process.poll() is not None:
            raise self._ended("supervisord")

    def _ask(self) -> list[dict[str, Any]]:
        transport = SupervisorTransport(serverurl=f"unix://{socket_path(self.home.path)}")
        try:
            said = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor.getAllProcessInfo()
        except (OSError, HTTPException, xmlrpc.client.Error):
            return []
        finally:
            transport.close()
        return [dict(info) for info in said if isinstance(info, dict)] if isinstance(said, list) else []

    def _ended(self, program: str) -> ProgramEndedError:
        path = self.home.log(program)
        said = path.read_text("utf-8", "replace") if path.exists() else ""
        return ProgramEndedError(program=program, reason=telling_line(said), log=path)


def socket_path(home: Path) -> Path:
    """Return where supervisord of this home is spoken to."""
    return home / "run/supervisor.sock"


@contextmanager
def supervised(home: Home, environment: Mapping[str, str]) -> Iterator[Supervision]:
    """Run the processes of the configuration for the block, and stop them at its end.

    :raises PathTooLongError: if the home's path is too long for a socket.
    """
    path = socket_path(home.path)
    if len(bytes(path)) > LONGEST_SOCKET_PATH - DRAFT_SUFFIX:
        raise PathTooLongError(path=path, limit=LONGEST_SOCKET_PATH - DRAFT_SUFFIX)
    with home.open_log("supervisord") as log:
        process = start(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(CONFIGURATION)],
            folder=ROOT,
            streams=Streams(output=log),
            environment=environment,
        )
    try:
        yield Supervision(home, process)
    finally:
        stop(process, signals=[signal.SIGTERM], seconds=STOP_SECONDS)


def end_orphans(home: Home) -> None:
    """End the processes a killed run has left behind in this home, if its supervisord is still stopping them."""
    try:
        process = psutil.Process(int((home.path / "run/supervisord.pid").read_text("utf-8")))
        if str(CONFIGURATION) not in process.cmdline() or process.environ().get("NEWSFORGE_HOME") != str(home.path):
            return
        family = [*process.children(recursive=True), process]
    except (FileNotFoundError, ValueError, psutil.Error):
        return
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=10)
