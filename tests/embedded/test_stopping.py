"""A Ctrl-C is never lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOST = """
import os, signal
from newsforge.embedded.stopping import check_stopped, stop_on_signals

class Ends:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000): pass

stop_on_signals()
Ends()
print("went on", flush=True)
check_stopped()
print("never said", flush=True)
"""


def test_a_signal_whose_exception_python_dropped_still_stops() -> None:
    process = subprocess.run([sys.executable, "-c", LOST], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.stdout == "went on\n"
    assert process.returncode == 130
