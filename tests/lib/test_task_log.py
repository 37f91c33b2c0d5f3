"""A worker's lines name the request that caused them, through a real broker."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import structlog
from celery import Task
from kombu import Queue

from newsforge.celery import app


@pytest.fixture
def task() -> Iterator[Task]:  # type: ignore[type-arg]  # its parameters are of no interest
    name = f"tests.say-{uuid.uuid4()}"

    @app.task(name=name)
    def say(**_: object) -> dict[str, object]:
        return structlog.contextvars.get_contextvars()

    structlog.contextvars.clear_contextvars()
    yield say
    app.tasks.unregister(name)
    structlog.contextvars.clear_contextvars()


def test_a_message_carries_the_request_that_sent_it(task: Task) -> None:  # type: ignore[type-arg]  # as above
    structlog.contextvars.bind_contextvars(request_id="r-1")
    queue = Queue(f"tests-{uuid.uuid4()}")
    with app.connection_for_write() as connection:
        task.apply_async(kwargs={"conversion_id": "c-1"}, queue=queue)
        message = queue(connection.default_channel).get(no_ack=True)
        queue(connection.default_channel).delete()
    assert message is not None
    assert message.headers["request_id"] == "r-1"


def test_a_task_binds_what_it_works_on_and_leaves_nothing(task: Task) -> None:  # type: ignore[type-arg]  # as above
    said = task.apply(kwargs={"conversion_id": "c-1", "language": "ko"}, headers={"request_id": "r-1"}).get()
    assert {name: said[name] for name in ("request_id", "conversion_id", "task")} == {
        "request_id": "r-1",
        "conversion_id": "c-1",
        "task": task.name,
    }
    assert "language" not in said
    assert structlog.contextvars.get_contextvars() == {}


def test_what_beat_sends_goes_by_the_tasks_own_id(task: Task) -> None:  # type: ignore[type-arg]  # as above
    said = task.apply().get()
    assert said["request_id"] == said["task_id"]
