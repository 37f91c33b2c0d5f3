"""Valkey (the Redis protocol) from its wheel: our own server under the home, on loopback, with a password."""

from __future__ import annotations

import secrets
import signal
import subprocess
from contextlib import suppress

from newsforge.embedded.home import Home
from newsforge.embedded.leash import Streams, start
from newsforge.embedded.programs import valkey_program
from newsforge.embedded.server import Server, answers, child_environment, end_orphan, failure, free_port, wait_until

NAME = "valkey"

SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{data}"
pidfile "{data}/valkey.pid"
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


def start_valkey(home: Home) -> Server:
    """Start Valkey in the home and return it when it answers.

    Its settings reach it on its standard input, so that the password stands in no command line.

    :raises EmbeddedError: if it cannot be started; the sentence says why.
    """
    program = valkey_program(home)
    data = home.data(NAME)
    end_orphan(data / "valkey.pid", folder=data, signals=(signal.SIGTERM,))
    password = home.kept_password(NAME) or secrets.token_urlsafe(24)
    home.keep_password(NAME, password)
    port = free_port()
    with home.open_log(NAME) as log:
        log_from = log.tell()
        process = start(
            [str(program), "-"],
            folder=home.servers,
            streams=Streams(subprocess.PIPE, log),
            environment=child_environment(),
            account=home.account,
        )
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin as settings:  # it ended already, and its log says why
            settings.write(SETTINGS.format(port=port, password=password, data=data).encode())
    server = Server(NAME, process, f"redis://:{password}@127.0.0.1:{port}/0")
    if not wait_until(lambda: is_alive(port, password), process=process):
        server.stop()
        raise failure(home, name=NAME, server="Valkey", log_from=log_from)
    return server


def is_alive(port: int, password: str) -> bool:
    """Return whether a Valkey on the port lets us in with the password and has loaded its data."""
    return answers(port, f"AUTH {password}\r\nPING\r\n".encode(), b"+OK\r\n+PONG\r\n")
