"""What /metrics says, to whom, and that what it counts is what happened."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.models import User
from conversions import execution
from conversions.enums import Status, Verdict
from conversions.models import Article, Attempt, Conversion, WebhookDelivery
from monitoring.heartbeats import HOST
from monitoring.metrics import totals
from monitoring.metrics.scrape import scrape
from newsforge.embedded.home import ROOT
from newsforge.lib.database import connect_apart
from newsforge.lib.errors import PermanentError
from tests.factories import (
    make_attempt,
    make_conversion,
    make_delivery,
    make_endpoint,
    make_heartbeat,
    make_incident,
    make_token,
)

TOKEN = "nf-metrics-token"
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]

COUNTING = """
import os, sys
from pathlib import Path
from prometheus_client import CollectorRegistry, Counter, values
from monitoring.metrics.slots import Slot
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
values.ValueClass = values.MultiProcessValue(Slot(Path(sys.argv[1])).name)
names = ("method", "endpoint", "status")
requests = Counter("newsforge_requests", "Requests answered.", names, registry=CollectorRegistry())
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        requests.labels("GET", "probe-of-a-test", 200).inc()
    print("counted", flush=True)
"""


TOKEN_EVENT = "('tokens', 'openai|input', 1)"


def run(sql: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture(autouse=True)
def _nothing_counted(request: pytest.FixtureRequest) -> None:
    """Begin at zero: a test's clean-up empties the tables of models, and these have none."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if request.node.get_closest_marker("django_db").kwargs else "db")
        run("TRUNCATE counted_events, counted_totals")


def read(text: str) -> Series:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(series: Series, name: str, **labels: str) -> float:
    return series.get((name, frozenset(labels.items())), 0.0)


