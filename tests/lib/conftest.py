"""A raw server per test, and a watch that lets no packet out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lib.loopback import Loopback, Watch, loopback, watch


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return watch(monkeypatch)
