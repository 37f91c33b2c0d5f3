"""The id of an unexpected error: in the answer, on the log lines, in the report, on the conversion's row."""

from __future__ import annotations

import uuid

import structlog

NAME = "error_id"


def error_id() -> str:
    """Return the id of this request's or task's error, and bind it to every later log line.

    Whoever asks first makes it, so that the log, the report and the answer agree in whatever order they are written.
    """
    known = structlog.contextvars.get_contextvars().get(NAME)
    if isinstance(known, str):
        return known
    made = uuid.uuid4().hex
    structlog.contextvars.bind_contextvars(**{NAME: made})
    return made
