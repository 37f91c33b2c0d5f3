"""How the browser tests come to a Chromium: the user's own, Debian's, or a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsforge.embedded import browser

SCRIPT = browser.ROOT / "newsforge/embedded/browser.py"
INSTALLS = """#!/bin/sh
echo "$*" >> {log}
case "$*" in *update*) touch {log}.list;; esac
test -e {log}.list || exit 100
cp {chromium} {folder}/chromium
"""
"""An apt-get whose list of packages is missing until it is told to update."""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH; a shell and env are in it."""
    for program in ("sh", "env", "cp", "touch"):
        (tmp_path / program).symlink_to(Path("/bin") / program)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NEWSFORGE_CHROMIUM", raising=False)
    return tmp_path


def program(path: Path, text: str = "#!/bin/sh\necho Chromium 156\n") -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def see_to_it(*asked: str) -> str:
    answer = subprocess.run([sys.executable, SCRIPT, *asked], capture_output=True, text=True, check=True, cwd="/")
    assert answer.stderr == ""
    return answer.stdout


@pytest.mark.parametrize(
    "asked",
    ["", "-x -k korean", "tests", "tests/browser", "tests/browser/test_pages.py::test_it", "tests/lib tests/browser"],
)
def test_it_is_needed_where_the_browser_tests_run(asked: str) -> None:
    assert browser.are_asked(asked.split())


@pytest.mark.parametrize("asked", ["tests/lib", "-x tests/embedded/test_browser.py::test_it", "tests/lib tests/house"])
def test_it_is_not_needed_elsewhere(asked: str) -> None:
    assert not browser.are_asked(asked.split())


def test_what_is_on_the_path_is_used(path: Path) -> None:
    program(path / "chromium", "#!/bin/sh\necho 'Install the snap'; exit 1\n")
    assert browser.find() is None
    chrome = program(path / "google-chrome")
    assert browser.find() == str(chrome)
    assert see_to_it() == ""


def test_the_one_that_is_named_is_used_or_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path / "chromium")
    monkeypatch.setenv("NEWSFORGE_CHROMIUM", str(program(path / "mine")))
    assert browser.find() == str(path / "mine")
    monkeypatch.setenv("NEWSFORGE_CHROMIUM", "/nowhere/chrome")
    assert browser.find() is None
    assert "NEWSFORGE_CHROMIUM=/nowhere/chrome does not start" in see_to_it()


def test_without_one_a_sentence_says_what_to_install(path: Path) -> None:
    assert "apt-get install --no-install-recommends chromium fonts-noto-cjk" in see_to_it()
    assert see_to_it("tests/lib") == ""


def test_root_gets_debians(path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("apt")
    chromium = program(elsewhere / "chromium")
    program(path / "apt-get", INSTALLS.format(log=elsewhere / "log", chromium=chromium, folder=path))
    said = see_to_it()
    if os.geteuid() != 0:
        assert "The browser tests need Chromium" in said
        return
    assert said.count("\n") == 1
    assert "Installing Debian's Chromium" in said
    verbs = [line.split()[2] for line in (elsewhere / "log").read_text().splitlines()]
    assert verbs == ["install", "update", "install"]
    assert browser.find() == str(path / "chromium")
