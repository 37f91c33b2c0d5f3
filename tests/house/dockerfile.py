"""The Dockerfile's steps, read as its engine would, and its last stage laid out in a folder."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from newsforge.env import ROOT


class Step(NamedTuple):
    """One instruction."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Return what follows: the words of the JSON form, or of the line without its flags."""
        if self.rest.startswith("["):
            return [str(word) for word in json.loads(self.rest)]
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]


def last_stage() -> list[Step]:
    """Return the instructions after the last FROM."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    steps = [Step(*line.split(maxsplit=1)) for line in lines if line.strip()]
    first = max(number for number, step in enumerate(steps) if step.name == "FROM")
    return steps[first:]


def only(name: str) -> Step:
    """Return the one instruction of this name."""
    (found,) = (step for step in last_stage() if step.name == name)
    return found


def copied() -> list[str]:
    """Return the files and folders the image takes from the project."""
    pairs = [step.words for step in last_stage() if step.name == "COPY"]
    assert all(target in {source, "./"} for source, target in pairs)
    return [source for source, _ in pairs]


def environment() -> dict[str, str]:
    """Return what ENV says."""
    return dict(word.split("=", 1) for step in last_stage() if step.name == "ENV" for word in step.words)


def lay_out(folder: Path) -> dict[str, str]:
    """Do in ``folder`` what the last stage does in its WORKDIR, and return the environment for it."""
    for name in copied():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, folder / name)
    said = {name: value.replace(only("WORKDIR").rest, str(folder)) for name, value in environment().items()}
    said["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    (made,) = (step.rest for step in last_stage() if step.name == "RUN" and "collectstatic" in step.rest)
    (home,) = re.findall(r"NEWSFORGE_HOME=(\S+)", made)
    for part in made.replace(home, str(folder.parent / "collecting")).split("&&")[:-1]:  # the last is for root
        subprocess.run(["sh", "-c", part], cwd=folder, env=said, check=True)
    return said
