"""The folder that holds all state, and who may use its servers at a time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from newsforge.embedded.account import Account, choose, give, may_enter
from newsforge.embedded.errors import told

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = Path("/var/lib/newsforge")
"""Where root keeps the servers' data of homes that their user cannot reach."""
LARGEST_LOG = 5_000_000
"""Bytes a server's log may have at a start before it is set aside as ``.1``."""


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one home; ``account`` is whom the servers run as, None for ourselves."""

    path: Path
    account: Account | None

    @property
    def servers(self) -> Path:
        """Return the folder of the servers' data, its real path; it belongs to the account."""
        return (self.path / "servers").resolve()

    def log(self, name: str) -> Path:
        """Return the path of a process's log."""
        return self.path / "log" / f"{name}.log"

    def open_log(self, name: str) -> IO[bytes]:
        """Open a server's log to append to it, setting a large one aside first."""
        path = self.log(name)
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def data(self, name: str) -> Path:
        """Return the data folder of a server, made for the account when it is missing."""
        path = self.servers / name
        path.mkdir(mode=0o700, exist_ok=True)
        give(path, self.account)  # also one that a killed start made and had not given away yet
        return path

    def kept_password(self, name: str) -> str | None:
        """Return a server's password, None before it has one."""
        path = self._password_path(name)
        return path.read_text("utf-8").strip() if path.exists() else None

    def keep_password(self, name: str, password: str | None) -> None:
        """Keep a server's password where only our own user may read it, or forget it."""
        path = self._password_path(name)
        if password is None:
            path.unlink(missing_ok=True)
        else:
            write_private(path, password)

    def write_record(self, record: dict[str, str] | None) -> None:
        """Keep the addresses of the running servers, or forget them."""
        path = self.path / "servers.json"
        if record is None:
            path.unlink(missing_ok=True)
        else:
            write_private(path, json.dumps(record))

    def read_record(self) -> dict[str, str]:
        """Return what the last start recorded, {} for nothing."""
        try:
            record = json.loads((self.path / "servers.json").read_text("utf-8"))
        except (FileNotFoundError, PermissionError, ValueError):
            return {}
        return {str(key): str(value) for key, value in record.items()} if isinstance(record, dict) else {}

    def _password_path(self, name: str) -> Path:
        return self.path / "secrets" / f"{name}_password"


def home_path(path: Path | str | None = None) -> Path:
    """Return the folder named, else NEWSFORGE_HOME, else ``var`` in the project."""
    return Path(path or os.environ.get("NEWSFORGE_HOME") or ROOT / "var").expanduser().absolute()


def prepare(path: Path | str | None = None) -> Home:
    """Make the home's folders where they are missing, and choose whom the servers run as.

    Where the account cannot reach the home (a clone in /root), ``servers`` becomes a link to a folder elsewhere.

    :raises DiskFullError: if the disk is full.
    :raises NotWritableError: if we may not write there.
    """
    folder = home_path(path)
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "log").mkdir(mode=0o700, exist_ok=True)
        (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
        servers = folder / "servers"
        with lock(folder / "home.lock", wait=True):  # two first starts at once make it once
            home = Home(folder, choose(servers, folder))
            if not servers.exists():
                _make_servers(home, servers)
            give(servers, home.account)
    return home


def _make_servers(home: Home, servers: Path) -> None:
    servers.unlink(missing_ok=True)  # a link whose target is gone
    if home.account is not None:
        home.path.chmod(home.path.stat().st_mode | 0o011)
    if may_enter(home.account, home.path):
        servers.mkdir(mode=0o700)
        return
    target = ELSEWHERE / hashlib.sha256(str(home.path).encode()).hexdigest()[:12]
    target.parent.mkdir(mode=0o755, exist_ok=True)
    target.mkdir(mode=0o700, exist_ok=True)
    servers.symlink_to(target)


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by our own user only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


@contextmanager
def lock(path: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold ``path`` for the block if nobody else does, and yield whether we hold it.

    The kernel drops the lock with the process, so a killed one leaves none behind. The file names its last holder.
    """
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield True


def holder(path: Path) -> str | None:
    """Return the id of the process that holds the lock, None if nobody does."""
    try:
        with path.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().strip() or "?"
    except (FileNotFoundError, PermissionError):
        return None
    return None
