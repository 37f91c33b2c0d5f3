"""Asking a provider whether it takes a key, for free."""

from __future__ import annotations

import json
import logging
import time

import pytest

from conversions.pipeline.providers import errors
from conversions.pipeline.providers.errors import ProviderFailure
from tests.faults.canary import KEY, leaks
from tests.faults.dialects import Dialect
from tests.faults.server import Act, FaultServer, answer, failing, hang_up, silence

MODELS = json.dumps(
    {"object": "list", "data": [{"id": "model-1", "object": "model", "type": "model"}], "has_more": False}
).encode()


def test_a_key_the_provider_takes(dialect: Dialect, server: FaultServer) -> None:
    server.play(answer(MODELS))
    dialect.writer(server.base_url, key=KEY).check_key(timeout=5)
    (request,) = server.received
    assert (request.method, request.path, request.body) == ("GET", "/v1/models", b"")
    assert KEY in request.headers.get("authorization", "") + request.headers.get("x-api-key", "")


CASES: dict[str, tuple[Act, type[ProviderFailure]]] = {
    "unknown": (failing(401, {"error": {"message": f"Incorrect API key: {KEY}"}}), errors.BadKey),
    "forbidden": (failing(403, {"error": {"message": "No.", "type": "permission_error"}}), errors.KeyForbidden),
    "no balance": (failing(402, {"error": {"message": "No.", "type": "billing_error"}}), errors.KeyQuotaExhausted),
    "too often": (failing(429, {"error": {"message": "No.", "type": "rate_limit_error"}}), errors.RateLimited),
    "knows no models": (failing(404, {"detail": "Not Found"}), errors.BadProviderRequest),
    "away": (failing(503, {}), errors.ProviderUnavailable),
    "web page": (answer(b"<!doctype html><title>Sign in</title>", kind="text/html"), errors.NotAnAnswer),
    "no connection": (hang_up, errors.ProviderUnreachable),
    "silence": (silence, errors.ProviderTimedOut),
    "failed with a good status": (answer(b'{"error": {"message": "oops"}}'), errors.ProviderUnavailable),
}


@pytest.mark.parametrize("name", CASES)
def test_what_else_may_come_back(
    name: str, dialect: Dialect, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    act, expected = CASES[name]
    server.play(act)
    started = time.monotonic()
    with pytest.raises(ProviderFailure) as caught:
        dialect.writer(server.base_url, key=KEY).check_key(timeout=0.5 if name == "silence" else 5)
    assert type(caught.value) is expected
    assert time.monotonic() - started < 4
    assert len(server.received) == 1
    assert leaks(caught.value, caplog.records) == []
