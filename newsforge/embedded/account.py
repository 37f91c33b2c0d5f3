"""Whom the servers run as: PostgreSQL refuses to be root, so a root process becomes somebody else for them."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from newsforge.embedded.errors import NoAccountError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """An existing user of the machine and its own group."""

    name: str
    uid: int
    gid: int


def choose(*folders: Path) -> Account | None:
    """Return whom a root process becomes for the servers, or None if we are not root and stay ourselves.

    It is the owner of the first folder that exists and is not root's, otherwise ``nobody``; no account is made.

    :raises NoAccountError: if the machine has no ``nobody`` either.
    """
    if os.getuid() != 0:
        return None
    owners = (folder.stat().st_uid for folder in folders if folder.exists())
    for uid in owners:
        if uid != 0 and (account := _known(uid)):
            return account
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise NoAccountError(name=UNPRIVILEGED) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def may_enter(account: Account | None, path: Path) -> bool:
    """Return whether the account can reach the folder or run the program at ``path``, by letting it try."""
    if account is None:
        return os.access(path, os.X_OK)
    tried = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$0"', str(path)],
        check=False,
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=[],
    )
    return tried.returncode == 0


def give(path: Path, account: Account | None) -> None:
    """Give a folder to the account; without one it stays ours."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _known(uid: int) -> Account | None:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
