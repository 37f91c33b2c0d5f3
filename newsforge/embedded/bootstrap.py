"""Make .venv and install the hashed requirements, with nothing but Python itself: ``bootstrap.py base|dev``.

Run by its path and not as a module, because the package it stands in imports what is yet to be installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import runpy
import signal
import sys
import time
from pathlib import Path
from typing import IO, NoReturn

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
UV = VENV / "bin/uv"
RECORD = VENV / "newsforge.json"
LOG = VENV / "install.log"
REQUIREMENTS = ROOT / "requirements"
PIP_INSTALL = ["--disable-pip-version-check", "install", "--require-hashes"]
LEASH = runpy.run_path(str(HERE.with_name("leash.py")))

COMPILER = r"(cc|clang|[gc]\+\+)['\"]? (failed|not found)|No such file or directory: '\S*(cc|clang|\+\+)'|Python\.h: No"
NETWORK = (
    r"Connection|Temporary failure|dns error|timed out|Max retries|Network is unreachable|error sending request"
    r"|from versions: none"
)
FULL = r"No space left on device|Disk quota exceeded"
SENTENCES = {
    FULL: ("No space is left on the disk that holds {venv}. It needs about 1 GB; free some and run make again."),
    COMPILER: (
        "A package has no wheel for this machine and has to be compiled, but there is no C compiler or no Python.h. "
        "Install them (Debian, Ubuntu: apt-get install gcc python3.11-dev) and run make again."
    ),
    r"No module named '?(venv|ensurepip)": (
        "This Python comes without venv or pip. Install them (Debian, Ubuntu: apt-get install python3.11-venv)."
    ),
    r"HASHES|Hash mismatch": (
        "A downloaded package is not the one requirements/*.txt names (its hash differs). Nothing of it was installed."
    ),
    r"Permission denied|Read-only file system": (
        "This user may not write to {venv}. Mend the folder's owner and run make again."
    ),
    NETWORK: ("The package index could not be reached. Check the network (or PIP_INDEX_URL) and run make again."),
}
"""What an installer's output means to the person who waits for it, most certain first."""


def say(text: str) -> None:
    """Print what is happening, after the seconds since make began."""
    began = float(os.environ.setdefault("NEWSFORGE_STARTED", str(time.time())))
    print(f"[{max(time.time() - began, 0):6.1f} s] {text}", flush=True)


def give_up(sentence: str) -> NoReturn:
    """End with one sentence."""
    sys.exit(f"\n{sentence}")


def main(wanted: str) -> None:
    """Bring .venv to what requirements/``wanted``.txt says; do nothing where it is there already."""
    with (REQUIREMENTS / f"{wanted}.txt").open("rb") as requirements:
        hold(requirements)
        digest = hashlib.sha256(requirements.read()).hexdigest()
        done = read_record()
        if done.get(wanted) == digest:
            return
        if not done:
            make_venv()
        install(wanted)
        RECORD.write_text(json.dumps({**done, "python": sys.version, wanted: digest}), "utf-8")


def hold(file: IO[bytes]) -> None:
    """Let only one make install at a time; the lock ends with the process."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another make is installing; waiting for it")
        fcntl.flock(file, fcntl.LOCK_EX)


def read_record() -> dict[str, str]:
    """Return what .venv holds, {} where it is missing, broken, or of another Python."""
    try:
        record = json.loads(RECORD.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if record.get("python") == sys.version and PYTHON.exists() else {}


def make_venv() -> None:
    """Make .venv anew, and let its Python find the project from any folder; a pip of its own would take 8 s more."""
    say(f"Making .venv with Python {sys.version.split()[0]}")
    VENV.mkdir(exist_ok=True)
    log = ROOT / ".venv.log"
    if run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], log) != 0:
        explain(log.read_text("utf-8", "replace"))
    log.unlink()
    site = next((VENV / "lib").glob("python3*/site-packages"))
    (site / "newsforge.pth").write_text("../../../..\n", "utf-8")


def install(wanted: str) -> None:
    """Install the requirements with uv, ten times as fast as pip, and with pip where uv cannot."""
    path = REQUIREMENTS / f"{wanted}.txt"
    packages = re.findall(r"^[^ #]+==", path.read_text("utf-8"), re.MULTILINE)
    say(f"Installing {len(packages)} packages: requirements/{path.name}")
    uv = [str(UV), "pip", "install", "--python", str(PYTHON), "--system-certs", "--require-hashes", "-r", str(path)]
    if has_uv() and run(uv) == 0:
        return
    said = LOG.read_text("utf-8", "replace")
    if re.search(FULL, said):
        explain(said)
    say("uv could not install them; trying with pip, which takes about a minute")
    if not has_pip() or run([str(PYTHON), "-m", "pip", *PIP_INSTALL, "-r", str(path)]) != 0:
        explain(LOG.read_text("utf-8", "replace"))


def has_uv() -> bool:
    """Put the uv that dev.txt pins into .venv, with the pip of the Python outside or one of its own."""
    pinned = VENV / "uv.txt"
    pinned.write_text(uv_requirement(), "utf-8")
    wanted = [*PIP_INSTALL, "--no-compile", "--no-deps", "-r", str(pinned)]
    if run([sys.executable, "-m", "pip", "--python", str(PYTHON), *wanted]) == 0:
        return True
    return has_pip() and run([str(PYTHON), "-m", "pip", *wanted]) == 0


def has_pip() -> bool:
    """Put a pip into .venv and return whether it is there."""
    return run([str(PYTHON), "-m", "ensurepip"]) == 0


def uv_requirement() -> str:
    """Return the lines of dev.txt that pin uv itself."""
    found = re.search(r"^uv==.*?(?=^\S)", (REQUIREMENTS / "dev.txt").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return found.group() if found else "uv"


def run(command: list[str], log: Path = LOG) -> int:
    """Run a command, its output in ``log``, and return its exit code; it ends when we do."""
    with log.open("wb") as output:
        streams = LEASH["Streams"](output=output)
        child = LEASH["start"](command, folder=ROOT, streams=streams, environment=os.environ)
        try:
            return int(child.wait())
        except BaseException:
            LEASH["stop"](child, signals=[signal.SIGTERM], seconds=5)
            raise


def explain(said: str) -> NoReturn:
    """End with the sentence for what an installer said, or with its last words."""
    for pattern, sentence in SENTENCES.items():
        if re.search(pattern, said):
            give_up(sentence.format(venv=VENV))
    last = "\n".join(said.strip().splitlines()[-12:])
    give_up(f"{last}\n\nThe packages could not be installed; the lines above are the end of {LOG}.")


def stopped(number: int, _frame: object) -> NoReturn:
    """Turn a signal into an orderly end."""
    sys.exit(128 + number)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stopped)
    try:
        main(sys.argv[1])
    except OSError as error:
        explain(f"{error.strerror}: {error.filename}")
