"""The stylesheets are whole: a brace that is missing silently takes everything behind it away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newsforge.embedded.home import ROOT

SHEETS = sorted((ROOT / "conversions/static/web").glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INNERMOST = re.compile(r"[^{}]*\{[^{}]*\}")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_rule_is_closed_and_no_declaration_stands_outside(sheet: Path) -> None:
    text = COMMENT.sub("", sheet.read_text("utf-8"))
    for rule in INNERMOST.findall(text):
        selector, _, declarations = rule.partition("{")
        assert ";" not in selector.replace("@charset", ""), rule
        for each in filter(str.strip, declarations.rstrip("}").split(";")):
            assert re.match(r"\s*[-\w]+\s*:", each), rule
    rest = text
    while (shorter := INNERMOST.sub("", rest)) != rest:
        rest = shorter
    assert rest.strip() == ""
