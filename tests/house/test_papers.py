"""What the papers name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newsforge.env import ROOT

DECISIONS = ROOT / "docs" / "decisions"
"""They say how things were on their day."""
PAPERS = sorted(
    {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "clients").rglob("*.md")} - {*DECISIONS.iterdir()}
)
PLACES = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"var", ".venv"}


def paths(paper: Path) -> set[str]:
    """Files and folders in backquotes that begin with a folder of the project, or end like a paper."""
    quoted = re.findall(r"`([\w.\-]+(?:/[\w.\-]+)*/?)`", paper.read_text("utf-8"))
    return {each for each in quoted if ("/" in each and each.split("/")[0] in PLACES) or each.endswith(".md")}


def links(paper: Path) -> set[str]:
    return {
        each.split("#")[0]
        for each in re.findall(r"\]\(([^)\s]+)\)", paper.read_text("utf-8"))
        if not each.startswith(("http:", "https:", "#", "/"))
    }


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_whatever_a_paper_names_is_there(paper: Path) -> None:
    assert {each for each in paths(paper) if not (ROOT / each).exists()} == set()
    assert {each for each in links(paper) if not (paper.parent / each).exists()} == set()


def test_the_checklists_name_many_places() -> None:
    assert len(paths(ROOT / "CONTRIBUTING.md")) > 40
