"""Production starts only when everything that must be said is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsforge.env import ROOT

SAID = {
    "SECRET_KEY": "x" * 50,
    "DATABASE_URL": "postgres://newsforge@127.0.0.1:1/newsforge",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "NEWSFORGE_ENCRYPTION_KEYS": "k1:" + "A" * 43 + "=",
    "ALLOWED_HOSTS": "news.example",
}


def started(home: Path, **said: str) -> subprocess.CompletedProcess[str]:
    """Read the settings of production in a process of their own, in an environment of exactly these variables."""
    return subprocess.run(
        [sys.executable, "-c", "import newsforge.settings.production"],
        env={"PATH": os.environ["PATH"], "NEWSFORGE_HOME": str(home), **said},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("missing", ["", "NEWSFORGE_ENCRYPTION_KEYS"])
def test_production_refuses_to_start_without_encryption_keys(tmp_path: Path, missing: str) -> None:
    ended = started(tmp_path, **{name: value for name, value in SAID.items() if name != missing})
    assert (ended.returncode == 0) is (missing == ""), ended.stderr
    if missing:
        assert f"{missing} is not set" in ended.stderr
        assert SAID["SECRET_KEY"] not in ended.stderr
