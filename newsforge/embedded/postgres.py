"""PostgreSQL from its wheel: our own cluster under the home, on loopback, with a password."""

from __future__ import annotations

import re
import secrets
import signal
import subprocess
from pathlib import Path

from newsforge.embedded.errors import OtherVersionError
from newsforge.embedded.home import Home
from newsforge.embedded.leash import Streams, start
from newsforge.embedded.programs import postgres_programs
from newsforge.embedded.server import Server, child_environment, end_orphan, failure, free_port, wait_until

NAME = "postgres"
SERVER = "PostgreSQL"
ROLE = "newsforge"
STOP_SIGNALS = (signal.SIGINT, signal.SIGQUIT)
"""Fast shutdown, then immediate: https://www.postgresql.org/docs/18/server-shutdown.html."""

ACCESS = f"""\
# Only the product's own role, only from this machine, only with its password.
host all {ROLE} 127.0.0.1/32 scram-sha-256
"""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",  # two workers, their threads and a shell; the default of 100 is one worker's threads
    "timezone": "UTC",
    "log_timezone": "UTC",
}
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For data nobody misses after a crash of the machine: tests."""


def start_postgres(home: Home, *, durable: bool = True) -> Server:
    """Start PostgreSQL in the home, made on the first call, and return it when it accepts connections.

    :raises EmbeddedError: if it cannot be started; the sentence says why.
    """
    programs = postgres_programs(home)
    data = home.servers / NAME
    if data.exists():
        _check_version(programs, data)
        end_orphan(data / "postmaster.pid", folder=data, signals=STOP_SIGNALS)
    else:
        _make_cluster(home, programs, data)
    password = home.kept_password(NAME) or _set_password(home, programs, data)
    port = free_port()
    settings = SETTINGS | {"port": str(port)} | ({} if durable else HASTY)
    options = [item for name, value in settings.items() for item in ("-c", f"{name}={value}")]
    with home.open_log(NAME) as log:
        log_from = log.tell()
        process = start(
            [str(programs / "postgres"), "-D", str(data), *options],
            folder=data,
            streams=Streams(output=log),
            environment=child_environment(),
            account=home.account,
            last_signal=signal.SIGINT,
        )
    server = Server(NAME, process, f"postgres://{ROLE}:{password}@127.0.0.1:{port}/{ROLE}", STOP_SIGNALS)
    if not wait_until(lambda: _is_ready(data, process.pid), process=process):
        server.stop()
        raise failure(home, name=NAME, server=SERVER, log_from=log_from)
    return server


def _is_ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _check_version(programs: Path, data: Path) -> None:
    found = (data / "PG_VERSION").read_text("utf-8").strip()
    ours = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, check=True, text=True)
    major = re.sub(r".*?(\d+)\..*", r"\1", ours.stdout.strip())
    if found != major:
        raise OtherVersionError(path=data, found=found, ours=major)


def _make_cluster(home: Home, programs: Path, data: Path) -> None:
    """Make the cluster beside its place and move it there whole, so that a kill leaves nothing half-made."""
    draft = home.data(f"{NAME}.part")
    _run(home, [str(programs / "initdb"), "-D", str(draft), "--username=postgres", "--auth=reject", "--no-sync",
                "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--no-instructions"])  # fmt: skip
    (draft / "pg_hba.conf").write_text(ACCESS, "utf-8")
    _run(home, _single(programs, draft), f"CREATE ROLE {ROLE} LOGIN CREATEDB\nCREATE DATABASE {ROLE} OWNER {ROLE}\n")
    home.keep_password(NAME, None)
    draft.rename(data)


def _set_password(home: Home, programs: Path, data: Path) -> str:
    password = secrets.token_urlsafe(24)
    _run(home, _single(programs, data), f"ALTER ROLE {ROLE} PASSWORD '{password}'\n")
    home.keep_password(NAME, password)
    return password


def _single(programs: Path, data: Path) -> list[str]:
    """Return the command of the single-user mode: no port, no password, and a failed statement is not logged."""
    return [str(programs / "postgres"), "--single", "-D", str(data), "-c", "log_min_error_statement=panic",
            "-c", "exit_on_error=on", "postgres"]  # fmt: skip


def _run(home: Home, command: list[str], said: str = "") -> None:
    with home.open_log(NAME) as log:
        log_from = log.tell()
        process = start(
            command,
            folder=home.servers,
            streams=Streams(subprocess.PIPE, log),
            environment=child_environment(),
            account=home.account,
        )
        process.communicate(said.encode())
    if process.returncode != 0:
        raise failure(home, name=NAME, server=SERVER, log_from=log_from)
