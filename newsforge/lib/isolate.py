"""Run a function over a stream of items in processes that can be killed: a time limit that nothing can outwit."""

from __future__ import annotations

import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, Generic, TypeVar

from newsforge.lib.errors import Fault, NewsforgeError, PermanentError

T = TypeVar("T")
R = TypeVar("R")

_AHEAD: Final = 4
"""Items per worker that are read before they are asked for, so that no worker waits for the reader."""
_NOTICE: Final = 0.2
"""Seconds after which the reader of items notices that nobody wants them any more."""


class WorkerDied(PermanentError):
    """Say that the process ended without an answer."""

    code = "worker-lost"
    status_code = 500
    title = "The work was cut off"
    sentence = "The process that worked on this ended without an answer. Try again, and tell us if it happens again."
    fault = Fault.US


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[T, R]):
    """What became of one item: its value, or the failure that stands for it."""

    item: T
    value: R | None = None
    failure: NewsforgeError | None = None


def run_isolated(
    *, function: Callable[[T], R], items: Iterable[T], seconds: float, workers: int, too_slow: NewsforgeError
) -> Generator[Done[T, R], None, None]:
    """Yield what the function makes of each item, in the order of the items, each as soon as it can be told.

    The function is importable by name, items and values can be pickled. It runs in one of ``workers`` processes; one
    that takes longer than ``seconds`` over an item is killed and replaced, and the item's failure is ``too_slow``. A
    ``NewsforgeError`` it raises is the item's failure; any other exception ends its process, prints a traceback and is
    told as ``WorkerDied``. Items are taken in a thread of their own: an answer leaves while the next item is awaited.
    """
    work: _Work[T, R] = _Work(function, seconds, too_slow)
    threads = [threading.Thread(target=work.feed, args=(items, workers), daemon=True)]
    threads += [threading.Thread(target=work.keep, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        yield from _in_order(work, workers)
    finally:
        work.over.set()
        for keeper in threads[1:]:
            keeper.join()
    if work.failure is not None:
        raise work.failure


def _in_order(work: _Work[T, R], workers: int) -> Iterator[Done[T, R]]:
    finished: dict[int, Done[T, R]] = {}
    told = 0
    while workers:
        answer = work.answers.get()
        if answer is None:
            workers -= 1
            continue
        finished[answer[0]] = answer[1]
        while told in finished:
            yield finished.pop(told)
            told += 1


class _Work(Generic[T, R]):
    """What the threads of one call share: one feeds the items, each of the others keeps one process."""

    def __init__(self, function: Callable[[T], R], seconds: float, too_slow: NewsforgeError) -> None:
        self.function = function
        self.seconds = seconds
        self.too_slow = too_slow
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([function.__module__])
        self.todo: queue.Queue[tuple[int, T] | None] = queue.Queue(maxsize=_AHEAD)
        self.answers: queue.SimpleQueue[tuple[int, Done[T, R]] | None] = queue.SimpleQueue()
        self.over = threading.Event()
        self.failure: BaseException | None = None

    def feed(self, items: Iterable[T], workers: int) -> None:
        """Put every item into the queue, then one end for each worker."""
        try:
            for numbered in enumerate(items):
                self._put(numbered)
        except Exception as failure:  # noqa: BLE001 - raised again in the caller's thread
            self.failure = failure
        for _ in range(workers):
            self._put(None)

    def _put(self, entry: tuple[int, T] | None) -> None:
        while not self.over.is_set():
            try:
                return self.todo.put(entry, timeout=_NOTICE)
            except queue.Full:
                continue
        return None

    def keep(self) -> None:
        """Hand items to one process and its answers on, and replace it when it is too slow or dies."""
        process: _Process[T, R] | None = None
        while (entry := self._take()) is not None:
            number, item = entry
            process = process if process is not None and process.is_alive else _Process(self.context, self.function)
            self.answers.put((number, process.ask(item, self)))
        if process is not None and process.is_alive:
            process.stop()
        self.answers.put(None)

    def _take(self) -> tuple[int, T] | None:
        while not self.over.is_set():
            try:
                return self.todo.get(timeout=_NOTICE)
            except queue.Empty:
                continue
        return None


class _Process(Generic[T, R]):
    def __init__(self, context: multiprocessing.context.ForkServerContext, function: Callable[[T], R]) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(function, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.is_alive = True

    def ask(self, item: T, work: _Work[T, R]) -> Done[T, R]:
        """Return what the process answers, or why it did not."""
        left = work.seconds
        try:
            self.pipe.send(item)
            while not self.pipe.poll(min(left, _NOTICE)):
                left -= _NOTICE
                if left <= 0 or work.over.is_set():
                    self.stop()
                    return Done(item=item, failure=work.too_slow)
            value, failure = self.pipe.recv()
        except (EOFError, OSError):
            self.stop()
            return Done(item=item, failure=WorkerDied())
        return Done(item=item, value=value, failure=failure)

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.is_alive = False
        self.pipe.close()
        self.process.kill()
        self.process.join()
        self.process.close()


def _serve(function: Callable[[Any], Any], pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    while True:
        try:
            item = pipe.recv()
        except EOFError:
            return
        answer: tuple[Any, NewsforgeError | None]
        try:
            answer = (function(item), None)
        except NewsforgeError as failure:
            answer = (None, failure)
        pipe.send(answer)
