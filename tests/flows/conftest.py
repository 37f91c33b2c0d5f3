"""Providers that are warm, so that only what a test is about takes time."""

from __future__ import annotations

import pytest

from conversions.enums import Platform
from conversions.pipeline.compose import compose
from conversions.pipeline.extract import from_text
from conversions.pipeline.types import Brief, Prompt
from tests.faults.server import FaultServer
from tests.flows.faults import BOTH, TEXT, good


@pytest.fixture(scope="module")
def warm(prompt: Prompt) -> None:
    """An SDK's import and first call take their time once a process; that is not what is timed."""
    for dialect in BOTH:
        with FaultServer(good(dialect)) as server:
            dialect.writer(server.base_url, key="sk-warm").complete(prompt, timeout=60)


@pytest.fixture(scope="module")
def prompt() -> Prompt:
    return compose(article=from_text(text=TEXT), brief=Brief(platform=Platform.X))
