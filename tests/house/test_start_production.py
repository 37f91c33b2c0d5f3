"""deploy/start-production.sh for real: it starts everything and says where, or says what is missing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from newsforge.embedded.stack import take_port
from newsforge.env import ROOT
from tests.house.test_image import addresses, clean_host
from tests.house.test_production import SAID


@pytest.fixture
def said() -> Iterator[dict[str, str]]:
    """A host's variables."""
    with clean_host() as (home, opened):
        yield SAID | addresses() | {
            "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "NEWSFORGE_HOME": str(home),
            "NEWSFORGE_PYTHON": sys.executable,
            "NEWSFORGE_DB_POOL": "3",
            "PORT": str(take_port(opened, "127.0.0.1", "")),
        }  # fmt: skip


def start(said: dict[str, str]) -> tuple[int, str]:
    """Run the script with the variables in its file; return its exit code and what it has printed."""
    file = Path(said["NEWSFORGE_HOME"]) / "environment"
    file.write_text("# of this host\n" + "".join(f"{name}={value}\n" for name, value in said.items()), "utf-8")
    ended = subprocess.run(
        [ROOT / "deploy/start-production.sh"],
        env={"PATH": os.environ["PATH"], "NEWSFORGE_ENVIRONMENT": str(file)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300,
    )  # fmt: skip
    return ended.returncode, ended.stdout


def test_what_is_missing_is_named_and_nothing_is_started(said: dict[str, str]) -> None:
    code, printed = start(said | {"NEWSFORGE_ENCRYPTION_KEYS": ""})
    assert code == 1
    assert "NEWSFORGE_ENCRYPTION_KEYS is not set" in printed
    assert "was not started: Checking the settings did not succeed" in printed
    assert not (Path(said["NEWSFORGE_HOME"]) / "run/supervisord.pid").exists()


@pytest.mark.timeout(600)
def test_a_host_is_started_once_says_where_it_is_and_stops(said: dict[str, str]) -> None:
    code, printed = start(said)
    assert code == 0, printed
    supervisor = psutil.Process(int(re.findall(r"kill (\d+)", printed)[0]))
    try:
        assert f"http://127.0.0.1:{said['PORT']}/admin/" in printed
        code, again = start(said)
        assert code == 1
        assert "it runs already" in again
    finally:
        family = [supervisor, *supervisor.children(recursive=True)]
        supervisor.send_signal(signal.SIGTERM)
        _, left = psutil.wait_procs(family, timeout=60)
    assert not left
