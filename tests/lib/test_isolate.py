"""Work in processes that can be killed: in order, streamed, and never stuck."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Generator, Iterable, Iterator
from typing import Any

import pytest

from newsforge.lib.errors import PermanentError
from newsforge.lib.isolate import Done, run_isolated


class TooSlow(PermanentError):
    code = "too-slow"
    title = "Too slow"
    sentence = "It took too long."


class Odd(PermanentError):
    code = "odd"
    title = "Odd"
    sentence = "%(number)s is odd."


Answers = Generator[Done[Any, Any], None, None]


def answer(item: object) -> object:
    match item:
        case ("sleep", float(seconds)):
            time.sleep(seconds)
        case "exit":
            os._exit(3)
        case int(number) if number % 2:
            raise Odd(number=number)
    return item, os.getpid()


def told(done: Done[Any, Any]) -> tuple[object, int]:
    """The item as the function gave it back, and the process that did."""
    assert done.failure is None
    item, pid = done.value or (None, 0)
    return item, pid


def run(items: Iterable[object], *, seconds: float = 30, workers: int = 2) -> Answers:
    return run_isolated(function=answer, items=items, seconds=seconds, workers=workers, too_slow=TooSlow())


def test_answers_come_in_the_order_of_the_items() -> None:
    items = [("sleep", 0.4), *range(0, 40, 2)]
    done = list(run(items))
    assert [each.item for each in done] == items
    assert [told(each)[0] for each in done] == items
    assert len({told(each)[1] for each in done}) == 2
    assert os.getpid() not in {told(each)[1] for each in done}


def test_what_takes_too_long_is_killed_and_the_rest_goes_on() -> None:
    started = time.monotonic()
    done = list(run([0, ("sleep", 60.0), 2, 4], seconds=3, workers=1))
    assert time.monotonic() - started < 30
    assert [each.failure.code if each.failure else None for each in done] == [None, "too-slow", None, None]
    assert told(done[0])[1] != told(done[3])[1]


def test_a_process_that_dies_is_replaced() -> None:
    done = list(run([0, "exit", 2], workers=1))
    assert [each.failure.code if each.failure else None for each in done] == [None, "worker-lost", None]


def test_a_failure_comes_back_whole() -> None:
    (done,) = run([3])
    assert isinstance(done.failure, Odd)
    assert done.failure.detail == "3 is odd."


def test_an_answer_leaves_while_the_next_item_is_awaited() -> None:
    asked: queue.Queue[int | None] = queue.Queue()
    answers = run(iter(asked.get, None))
    for number in (0, 2, 4):
        asked.put(number)
        assert told(next(answers))[0] == number
    asked.put(None)
    assert list(answers) == []


def test_leaving_early_ends_the_processes_at_once() -> None:
    started = time.monotonic()
    answers = run(iter([0, *[("sleep", 60.0)] * 50]), seconds=60)
    pid = told(next(answers))[1]
    answers.close()
    assert time.monotonic() - started < 30
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_error_among_the_items_is_the_callers() -> None:
    def broken() -> Iterator[int]:
        yield 0
        raise OSError("input is gone")

    answers = run(broken())
    assert told(next(answers))[0] == 0
    with pytest.raises(OSError, match="input is gone"):
        next(answers)
