"""The image's one entry: ``python newsforge/embedded/entry.py COMMAND``, in the project's folder.

``web``, ``beat``, ``sweep``, ``worker-reading`` and ``worker-writing-1`` become that program of the supervisor's file,
``all`` and ``worker`` are supervisord with all of it or with the workers, their logs on stdout. ``migrate`` brings the
database up to date, ``manage …`` is any other management command, ``ready`` asks the web of this container how it is.
``home`` makes the home's folders and empties what was counted before: whoever starts supervisord himself runs it.
Called by its path, it needs nothing but Python and the supervisor package.
"""

from __future__ import annotations

import os
import shutil
import sys
from configparser import RawConfigParser
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NoReturn

from supervisor.datatypes import dict_of_key_value_pairs

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy/supervisor/newsforge.conf"
GROUP = "group:newsforge"
SETS = {"all": "", "worker": "worker-"}
"""Several programs in one container, by what their names begin with."""
PATIENCE = 5
"""Seconds for an answer; the health checks take 2.5 s at most."""


def main(arguments: list[str]) -> NoReturn:
    """Become what the first argument names, or end with a sentence."""
    fill_in()
    parser = RawConfigParser(comment_prefixes=(";",))
    parser.read(CONFIGURATION, "utf-8")
    known = programs(parser)
    name, rest = (arguments or [""])[0], arguments[1:]
    if name == "ready" and not rest:
        sys.exit(not answers(f"127.0.0.1:{os.environ['PORT']}", "/health/ready/"))
    if name == "home" and not rest:
        make_home(counts_anew=True)
        sys.exit()
    if name == "manage" and rest:
        become([os.environ["NEWSFORGE_PYTHON"], "manage.py", *rest])
    if name == "migrate" and not rest:
        become([os.environ["NEWSFORGE_PYTHON"], "manage.py", "migrate", "--noinput"])
    if rest or name not in {*known, *SETS}:
        words = ", ".join([*known, *SETS, "migrate", "manage …", "ready", "home"])
        sys.exit(f"Name one of: {words}. This is none of them: {' '.join(arguments) or '(nothing)'}")
    make_home(counts_anew=name in {"web", "all"})
    if name in SETS:
        become(supervisord(parser, prefix=SETS[name]))
    environment, command = known[name]
    os.environ.update(environment)
    become(command)


def fill_in() -> None:
    """Say what the supervisor's file reads from the environment and nobody has said."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsforge.settings.production")
    os.environ.setdefault("NEWSFORGE_HOME", str(CONFIGURATION.parents[2] / "var"))
    os.environ.setdefault("NEWSFORGE_PYTHON", sys.executable)
    os.environ.setdefault("NEWSFORGE_HOST", "0.0.0.0")  # noqa: S104 - of a container, whose ports are opened outside
    os.environ.setdefault("PORT", "8000")


def programs(parser: RawConfigParser) -> dict[str, tuple[dict[str, str], list[str]]]:
    """Return the environment and the command of each program, a numbered one under each of its numbers."""
    found = {}
    said = {f"ENV_{name}": value for name, value in os.environ.items()}
    for name in parser.get(GROUP, "programs").split(","):
        section = f"program:{name}"
        first = parser.getint(section, "numprocs_start", fallback=0)
        for number in range(first, first + parser.getint(section, "numprocs", fallback=1)):
            values = {**said, "program_name": name, "process_num": number}
            title = parser.get(section, "process_name", fallback="%(program_name)s") % values
            environment = dict_of_key_value_pairs(parser.get(section, "environment", fallback=""))
            found[title] = (environment, (parser.get(section, "command") % values).split())
    return found


def supervisord(parser: RawConfigParser, *, prefix: str) -> list[str]:
    """Write the supervisor's file of a container, and return the command that runs it."""
    names = [name for name in parser.get(GROUP, "programs").split(",") if name.startswith(prefix)]
    for section in parser.sections():
        if section.startswith("program:"):
            if section.removeprefix("program:") not in names:
                parser.remove_section(section)
                continue
            parser.set(section, "stdout_logfile", "/dev/stdout")
            parser.set(section, "stdout_logfile_maxbytes", "0")
    parser.set(GROUP, "programs", ",".join(names))
    parser.set("supervisord", "logfile", "/dev/null")
    parser.set("supervisord", "logfile_maxbytes", "0")
    parser.set("supervisord", "silent", "false")
    path = Path(os.environ["NEWSFORGE_HOME"]) / "run/supervisord.conf"
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)
    return [os.environ["NEWSFORGE_PYTHON"], "-m", "supervisor.supervisord", "-c", str(path)]


def make_home(*, counts_anew: bool) -> None:
    """Make the home's folders; ``counts_anew`` empties the counters the last run's web has left."""
    home = Path(os.environ["NEWSFORGE_HOME"])
    try:
        for name in ("log", "run"):
            (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"{home} must be a folder this user may write to, a volume or a tmpfs ({error.strerror}).")
    if counts_anew:
        count_anew(home)


def count_anew(home: Path) -> None:
    """Empty what the last run's web counted: once for all programs, for one that is started anew counts on."""
    shutil.rmtree(home / "run/metrics", ignore_errors=True)


def answers(address: str, path: str) -> bool:
    """Return whether the web at ``host:port`` answers the health probe with 200."""
    connection = HTTPConnection(address, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def become(command: list[str]) -> NoReturn:
    """Replace this process, so that signals reach what it was for."""
    sys.stdout.flush()
    os.execvp(command[0], command)  # noqa: S606 - the program's own command line, without a shell


if __name__ == "__main__":
    main(sys.argv[1:])
