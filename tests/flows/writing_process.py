"""``python -m tests.flows.writing_process ID …``: a worker with a thread for each conversion, all let go at once."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID


def main(ids: list[str]) -> None:
    """Say ``ready``, wait for a line, then write every conversion at the same instant."""
    import django

    django.setup()
    import openai  # noqa: F401 - before the gate opens
    from django.db import connections

    from conversions import execution

    gate = threading.Barrier(len(ids) + 1)

    def write(conversion_id: str) -> None:
        gate.wait(60)
        try:
            execution.execute(conversion_id=UUID(conversion_id))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(ids)) as pool:
        ends = [pool.submit(write, each) for each in ids]
        print("ready", flush=True)  # noqa: T201 - to the test
        sys.stdin.readline()
        gate.wait(60)
        for end in ends:
            end.result(60)


if __name__ == "__main__":
    main(sys.argv[1:])
