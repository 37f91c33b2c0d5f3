"""Every line a worker logs says for which request, task and row it is."""

from __future__ import annotations

from typing import Any

import structlog
from celery import signals

HEADER = "request_id"


def connect() -> None:
    """Carry the id of the request along with each message, and bind it where the message is worked on."""
    signals.before_task_publish.connect(carry, dispatch_uid="request id into a message")
    signals.task_prerun.connect(bind, dispatch_uid="ids onto the lines of a task")
    signals.task_postrun.connect(unbind, dispatch_uid="ids off the lines of a task")


def carry(headers: dict[str, Any] | None = None, **_: object) -> None:
    """Put the id of the request, or of the task that sends the message, into its headers."""
    request_id = structlog.contextvars.get_contextvars().get(HEADER)
    if headers is not None and request_id:
        headers[HEADER] = request_id


def bind(task_id: str, task: Any, kwargs: dict[str, Any], **_: object) -> None:
    """Bind what the task works on; a task without a request is one of beat's and goes by its own id."""
    structlog.contextvars.clear_contextvars()
    request = task.request  # from a message its headers are its own fields, from ``apply`` they stay apart
    request_id = request.get(HEADER) or (request.headers or {}).get(HEADER) or task_id
    ids = {name: value for name, value in kwargs.items() if name.endswith("_id")}
    structlog.contextvars.bind_contextvars(**ids, task=task.name, task_id=task_id, request_id=request_id)


def unbind(**_: object) -> None:
    """Leave nothing for the next task of this thread."""
    structlog.contextvars.clear_contextvars()
