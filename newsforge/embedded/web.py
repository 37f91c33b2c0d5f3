"""granian as it serves here: its own command line, and workers that are replaced without losing a connection.

Run by its path through ``leash.py``, so that the process that forks the workers imports nothing of the product: after
a SIGHUP each of them runs the code that is there then. What differs from granian's own way:

- All workers accept from one listener. Each with its own would reset, when it ends, what waits in its queue
  (Linux moves it to another only with ``net.ipv4.tcp_migrate_req``).
- A worker goes when the one in its place serves, and stays when that does not start.
- It stops accepting before it ends, so that whoever has just connected is answered.
- A second signal while the first is being heard stops nothing for ever, and none is overheard.
"""

from __future__ import annotations

import _thread
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from granian import cli
from granian.log import logger
from granian.net import SocketSpec
from granian.server.mp import MPServer, WorkerProcess

ACCEPT_NO_MORE = signal.SIGUSR1
LAST_WORDS = 1.0
"""Seconds that who has connected has for his first words when the whole web stops."""
PATIENCE = 180.0
"""Seconds a new worker has for its imports, on a machine that has too much to do."""


class Web(MPServer):  # type: ignore[misc] # its types are not complete enough to look at
    """granian's server of processes."""

    def signal_handler_interrupt(self, *_: Any, **__: Any) -> None:
        """Stop. The event is set by another thread, whose lock a second signal cannot find held by this one."""
        self.interrupt_signal = True
        _thread.start_new_thread(self.main_loop_interrupt.set, ())

    def signal_handler_reload(self, *_: Any, **__: Any) -> None:
        """Replace the workers, heard as above."""
        self.reload_signal = True
        _thread.start_new_thread(self.main_loop_interrupt.set, ())

    def _watch_workers_rss(self) -> None:
        """Look at the workers' memory again later; the look before may have cleared what a signal had set."""
        super()._watch_workers_rss()
        if self.interrupt_signal or self.reload_signal:
            self.main_loop_interrupt.set()

    def _init_shared_socket(self) -> None:
        """Listen once for all workers, as granian does where a port cannot be shared."""
        self._shd = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._sfd = self._shd.get_fd()
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Callable[[], Any]) -> WorkerProcess:
        heard, ready = multiprocessing.Pipe(duplex=False)
        worker = super()._spawn_worker(idx, target, partial(load, callback_loader, self._sfd, ready))
        worker.heard, worker.ready = heard, ready
        return worker

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Any, target_loader: Any, delay: float = 0.0
    ) -> None:
        """Replace the workers one after the other; an old one has ``delay`` seconds for what it has accepted."""
        for idx in workers:
            if not self.wrks[idx].is_alive():
                super()._respawn_workers([idx], spawn_target, target_loader)
                continue
            logger.info("Replacing worker-%s", idx + 1)
            new = self._spawn_worker(idx, spawn_target, target_loader)
            new.interrupt_by_parent = True  # it is no loss before it serves
            new.start()
            if not self._serves(new):
                logger.error("The new worker-%s does not start: the old one stays", idx + 1)
                new.kill()
                continue
            old, self.wrks[idx] = self.wrks[idx], new
            new.interrupt_by_parent = False
            self.respawned_wrks[idx] = time.monotonic()
            accept_no_more(old)
            time.sleep(delay)
            self._end(old)

    def _stop_workers(self) -> None:
        """Refuse new connections, answer those there are, and end."""
        for worker in self.wrks:
            accept_no_more(worker)
        time.sleep(LAST_WORDS)
        super()._stop_workers()

    def _serves(self, worker: Any) -> bool:
        """Wait until a worker has loaded the application; tell whether it has, or has ended, or we shall end."""
        worker.ready.close()  # now only the worker itself holds it, and its end is one of the pipe
        end = time.monotonic() + PATIENCE
        while not worker.heard.poll(0.1):
            if self.interrupt_signal or time.monotonic() > end:
                return False
        try:
            return bool(worker.heard.recv_bytes())
        except EOFError:
            return False

    def _end(self, worker: WorkerProcess) -> None:
        worker.terminate()
        worker.join(self.workers_kill_timeout)
        time.sleep(0.01)  # granian's own thread waits for it too, and may be about to say that it has ended
        if worker.inner.exitcode is None:
            logger.warning("Killing old worker-%s, which did not end by itself", worker.idx + 1)
            worker.kill()
            worker.join()


def load(callback_loader: Callable[[], Any], listener: int, ready: Connection) -> Any:
    """Load the application in a worker and say that it is there."""
    application = callback_loader()
    signal.signal(ACCEPT_NO_MORE, lambda *_: leave(listener))
    ready.send_bytes(b"ready")
    ready.close()
    return application


def leave(listener: int) -> None:
    """Put a listener nobody can reach in the place of the one we accept from, which stays as it is for the others."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)
        deaf.setblocking(False)
        os.dup2(deaf.fileno(), listener, inheritable=False)


def accept_no_more(worker: WorkerProcess) -> None:
    """Tell a worker to leave new connections to others."""
    worker.interrupt_by_parent = True
    if worker.inner.pid is not None and worker.inner.exitcode is None:
        with suppress(ProcessLookupError):  # granian's own thread waits for it too, and may have seen its end first
            os.kill(worker.inner.pid, ACCEPT_NO_MORE)


if __name__ == "__main__":
    cli.Server = Web
    cli.entrypoint()
