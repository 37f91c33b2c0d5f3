"""The same message delivered many times, to two workers at once: everything happens once."""

from __future__ import annotations

import pytest
from celery import Celery

from tests.chaos.client import Caller
from tests.chaos.installation import Installation, wait_until

pytestmark = pytest.mark.timeout(300)

TIMES = 20


def say_again(installation: Installation, task: str, queue: str, **ids: str) -> None:
    with Celery(broker=installation.servers.valkey.url, set_as_current=False) as client:
        for _ in range(TIMES):
            client.send_task(task, kwargs=ids, queue=queue)


def test_every_message_many_times(installation: Installation, caller: Caller) -> None:
    installation.side.latency = 1.0
    answer = caller.convert("twice", by_address=True)
    (conversion,) = answer.body["conversions"]
    say_again(installation, "conversions.read_article", "reading", article_id=conversion["article"]["id"])
    say_again(installation, "conversions.run_conversion", "writing", conversion_id=conversion["id"])
    wait_until(lambda: installation.side.calls["twice"])
    say_again(installation, "conversions.run_conversion", "writing", conversion_id=conversion["id"])
    installation.settle()
    ((delivery,),) = installation.rows(
        "SELECT id::text FROM webhook_deliveries WHERE conversion_id = %s", conversion["id"]
    )
    say_again(installation, "conversions.deliver_webhook", "writing", delivery_id=delivery)
    say_again(installation, "conversions.run_conversion", "writing", conversion_id=conversion["id"])
    say_again(installation, "conversions.reap_stuck", "sweeping")
    again = caller.convert("after-twice")  # behind all of them in the same queue
    assert again.status == 202
    installation.settle()
    assert (installation.side.pages["twice"], installation.side.calls["twice"]) == (1, 1)
    assert installation.side.hooks[delivery] == 1
    ((claim,),) = installation.rows("SELECT claim FROM conversion_logs WHERE id = %s", conversion["id"])
    assert claim == 1
