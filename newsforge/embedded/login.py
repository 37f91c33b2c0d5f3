"""The first login: made once, kept for its owner's eyes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from newsforge.embedded.home import write_private

EMAIL = "admin@localhost"
FILE = "first-login.txt"


class Login(NamedTuple):
    """The staff user and its API token; ``password`` is empty where the user had been made elsewhere."""

    email: str
    password: str
    token: str


def keep(home: Path, login: Login) -> None:
    """Write the login to first-login.txt, mode 600."""
    password = login.password or "(as it was set before)"
    write_private(home / FILE, f"e-mail:    {login.email}\npassword:  {password}\nAPI token: {login.token}\n")


def kept(home: Path) -> Login | None:
    """Return the login first-login.txt holds, None where there is none."""
    try:
        lines = (home / FILE).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return None
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    found = {name: values.get(name, "").strip() for name in ("e-mail", "password", "API token")}
    return Login(*found.values()) if found["e-mail"] and found["API token"] else None
