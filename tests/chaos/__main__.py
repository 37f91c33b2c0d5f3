"""``make chaos``: conversions while workers, broker and database are killed; prints what must hold and what was seen.

``python -m tests.chaos [CONVERSIONS] [SEED]``; the same seed gives the same blows in the same order. It exits with 1 if
anything does not hold.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from newsforge.embedded.home import prepare
from tests.chaos import far_side, servers, tally
from tests.chaos.installation import installed
from tests.chaos.storm import Storm, plan

WORKERS, BROKERS, DATABASES = 20, 2, 1
LEAST = 6 * (WORKERS + BROKERS + DATABASES)
DEADLINE = 60
"""Seconds a conversion has; what a dead worker's call set aside is free a little later."""
SECONDS = 200.0
"""For the end of everything, after the last blow."""


def main(arguments: list[str]) -> int:
    """Run the storm and print the table; return the exit code."""
    total, seed = (*map(int, arguments), *(200, secrets.randbelow(10_000))[len(arguments) :])
    if total < LEAST:
        say(f"There must be {LEAST} conversions or more, six around each blow.")
        return 2
    began = time.monotonic()
    path = Path(tempfile.mkdtemp(prefix="newsforge-chaos-"))
    say(f"Starting PostgreSQL, Valkey, web, three workers and two beats; blows in the order of seed {seed}")
    try:
        home = prepare(path)
        with (
            far_side.serving() as side,
            servers.serving(home) as both,
            installed(home, both, side, deadline=DEADLINE) as made,
        ):
            made.start("reading", "writing-1", "writing-2", "beat-1", "beat-2")
            blows = plan(workers=WORKERS, brokers=BROKERS, databases=DATABASES, seed=seed)
            storm = Storm(made, total, blows, tell=lambda words: say(f"{time.monotonic() - began:>6.1f} s {words}"))
            return judge(storm, began)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def judge(storm: Storm, began: float) -> int:
    """Run the storm, print what it came to, and return the exit code."""
    broken_off = ""
    try:
        storm.run(with_money=True, seconds=SECONDS)
    except AssertionError as error:  # what does not hold then stands in the table
        broken_off = str(error)
    lines = tally.lines_of(storm, with_money=True)
    say("", tally.HEAD, *map(str, lines), "")
    say(*tally.notes_of(storm))
    failed = sum(not line.holds for line in lines)
    if broken_off:
        say(f"Broken off: {broken_off[:2000]}")
    verdict = f"{failed} of {len(lines)} do not hold" if failed else "Everything holds"
    say(f"{verdict}, after {time.monotonic() - began:.0f} s.")
    return 1 if failed or broken_off else 0


def say(*lines: str) -> None:
    """Print at once."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
