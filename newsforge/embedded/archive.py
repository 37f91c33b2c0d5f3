"""Backups: PostgreSQL's own programs write a database into a file, and the file into an empty database."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.client import DatabaseClient

from newsforge.embedded.errors import EmbeddedError, telling_line, told
from newsforge.embedded.programs import postgres_client

PLAIN = ("--no-owner", "--no-privileges")
"""Whoever restores owns everything: roles have other names elsewhere."""


class NoBackupError(EmbeddedError):
    """Say that the database could not be written into a file."""

    code = "backup-failed"
    sentence = "No backup was made: %(reason)s."


class NotRestoredError(EmbeddedError):
    """Say that the file could not be written into the database."""

    code = "restore-failed"
    sentence = "Nothing was restored, the database is as empty as before: %(reason)s."


def write(*, database: Mapping[str, Any], path: Path) -> None:
    """Write the database, as it is at one moment, into the file; an older one is replaced by a whole one only.

    ``database`` is an entry of Django's ``DATABASES``. Nobody has to wait meanwhile.

    :raises NoBackupError: if the folder is missing, or pg_dump does not come to its end; it says why.
    """
    if not path.absolute().parent.is_dir():
        raise NoBackupError(reason=f"there is no folder {path.absolute().parent}")
    draft = path.with_name(f"{path.name}.part")
    try:
        with told(path):
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        if said := _run("pg_dump", ["--format=custom", *PLAIN, "--file", str(draft)], database):
            raise NoBackupError(reason=said)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def restore(*, database: Mapping[str, Any], path: Path) -> None:
    """Write the file into the empty database, in one transaction.

    :raises NotRestoredError: if pg_restore does not come to its end; it says why.
    """
    if said := _run("pg_restore", ["--single-transaction", "--exit-on-error", *PLAIN, str(path)], database):
        raise NotRestoredError(reason=said)


def _run(program: str, arguments: Sequence[str], database: Mapping[str, Any]) -> str:
    """Return why the program failed, nothing if it did not. The password is in no argument."""
    (_, *where, name), secret = DatabaseClient.settings_to_cmd_args_env(dict(database), [])
    done = subprocess.run(
        [str(postgres_client(program)), *where, "--no-password", "--dbname", name, *arguments],
        env={**os.environ, **(secret or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    return "" if done.returncode == 0 else telling_line(done.stderr)
