"""The web process that has a request dies in its middle."""

from __future__ import annotations

import threading
from http.client import HTTPException

import psutil
import psycopg
import pytest

from tests.chaos.client import Answer, Caller
from tests.chaos.installation import Installation, wait_until

pytestmark = pytest.mark.timeout(300)

KEY = "killed-in-the-middle"


def knock(caller: Caller) -> Answer | None:
    try:
        return caller.convert("door", Idempotency_Key=KEY)
    except (OSError, HTTPException):
        return None


def test_a_request_whose_process_was_killed_happens_once_when_it_is_sent_again(
    installation: Installation, caller: Caller
) -> None:
    assert installation.web
    lost: list[Answer | None] = []
    with psycopg.connect(installation.database) as holding:
        holding.execute("SELECT 1 FROM users WHERE id = %s FOR NO KEY UPDATE", [caller.id])
        client = threading.Thread(target=lambda: lost.append(knock(caller)))
        client.start()
        wait_until(lambda: installation.rows("SELECT 1 FROM idempotency_records WHERE user_id = %s", caller.id))
        for worker in psutil.Process(installation.web.pid).children():
            worker.kill()
        client.join(60)
    assert lost == [None]
    wait_until(lambda: knock(caller))
    in_use = knock(caller)
    assert in_use
    assert (in_use.status, in_use.body["code"]) == (409, "idempotency-key-in-use")
    assert installation.rows("SELECT count(*) FROM conversion_logs WHERE user_id = %s", caller.id) == [(0,)]
    with psycopg.connect(installation.database) as hurrying:  # a minute passes
        hurrying.execute("UPDATE idempotency_records SET locked_until = now() WHERE user_id = %s", [caller.id])
    first, again = knock(caller), knock(caller)
    assert first
    assert again
    assert (first.status, again.status) == (202, 202)
    assert again.body == first.body
    assert again.headers["idempotency-replayed"] == "true"
    installation.settle()
    assert installation.rows("SELECT api_quota_used FROM users WHERE id = %s", caller.id) == [(1,)]