def counted() -> Series:
    """What the database counted up to now, in this test's transaction."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in totals.families()
        for sample in family.samples
    }


def ask(**headers: Any) -> Series:
    answer = Client().get("/metrics", **headers)
    assert answer.status_code == 200, answer.content
    assert "no-store" in answer["Cache-Control"]
    return read(answer.content.decode())


def end_one(user: User, **fields: Any) -> Conversion:
    conversion = make_conversion(user, status=Status.PROCESSING, started_at=timezone.now())
    Conversion.objects.filter(pk=conversion.pk).move(
        Status.PROCESSING,
        Status.SUCCEEDED,
        **{
            "content_generated": "글",
            "provider": "openai",
            "processing_time_ms": 1900,
            "timings": {"generate": 1500, "fit": 2, "ground": 40},
            "finished_at": timezone.now() - timedelta(days=100),
        }
        | fields,
    )
    return conversion


WHO_MAY: list[tuple[str, str, dict[str, str], int]] = [
    (TOKEN, "203.0.113.9", {"Authorization": f"Bearer {TOKEN}"}, 200),
    (TOKEN, "127.0.0.1", {}, 403),
    (TOKEN, "127.0.0.1", {"Authorization": "Bearer wrong"}, 403),
    (TOKEN, "127.0.0.1", {"Authorization": "Bearer 비밀"}, 403),
    ("", "127.0.0.1", {}, 200),
    ("", "10.2.3.4", {}, 200),
    ("", "::ffff:192.168.1.4", {}, 200),
    ("", "::1", {}, 200),
    ("", "203.0.113.9", {}, 403),
    ("", "2001:4860::1", {}, 403),
    ("", "", {}, 403),
    ("", "203.0.113.9", {"X-Forwarded-For": "127.0.0.1"}, 403),
    ("", "127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 403),
    ("", "127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 403),
]


@pytest.mark.django_db(transaction=True)
def test_it_answers_the_token_or_without_one_the_private_network(settings: Settings) -> None:
    for token, address, headers, status in WHO_MAY:
        settings.METRICS_TOKEN = token
        answer = Client().get("/metrics", headers=headers, REMOTE_ADDR=address)
        assert answer.status_code == status, (token, address, headers)
        assert (b"newsforge_database_up 1.0" in answer.content) == (status == 200)
        assert "problem" not in structlog.contextvars.get_contextvars()  # or the next request's log lines had it


@pytest.mark.django_db(transaction=True)
def test_requests_are_counted_under_the_names_of_our_own_addresses(desk: Client) -> None:
    before = ask()
    desk.get("/health/")
    desk.get("/health/live/")
    desk.get("/no/such/page/7f3a")
    desk.get("/no/such/page/9c1b")
    desk.generic("BREW", "/no/such/page/9c1b")
    desk.get("/static/web/site.css").close()
    Client().get("/api/v1/conversions")
    now = ask()

    def more(name: str, **labels: str) -> float:
        return value(now, name, **labels) - value(before, name, **labels)

    total = "newsforge_requests_total"
    assert more(total, method="GET", endpoint="health", status="200") == 1
    assert more(total, method="GET", endpoint="health-live", status="200") == 1
    assert more(total, method="GET", endpoint="unmatched", status="404") == 2
    assert more(total, method="other", endpoint="unmatched", status="404") == 1
    assert more(total, method="GET", endpoint="static", status="200") == 1
    assert more(total, method="GET", endpoint="metrics", status="200") == 1
    assert more("newsforge_request_duration_seconds_count", endpoint="unmatched") == 3
    assert more("newsforge_request_duration_seconds_bucket", endpoint="unmatched", le="+Inf") == 3
    assert more("newsforge_problems_total", code="not-authenticated") == 1
    assert not any("7f3a" in text for _, labels in now for pair in labels for text in pair)


@pytest.mark.django_db(transaction=True)
def test_a_day_that_is_used_up_is_counted(acme: User) -> None:
    acme.api_quota_daily = 0
    acme.save()
    _, token = make_token(acme)
    before = value(ask(), "newsforge_quota_rejections_total", code="quota-exceeded")
    body = {"text": "수원시가 월요일 24시간 도서관을 열었다. " * 20, "platforms": ["x"]}
    answer = Client().post(
        "/api/v1/conversions", body, "application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 429
    assert value(ask(), "newsforge_quota_rejections_total", code="quota-exceeded") == before + 1


@pytest.mark.django_db
def test_conversions_are_counted_in_the_transaction_that_ends_them(acme: User) -> None:
    end_one(acme)
    failing = make_conversion(acme, requested_provider="anthropic")
    execution.fail(conversion=failing, failure=PermanentError(), now=timezone.now())
    execution.fail(conversion=failing, failure=PermanentError(), now=timezone.now())  # it has ended already
    now = counted()
    labels = {"platform": "x", "provider": "openai", "status": "succeeded"}
    assert value(now, "newsforge_conversions_total", **labels) == 1
    labels |= {"provider": "anthropic", "status": "failed"}
    assert value(now, "newsforge_conversions_total", **labels) == 1
    assert value(now, "newsforge_conversion_failures_total", code=PermanentError.code, fault="us") == 1
    assert value(now, "newsforge_conversion_stage_seconds_bucket", stage="generate", le="1.0") == 0
    assert value(now, "newsforge_conversion_stage_seconds_bucket", stage="generate", le="2.5") == 1
    assert value(now, "newsforge_conversion_stage_seconds_sum", stage="ground") == pytest.approx(0.04)
    assert value(now, "newsforge_conversion_duration_seconds_count") == 1


@pytest.mark.django_db
def test_calls_tokens_and_cost_are_counted_once_and_late_answers_too(acme: User) -> None:
    conversion = make_conversion(acme, status=Status.PROCESSING, started_at=timezone.now())
    first, late = (make_attempt(conversion, state="open", input_tokens=0, output_tokens=0) for _ in range(2))
    answer = {"state": "answered", "input_tokens": 900, "output_tokens": 60, "latency_ms": 1400}
    Attempt.objects.filter(pk=first.pk).update(cost_usd=Decimal("0.0012"), **answer)
    Attempt.objects.filter(pk=first.pk).update(reply=None)
    Attempt.objects.filter(pk=late.pk).update(state="failed", failure_code="worker-lost")
    Attempt.objects.filter(pk=late.pk).update(cost_usd=Decimal("0.0008"), **answer)
    Conversion.objects.filter(pk=conversion.pk).move(
        Status.PROCESSING, Status.SUCCEEDED, content_generated="글", provider="openai", processing_time_ms=3000
    )
    now = counted()
    calls = {"provider": "openai", "payer": "user"}
    assert value(now, "newsforge_provider_calls_total", outcome="answered", **calls) == 1
    assert value(now, "newsforge_provider_calls_total", outcome="worker-lost", **calls) == 1
    assert value(now, "newsforge_tokens_total", provider="openai", kind="input") == 1800
    assert value(now, "newsforge_tokens_total", provider="openai", kind="output") == 120
    assert value(now, "newsforge_cost_usd_total", **calls) == pytest.approx(0.002)
    assert value(now, "newsforge_conversion_overhead_seconds_sum") == pytest.approx(0.2)


@pytest.mark.django_db
def test_pages_and_webhooks_are_counted(acme: User) -> None:
    article = make_conversion(acme).article
    assert article
    unread = Article.objects.filter(pk=article.pk)
    unread.update(verdict=Verdict.UNREAD)
    unread.update(verdict=Verdict.OK, read_ms=300)
    walled = make_conversion(acme)
    execution.end(
        conversion=walled, target=Status.FAILED, reason="paywalled", now=timezone.now(),
        failure_code="paywalled", fault="article",
    )  # fmt: skip
    sent = WebhookDelivery.objects.filter(pk=make_delivery(make_endpoint(acme)).pk)
    sent.update(tries=1, last_status=503)
    sent.update(tries=2, last_status=None)
    sent.update(tries=3, last_status=204, state="delivered")
    now = counted()
    assert value(now, "newsforge_extraction_verdicts_total", verdict="ok") == 1
    assert value(now, "newsforge_extraction_verdicts_total", verdict="paywalled") == 1
    assert value(now, "newsforge_conversion_stage_seconds_count", stage="read") == 1
    assert value(now, "newsforge_webhook_deliveries_total", state="delivered") == 1
    for answer in ("5xx", "no_answer", "2xx"):
        assert value(now, "newsforge_webhook_tries_total", answer=answer) == 1


@pytest.mark.django_db
def test_nothing_that_is_removed_makes_a_counter_go_back(acme: User) -> None:
    end_one(acme)
    retried = make_conversion(acme, status=Status.PROCESSING)
    execution.fail(conversion=retried, failure=PermanentError(), now=timezone.now())
    before = counted()
    Conversion.objects.filter(pk=retried.pk).move(Status.FAILED, Status.PENDING, failure_code="", fault="")
    execution.remove_texts(before=timezone.now() - timedelta(days=90), now=timezone.now())
    acme.delete()
    Conversion.objects.all().delete()
    assert counted() == before


@pytest.mark.django_db(transaction=True)
def test_whoever_adds_up_at_the_same_time_nothing_is_lost_or_counted_twice() -> None:
    seen: list[list[float]] = [[], [], []]
    over = threading.Event()

    def look(mine: list[float]) -> None:
        while not over.is_set():
            mine.append(value(counted(), "newsforge_tokens_total", provider="openai", kind="input"))
        connection.close()

    threads = [threading.Thread(target=look, args=(mine,)) for mine in seen]
    for thread in threads:
        thread.start()
    try:
        for _ in range(150):
            run("INSERT INTO counted_events (metric, labels, value) VALUES" + ", ".join([TOKEN_EVENT] * 4))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert all(mine == sorted(mine) for mine in seen)
    assert value(counted(), "newsforge_tokens_total", provider="openai", kind="input") == 600


@pytest.mark.django_db
def test_buckets_of_an_earlier_release_go_into_the_next_larger_of_this() -> None:
    for bucket, count in ((7, 2), (10, 1), (0, 4)):
        run("INSERT INTO counted_totals VALUES ('duration', '', %s, %s, 9)", bucket, count)
    now = counted()
    assert value(now, "newsforge_conversion_duration_seconds_bucket", le="0.01") == 3
    assert value(now, "newsforge_conversion_duration_seconds_bucket", le="120.0") == 3
    assert value(now, "newsforge_conversion_duration_seconds_bucket", le="+Inf") == 7
    assert value(now, "newsforge_conversion_duration_seconds_count") == 7


@pytest.mark.django_db(transaction=True)
def test_gauges_are_of_this_moment_and_the_dead_have_none() -> None:
    make_incident()
    living = {"host": HOST, "pid": os.getpid()}
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    make_heartbeat(name=f"web-1@{HOST}", kind="web", details=living)
    make_heartbeat(name=f"beat@{HOST}", kind="beat", details={"host": HOST, "pid": gone.pid})
    make_heartbeat(name="sweep@elsewhere", kind="sweep", details={"host": "elsewhere", "pid": os.getpid()})
    long_ago = timezone.now() - timedelta(days=9000)  # of whoever had our number before us
    make_heartbeat(name=f"reading@{HOST}", kind="worker", details=living, seen_at=long_ago)
    now = ask()
    programs = {dict(labels)["program"] for name, labels in now if name == "newsforge_memory_usage_bytes"}
    assert programs == {"web"}
    assert value(now, "newsforge_memory_usage_bytes", program="web") > 20e6
    assert value(now, "newsforge_cpu_usage_percent", program="web") > 0
    assert value(now, "newsforge_incidents_open", kind="redis", severity="critical") == 1
    assert value(now, "newsforge_heartbeat_age_seconds", kind="worker") > 1e6
    assert value(now, "newsforge_circuit_state", provider="openai", state="closed") == 1
    assert value(now, "newsforge_database_up") == value(now, "newsforge_source_up", source="redis") == 1
    assert ("newsforge_queue_depth", frozenset({("state", "pending")})) in now


@pytest.mark.django_db(transaction=True)
def test_while_the_database_does_not_answer_requests_are_still_told_and_nothing_is_zero() -> None:
    ask()
    with connect_apart() as apart:
        apart.execute("SELECT pg_advisory_lock(%s)", [totals._LOCK])
        totals.add_up(wait=False)  # as the sweep does: it leaves it to whoever is at it
        now = ask()
    assert now["newsforge_database_up", frozenset()] == 0
    assert value(now, "newsforge_requests_total", method="GET", endpoint="metrics", status="200") >= 1
    assert not any(name.startswith("newsforge_queue") for name, _ in now)
    assert value(ask(), "newsforge_database_up") == 1


@pytest.fixture
def counters() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that count as web processes do."""
    folder = str(Path(django_settings.HOME) / "run/metrics")
    made = [
        subprocess.Popen(
            [sys.executable, "-c", COUNTING, folder], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    yield made
    for each in made:
        each.kill()
        each.wait()
        assert each.stdin
        assert each.stdout
        each.stdin.close()
        each.stdout.close()


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    process.stdout.readline()


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_process_counted_stays_and_its_files_are_used_again(
    counters: list[subprocess.Popen[str]],
) -> None:
    def total() -> float:
        labels = {"method": "GET", "endpoint": "probe-of-a-test", "status": "200"}
        return value(read(scrape().decode()), "newsforge_requests_total", **labels)

    for each in counters[:2]:
        assert each.stdout
        each.stdout.readline()
        tell(each, "5")
    assert total() == 10
    counters[0].send_signal(signal.SIGKILL)
    counters[0].wait()
    assert total() == 10
    third = counters[2]
    assert third.stdout
    third.stdout.readline()
    tell(third, "7")
    assert total() == 17
    slots = sorted(path.name for path in (Path(django_settings.HOME) / "run/metrics").glob("slot_*.lock"))
    assert len(slots) <= 4  # three counters and these tests


def test_rules_and_board_use_only_metrics_that_exist() -> None:
    known = {sample for counted in totals.COUNTED for sample in names_of(counted)}
    source = "".join(path.read_text("utf-8") for path in (ROOT / "monitoring/metrics").glob("*.py"))
    known |= set(re.findall(r'GaugeMetricFamily\(\s*"(newsforge_\w+)"', source))
    known |= set(re.findall(r'_one\("(newsforge_\w+)"', source)) | set(re.findall(r'"(newsforge_host_\w+)"', source))
    known |= {f"{name}_total" for name in re.findall(r'Counter\(\s*"(newsforge_\w+)"', source)}
    known |= {f"newsforge_request_duration_seconds_{part}" for part in ("bucket", "sum", "count")}
    board = json.loads((ROOT / "deploy/grafana/newsforge.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    rules = (ROOT / "deploy/prometheus/rules.yml").read_text("utf-8")
    used = set(re.findall(r"\bnewsforge_\w+", " ".join([rules, *asked])))
    assert used
    assert used <= known, used - known


def names_of(counted: totals.Counted) -> set[str]:
    if not counted.is_histogram:
        return {f"{counted.name}_total"}
    return {f"{counted.name}_{part}" for part in ("bucket", "sum", "count")}
