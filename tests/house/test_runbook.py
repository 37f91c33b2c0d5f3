"""Whoever is woken by an alert finds what to do."""

from __future__ import annotations

from monitoring.enums import IncidentKind
from newsforge.embedded.home import ROOT


def test_every_kind_of_incident_has_its_section() -> None:
    lines = (ROOT / "docs/operations.md").read_text("utf-8").splitlines()
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == [
        kind.value for kind in IncidentKind
    ]
