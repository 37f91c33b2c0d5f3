"""See to a Chromium for the browser tests: ``browser.py [what pytest was asked for]``.

The user's own is used where there is one. Otherwise root's apt-get installs Debian's; nobody else's machine is changed.
Run by its path, as ``bootstrap.py`` is. Where there is no browser in the end the tests run all the same, and those that
need one fail with the sentence printed here.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
TESTS = ROOT / "tests/browser"
LOG = ROOT / ".venv/browser.log"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
APT_GET = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y")
MISSING = (
    "The browser tests need Chromium, and none was found. Install it (Debian: apt-get install --no-install-recommends "
    "chromium fonts-noto-cjk), or name one: NEWSFORGE_CHROMIUM=/path/to/chromium"
)
BROKEN = "NEWSFORGE_CHROMIUM={path} does not start. Name a Chromium that does, or unset it."


def main(asked: Sequence[str]) -> None:
    """Install Chromium if the browser tests are among what pytest was asked for and there is none."""
    if not are_asked(asked) or find():
        return
    bootstrap = runpy.run_path(str(HERE.with_name("bootstrap.py")))
    if not os.environ.get("NEWSFORGE_CHROMIUM") and os.geteuid() == 0 and shutil.which("apt-get"):
        bootstrap["say"]("Installing Debian's Chromium for the browser tests: 150 MB, a minute or two")
        install = [*APT_GET, "install", "--no-install-recommends", *PACKAGES]
        if bootstrap["run"](install, LOG) != 0 and bootstrap["run"]([*APT_GET, "update"], LOG) == 0:
            bootstrap["run"](install, LOG)  # its list of packages was missing, or old
        if not find():
            bootstrap["say"](f"apt-get could not install it; {LOG} has its last words")
    if not find():
        bootstrap["say"](missing())


def are_asked(asked: Sequence[str]) -> bool:
    """Return whether the arguments name the browser tests or something around them, or no tests at all."""
    named = [(ROOT / word.split("::")[0]).resolve() for word in asked if (ROOT / word.split("::")[0]).exists()]
    return not named or any(TESTS.is_relative_to(path) or path.is_relative_to(TESTS) for path in named)


def find() -> str | None:
    """Return the path of a Chromium that starts, None without one; the user's choice stands alone."""
    chosen = os.environ.get("NEWSFORGE_CHROMIUM")
    for name in (chosen,) if chosen else NAMES:
        path = shutil.which(name)
        if path and _starts(path):
            return path
    return None


def missing() -> str:
    """Return what to do about it, in a sentence."""
    chosen = os.environ.get("NEWSFORGE_CHROMIUM")
    return BROKEN.format(path=chosen) if chosen else MISSING


def _starts(path: str) -> bool:
    """Return whether it tells its version; Ubuntu's is a script that only names another package."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
