"""A client process: for each line on stdin, a token, it sends requests at the same instant and prints the statuses.

``python -m tests.chaos.rush PORT THREADS``
"""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from tests.chaos.far_side import TEXT

BODY = json.dumps({"text": TEXT.format(case="rush"), "platforms": ["x"], "provider": "extractive"})


def main() -> None:
    port, many = int(sys.argv[1]), int(sys.argv[2])
    gate, here = threading.Barrier(many), threading.local()

    def knock(token: str) -> int:
        if not hasattr(here, "connection"):
            here.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        gate.wait()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        here.connection.request("POST", "/api/v1/conversions", BODY, headers)
        response = here.connection.getresponse()
        response.read()
        return int(response.status)

    with ThreadPoolExecutor(many) as pool:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(list(pool.map(knock, [line.strip()] * many))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
