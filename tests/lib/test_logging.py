"""What is written to the log, as the handlers of the settings write it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.conf import settings

from tests.faults.canary import KEY

Written = Callable[[], str]


def formatter_of(name: str) -> logging.Formatter:
    written: dict[str, Any] = settings.LOGGING
    facts = dict(written["formatters"][name])
    made: logging.Formatter = facts.pop("()")(**facts)
    return made


@pytest.fixture(params=["json", "terminal"])
def log(request: pytest.FixtureRequest) -> Iterator[tuple[logging.Logger, Written]]:
    """A logger with a handler of the settings."""
    formatter = formatter_of(request.param)
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.getLogger(f"tests.redaction.{request.param}")
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, stream.getvalue
    logger.removeHandler(handler)


def fail_with(secret: str) -> None:
    raise ValueError(f"Incorrect API key provided: {secret}")


def test_no_line_holds_a_key(log: tuple[logging.Logger, Written]) -> None:
    logger, written = log
    ours = structlog.get_logger(logger.name)
    logger.warning("POST https://user:%s@api.example/v1?api_key=%s", KEY, KEY)
    logger.warning("headers: %r", {"x-api-key": KEY, "authorization": f"Bearer {KEY}"})
    ours.warning("asked", api_key="of-no-known-shape", client={"headers": [("x-api-key", KEY)]}, who=Exception(KEY))
    try:
        fail_with(KEY)
    except ValueError as error:
        logger.exception("failed")
        ours.exception("failed", error=error)
    text = written()
    assert len(text.splitlines()) >= 5
    assert KEY[10:30] not in text
    assert "of-no-known-shape" not in text
    assert "ValueError" in text
    assert "fail_with" in text, "the traceback stays"
    assert "api.example" in text


def test_lines_stay_json() -> None:
    formatter = formatter_of("json")
    record = logging.LogRecord("x", logging.INFO, __file__, 1, 'a "quoted" token="%s', (KEY,), None)
    line = json.loads(formatter.format(record))
    assert line["event"].startswith('a "quoted" token=')
