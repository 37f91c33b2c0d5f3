"""The README says the same in both languages."""

from __future__ import annotations

import re

import pytest

from newsforge.env import ROOT

ENGLISH, KOREAN = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ko.md"))


def commands(text: str) -> list[str]:
    """The blocks' lines without what they say to people."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+# .*", "", line) for block in blocks for line in block.splitlines()]


def rows(text: str) -> list[str]:
    """What each row of a table is about; heads are words."""
    return [cell for cell in re.findall(r"^\| (.+?) \| .+ \|$", text, re.MULTILINE) if cell[0] in "`["]


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)))


def links(text: str) -> set[str]:
    """Where it leads; a picture of a page is in the reader's language."""
    found = set(re.findall(r"\]\(([^)]+)\)", text)) - {"README.md", "README.ko.md"}
    return {re.sub(r"-(ko|en)-", "-LANGUAGE-", each) for each in found}


@pytest.mark.parametrize("part", [commands, rows], ids=["commands", "rows"])
def test_both_have_the_same_in_the_same_order(part: object) -> None:
    assert callable(part)
    assert part(ENGLISH) == part(KOREAN)
    assert len(part(ENGLISH)) >= 5


def test_both_name_and_link_the_same() -> None:
    assert quoted(ENGLISH) == quoted(KOREAN)
    assert links(ENGLISH) == links(KOREAN)
    assert ENGLISH.count("\n## ") == KOREAN.count("\n## ")
