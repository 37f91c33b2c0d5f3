"""PostgreSQL and Valkey without installing them: from wheels, under the home, gone with the process that started them.

Only what DATABASE_URL and REDIS_URL leave unset is started. Nothing here imports Django.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from newsforge.embedded.errors import HeldError, told
from newsforge.embedded.home import Home, holder, home_path, lock
from newsforge.embedded.home import prepare as prepare_home
from newsforge.embedded.postgres import start_postgres
from newsforge.embedded.server import Server, answers
from newsforge.embedded.valkey import is_alive, start_valkey

__all__ = ["addresses", "is_set", "running"]

LOCK = "servers.lock"
PATIENCE_SECONDS = 90.0
"""How long we wait for another process that is starting or stopping the servers of this home."""


def addresses(home: Path | str | None = None) -> dict[str, str] | None:
    """Return DATABASE_URL and REDIS_URL of the servers that run in this home and answer now, None if none do."""
    folder = home_path(home)
    if holder(folder / LOCK) is None:
        return None
    record = Home(folder, None).read_record()
    return record if record and all(_answers(url) for url in record.values()) else None


@contextmanager
def running(home: Path | str | None = None, *, durable: bool = True, share: bool = True) -> Iterator[dict[str, str]]:
    """Yield DATABASE_URL and REDIS_URL where the environment leaves them unset, and stop at the end what we started.

    Servers another process runs in this home are used as they are if ``share``, and left running. Without ``durable``
    PostgreSQL does not wait for the disk.

    :raises EmbeddedError: if a server cannot be started; the sentence says why.
    """
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not is_set(name)]
    if not missing:
        yield {}
        return
    prepared = prepare_home(home)
    with ExitStack() as stack:
        shared = _hold_or_share(stack, prepared, missing=missing, share=share)
        yield shared if shared is not None else _start(stack, prepared, missing=missing, durable=durable)


def is_set(name: str) -> bool:
    """Return whether the environment names this server, itself or through a file."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _hold_or_share(stack: ExitStack, home: Home, *, missing: list[str], share: bool) -> dict[str, str] | None:
    """Take the servers' lock into ``stack`` and return None, or return the addresses of whoever holds it."""
    path = home.path / LOCK
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with told(path):
            if stack.enter_context(lock(path)):
                return None
        found = addresses(home.path) if share else None
        if found is not None and set(missing) <= set(found):
            return {name: found[name] for name in missing}
        if time.monotonic() > end:
            raise HeldError(pid=holder(path) or "?", home=home.path)
        time.sleep(0.05)


def _start(stack: ExitStack, home: Home, *, missing: list[str], durable: bool) -> dict[str, str]:
    record: dict[str, str] = {}
    with told(home.path):
        home.write_record(None)
        for name in missing:
            server = start_postgres(home, durable=durable) if name == "DATABASE_URL" else start_valkey(home)
            stack.callback(_stop, server)
            record[name] = server.url
        home.write_record(record)
    stack.callback(home.write_record, None)
    return record


def _stop(server: Server) -> None:
    server.stop()


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    if parts.port is None:
        return False
    return is_alive(parts.port, parts.password or "") if parts.scheme == "redis" else answers(parts.port)
