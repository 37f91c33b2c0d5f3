"""A request leaves one line, which says where it came from."""

from __future__ import annotations

import pytest
import structlog
from django.test import Client
from structlog.testing import LogCapture


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "ip"),
    [({}, "127.0.0.1"), ({"X-Forwarded-For": "10.0.0.1, 203.0.113.9"}, "203.0.113.9")],
)
def test_a_request_is_one_line_with_its_address(headers: dict[str, str], ip: str) -> None:
    capture = LogCapture()
    before = structlog.get_config()["processors"]
    kept = list(before)
    before[:] = [structlog.contextvars.merge_contextvars, structlog.stdlib.filter_by_level, capture]
    try:
        Client().get("/api/v1/nothing", headers=headers)
    finally:
        before[:] = kept
    lines = [entry for entry in capture.entries if entry["event"].startswith("request_")]
    assert [(line["event"], line["ip"], line["code"]) for line in lines] == [("request_finished", ip, 404)]
