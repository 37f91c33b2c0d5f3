"""A provider on the loopback that lists its models, or does what a test makes it do."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.faults.canary import KEY
from tests.faults.server import FaultServer, answer, failing

MODELS = answer(json.dumps({"object": "list", "data": [], "has_more": False}).encode())
REFUSES = failing(401, {"error": {"message": f"Incorrect API key provided: {KEY}", "type": "authentication_error"}})
AWAY = failing(503, {"error": {"message": "try later", "type": "api_error"}})


@pytest.fixture
def provider(settings: Settings) -> Iterator[FaultServer]:
    """Both providers at once; it takes every key until told otherwise."""
    with FaultServer(MODELS) as running:
        settings.OPERATOR_PROVIDERS = {
            "openai": {"api_key": "", "base_url": f"{running.base_url}/v1", "model": "model-1", "api": "responses"},
            "anthropic": {"api_key": "", "base_url": running.base_url, "model": "model-1", "api": "messages"},
        }
        yield running
