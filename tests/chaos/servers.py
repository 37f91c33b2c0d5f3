"""PostgreSQL and Valkey of one home, which can be killed and come back at the same address."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg

from newsforge.embedded import postgres, valkey
from newsforge.embedded.home import Home
from newsforge.embedded.leash import Streams, start
from newsforge.embedded.server import Server, child_environment, wait_until


@dataclass
class Servers:
    """Both servers as our children; they lose nothing they have said is kept (PostgreSQL) or a second (Valkey)."""

    home: Home
    postgres: Server
    valkey: Server

    @property
    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.valkey.url}

    def kill_broker(self) -> None:
        """Kill −9, between two writes to its disk as it may happen."""
        self.valkey.process.kill()
        self.valkey.process.wait()

    def start_broker(self) -> None:
        address = urlsplit(self.valkey.url)
        port, password = address.port or 0, address.password or ""
        data = self.home.data(valkey.NAME)
        process = self._start(self.valkey.process, stdin=subprocess.PIPE)
        self.valkey = Server(valkey.NAME, process, self.valkey.url)
        if process.stdin:
            with process.stdin as settings:
                settings.write(valkey.SETTINGS.format(port=port, password=password, data=data).encode())
        assert wait_until(lambda: valkey.is_alive(port, password), process=process)

    def kill_database(self) -> None:
        """Shut down at once, without a checkpoint: all connections break, the next start recovers from the log."""
        self.postgres.process.send_signal(signal.SIGQUIT)
        self.postgres.process.wait()

    def start_database(self) -> None:
        process = self._start(self.postgres.process)
        self.postgres = Server(postgres.NAME, process, self.postgres.url, postgres.STOP_SIGNALS)
        assert wait_until(self._lets_in, process=process)

    def _lets_in(self) -> bool:
        try:
            psycopg.connect(self.postgres.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def keep_up(self) -> None:
        """Start what was killed and not started again, for a test failed in between."""
        if self.valkey.process.poll() is not None:
            self.start_broker()
        if self.postgres.process.poll() is not None:
            self.start_database()

    def stop(self) -> None:
        for server in (self.valkey, self.postgres):
            server.stop()

    def _start(self, before: subprocess.Popen[bytes], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        command = before.args
        assert isinstance(command, list)
        name = postgres.NAME if before is self.postgres.process else valkey.NAME
        with self.home.open_log(name) as log:
            return start(
                command,
                folder=self.home.data(name),
                streams=Streams(stdin, log),
                environment=child_environment(),
                account=self.home.account,
                last_signal=signal.SIGINT if name == postgres.NAME else signal.SIGTERM,
            )


@contextmanager
def serving(home: Home) -> Iterator[Servers]:
    """Run both for the block."""
    with ExitStack() as stops:
        database = postgres.start_postgres(home)
        stops.callback(database.stop)
        servers = Servers(home, database, valkey.start_valkey(home))
        stops.callback(servers.stop)
        yield servers
