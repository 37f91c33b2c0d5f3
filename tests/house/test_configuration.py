"""The page of all settings is what the code reads."""

from __future__ import annotations

import re

from newsforge.configuration import PAGE, page
from newsforge.env import ROOT, SECRETS, TABLE


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m newsforge.configuration"


def test_it_names_every_variable_once_and_no_folder_of_this_machine() -> None:
    rows = re.findall(r"^\| `(\w+)`( ●)? \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [name for name, _ in rows] == list(TABLE)
    assert {name for name, mark in rows if mark} == SECRETS
    assert str(ROOT) not in PAGE.read_text("utf-8")
