"""What can go wrong before the product runs, each with a sentence the person at the terminal can act on."""

from __future__ import annotations

import errno
import getpass
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsforge.lib.errors import PermanentError


class EmbeddedError(PermanentError):
    """Say why the local servers or processes could not be started."""

    code = "embedded-failed"
    title = "The local servers could not be started"


class DiskFullError(EmbeddedError):
    """Say that the disk under the home is full."""

    code = "embedded-disk-full"
    sentence = "No space is left on the disk that holds %(path)s. Free about 500 MB and start again."


class NotWritableError(EmbeddedError):
    """Say that this user may not write where the state lives."""

    code = "embedded-not-writable"
    sentence = (
        "The user %(user)s may not write to %(path)s. Mend the folder's owner, or set NEWSFORGE_HOME to another folder."
    )


class NoProgramError(EmbeddedError):
    """Say that the wheels hold no program for this machine."""

    code = "embedded-no-program"
    sentence = (
        "%(server)s comes without a program for this machine (%(machine)s). "
        "Install your own server and set %(variable)s."
    )


class NoAccountError(EmbeddedError):
    """Say that root has nobody to become."""

    code = "embedded-no-account"
    sentence = (
        "PostgreSQL refuses to run as root, and this machine has no user %(name)s. "
        "Start as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


class OtherVersionError(EmbeddedError):
    """Say that the data was written by another major version of PostgreSQL."""

    code = "embedded-other-version"
    sentence = (
        "The database in %(path)s was made by PostgreSQL %(found)s, and this release brings PostgreSQL %(ours)s. "
        "Dump it with the release that made it, or move the folder away to begin with an empty database."
    )


class DidNotStartError(EmbeddedError):
    """Say that a server ended, or did not answer, while it was being started."""

    code = "embedded-did-not-start"
    sentence = "%(server)s did not start: %(reason)s. Its log is %(log)s."


class HeldError(EmbeddedError):
    """Say that another process holds the servers of this home."""

    code = "embedded-held"
    sentence = "Process %(pid)s already runs the servers of %(home)s. Stop it, or set NEWSFORGE_HOME to another folder."


class AlreadyRunningError(EmbeddedError):
    """Say that the whole product runs in this home already."""

    code = "embedded-already-running"
    sentence = "NewsForge already runs in %(home)s: %(url)s (process %(pid)s). Stop it there with Ctrl-C."


class PortTakenError(EmbeddedError):
    """Say that another program listens where the web should."""

    code = "embedded-port-taken"
    sentence = "Port %(port)s is taken by another program. Name a free one: PORT=8080 make run."


class PathTooLongError(EmbeddedError):
    """Say that a socket cannot be made in the home; the length is the kernel's, from unix(7)."""

    code = "embedded-path-too-long"
    sentence = (
        "The path %(path)s is longer than the %(limit)s bytes a socket may have. Set NEWSFORGE_HOME to a shorter one."
    )


class NotPreparedError(EmbeddedError):
    """Say that the database could not be brought up to date."""

    code = "embedded-not-prepared"
    sentence = "The database could not be prepared: %(reason)s. The whole story is in %(log)s."


class ProgramEndedError(EmbeddedError):
    """Say that web, a worker or beat does not stay up."""

    code = "embedded-program-ended"
    sentence = "The process %(program)s does not stay up: %(reason)s. Its log is %(log)s."


class ServersEndedError(EmbeddedError):
    """Say that a server is gone while everything else runs."""

    code = "embedded-servers-ended"
    sentence = "PostgreSQL or Valkey has ended. The data is kept; start again. Their logs are in %(logs)s."


class NotHealthyError(EmbeddedError):
    """Say that the site does not answer."""

    code = "embedded-not-healthy"
    sentence = "The site did not answer at %(url)s within %(seconds)d seconds. Its log is %(log)s."


FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


LEAST_FREE = 1_000_000
"""Bytes below which whatever went wrong, went wrong because the disk is full."""


def is_full(path: Path) -> bool:
    """Return whether the disk that holds ``path`` has no room left."""
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(existing).free < LEAST_FREE


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn a full disk and a closed folder, met while the block works on ``path``, into their sentences.

    :raises DiskFullError: if the disk is full.
    :raises NotWritableError: if this user may not write there.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or path
        if error.errno in FULL:
            raise DiskFullError(path=where) from error
        if error.errno in CLOSED:
            raise NotWritableError(path=where, user=user_name()) from error
        raise


def telling_line(said: str) -> str:
    """Return the line of a log that says what went wrong: the last that names an exception, else the last."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Configured|Exit|Unavailable)\b.*: ", line)]
    return (named or lines or ["it said nothing"])[-1].rstrip(".")


def user_name() -> str:
    """Return the name of the user we run as, or the number where the machine knows no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
