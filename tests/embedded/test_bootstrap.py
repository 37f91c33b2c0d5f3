"""What a newcomer reads when .venv cannot be made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from newsforge.embedded import bootstrap

ROOT = Path(__file__).resolve().parents[2]

SAID = {
    "error: Failed to download\n  Caused by: No space left on device (os error 28)": "No space is left on the disk",
    "OSError: [Errno 28] No space left on device: '/x/.venv/lib'": "No space is left on the disk",
    "error: command 'gcc' failed: No such file or directory": "there is no C compiler or no Python.h",
    "error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'": "there is no C compiler or no Python.h",
    "fatal error: Python.h: No such file or directory": "there is no C compiler or no Python.h",
    "/usr/bin/python3.11: No module named ensurepip": "apt-get install python3.11-venv",
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": "its hash differs",
    "error: Hash mismatch for `regex==2026.1.1`": "its hash differs",
    "error sending request for url (https://pypi.org/simple/django/)": "package index could not be reached",
    "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution": "could not be reached",
    "Permission denied: '/x/.venv'": "may not write to",
    "error: the moon is in the wrong quarter": "the moon is in the wrong quarter",
}
"""What uv, pip and venv really say, and a part of the sentence it becomes."""


@pytest.mark.parametrize(("said", "sentence"), SAID.items(), ids=range(len(SAID)))
def test_an_installers_words_become_a_sentence(said: str, sentence: str) -> None:
    with pytest.raises(SystemExit) as caught:
        bootstrap.explain(said)
    assert sentence in str(caught.value.code)
    assert "Traceback" not in str(caught.value.code)


def test_uv_itself_is_installed_by_its_hash() -> None:
    requirement = bootstrap.uv_requirement()
    assert requirement.startswith("uv==")
    assert "--hash=sha256:" in requirement
    assert requirement.count("==") == 1


def test_it_runs_on_a_bare_python() -> None:
    """Nothing is installed yet when it runs: no site-packages, no project on the path."""
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "newsforge/embedded/bootstrap.py", "nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "requirements/nothing.txt" in bare.stderr
    assert "Traceback" not in bare.stderr


@pytest.mark.parametrize("python", ["/bin/false", "/nowhere/python3.11"])
def test_another_python_is_refused_in_a_sentence(python: str) -> None:
    refused = subprocess.run(
        ["make", "demo", f"PYTHON={python}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert refused.returncode != 0
    assert f"NewsForge needs Python 3.11, and {python} is not that." in refused.stdout
