"""Processes that do not outlive their parent (Linux; elsewhere they are stopped at a regular exit only).

``python newsforge/embedded/leash.py MODULE|FILE.py [ARGS…]`` runs a module, as ``python -m`` would, or a file on the
leash: it and every process it forks ends when its parent does, so that a killed granian or Celery master leaves no
child that holds a port or a queue. Called by its path, it needs nothing but Python.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from newsforge.embedded.account import Account

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>; the kernel forgets it at fork and when the user changes, and keeps it over exec."""

_prctl: Callable[[int, int], int] | None = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class Streams(NamedTuple):
    """Where a child reads from and writes to."""

    stdin: int | IO[bytes] = subprocess.DEVNULL
    output: int | IO[bytes] = subprocess.DEVNULL


def die_with_parent(*, parent: int, number: int = signal.SIGTERM) -> None:
    """Ask the kernel to send this process the signal ``number`` when the process ``parent`` ends."""
    if _prctl is None:
        return
    _prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), number)


def start(
    command: Sequence[str],
    *,
    folder: Path,
    streams: Streams,
    environment: Mapping[str, str],
    account: Account | None = None,
    last_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own that gets ``last_signal`` when we end, however we end.

    The kernel ties it to the calling thread: call this from the main one. ``account`` is whom a root process becomes.
    """
    parent = os.getpid()
    # A Ctrl-C in the middle of a fork is swallowed by Python's own fork handlers, with a traceback: it waits instead.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})

    def tie() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        die_with_parent(parent=parent, number=last_signal)

    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=streams.stdin,
            stdout=streams.output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=tie,  # noqa: PLW1509 - callers are single-threaded, and it must run after the user has changed
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stop(process: subprocess.Popen[bytes], *, signals: Sequence[int], seconds: float) -> None:
    """Send the signals one after the other, each with ``seconds`` to end, and last SIGKILL; return when it is gone."""
    for number in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()


def tie_forks() -> None:
    """Tie this process to its parent, and to this process every child it will fork."""
    die_with_parent(parent=os.getppid())
    parent = [os.getpid()]

    def remember() -> None:
        parent[0] = os.getpid()

    def tie() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # its parent's handler would only note it, until it has its own
        die_with_parent(parent=parent[0])

    os.register_at_fork(before=remember, after_in_child=tie)


if __name__ == "__main__":
    tie_forks()
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path.cwd())  # as ``python -m`` does
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
