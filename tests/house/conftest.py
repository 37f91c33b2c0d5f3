"""What the tests of deploy/ share."""

from __future__ import annotations

from configparser import RawConfigParser

import pytest

from newsforge.embedded import entry


@pytest.fixture
def supervised() -> RawConfigParser:
    """The supervisor's file."""
    parser = RawConfigParser(comment_prefixes=(";",))
    parser.read(entry.CONFIGURATION, "utf-8")
    return parser


@pytest.fixture
def commands(supervised: RawConfigParser, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What may stand behind the image's entry."""
    for name in ("NEWSFORGE_HOME", "NEWSFORGE_PYTHON", "NEWSFORGE_HOST", "PORT"):
        monkeypatch.setenv(name, "here")
    return {*entry.programs(supervised), *entry.SETS, "migrate"}
