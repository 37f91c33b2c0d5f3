"""supervisord with the configuration that is shipped, but for what a test has to have otherwise."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from newsforge.embedded.home import ROOT, Home
from newsforge.embedded.leash import Streams, start, stop

SHIPPED = ROOT / "deploy/supervisor/newsforge.conf"


@contextmanager
def supervised(home: Home, environment: Mapping[str, str], *, changes: Mapping[str, str]) -> Iterator[Path]:
    """Run it for the block, and yield its socket."""
    text = SHIPPED.read_text("utf-8")
    for shipped, ours in changes.items():
        assert shipped in text, shipped
        text = text.replace(shipped, ours)
    configuration = home.path / "supervisor.conf"
    configuration.write_text(text, "utf-8")
    with home.open_log("supervisord") as log:
        process = start(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
            folder=ROOT, streams=Streams(output=log), environment=environment,
        )  # fmt: skip
    try:
        yield home.path / "run/supervisor.sock"
    finally:
        stop(process, signals=[signal.SIGTERM], seconds=60)
