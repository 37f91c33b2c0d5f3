"""What the sweep sees, keeps, mends and tells, look by look."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ApiKey, User
from conversions import lease
from monitoring import alerts, health, heartbeats, measuring, tasks
from monitoring.enums import IncidentKind, Severity, State
from monitoring.models import Dependency, Heartbeat, Incident, SystemMetric
from monitoring.recovery import Supervisor
from monitoring.sweep import FULL, SOON, Sweep
from tests.conversions.webhooks.receiver import Receiver
from tests.factories import make_conversion, make_key
from tests.monitoring.conftest import told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sweep(settings: Settings, tmp_path: Path) -> Sweep:
    settings.MEMORY_WARNING_PERCENT = settings.DISK_WARNING_PERCENT = settings.CPU_WARNING_PERCENT = 101
    return Sweep(supervisor=Supervisor(socket=tmp_path / "none"), began=timezone.now() - timedelta(hours=1))


def live(now: datetime) -> None:
    for kind, queues in (("worker", ["reading", "writing", "sweeping"]), ("beat", []), ("sweep", [])):
        Heartbeat.objects.update_or_create(
            name=f"{kind}@host", defaults={"kind": kind, "seen_at": now, "details": {"queues": queues, "active": 0}}
        )


def open_ones() -> set[str]:
    return set(Incident.objects.filter(resolved_at=None).values_list("kind", flat=True))


def test_what_is_missing_opens_one_incident_and_resolves_when_it_is_back(sweep: Sweep) -> None:
    sweep.began, now = None, timezone.now()
    assert sweep.cycle(now=now) == sweep.every
    assert open_ones() == set()  # everything has only just been started
    for look in (4, 5, 6):
        sweep.cycle(now=now + timedelta(minutes=look))
    assert open_ones() == {"worker", "beat"}
    assert Incident.objects.count() == 2
    assert set(Incident.objects.values_list("times_seen", flat=True)) == {3}
    later = now + timedelta(minutes=7)
    live(later)
    sweep.cycle(now=later)
    assert open_ones() == set()
    assert Dependency.objects.get(name="celery_beat").status == State.HEALTHY


def test_two_hosts_that_sweep_open_one_incident(sweep: Sweep, tmp_path: Path) -> None:
    other = Sweep(supervisor=Supervisor(socket=tmp_path / "none"))
    for minutes in (0, 1, 4):  # the other has only just been started: it does not know, and says neither
        for each in (sweep, other):
            each.cycle(now=timezone.now() + timedelta(minutes=minutes))
    assert Incident.objects.filter(kind="beat").count() == 1


def test_it_keeps_since_when_something_is_as_it_is(sweep: Sweep) -> None:
    now = timezone.now()
    sweep.cycle(now=now)
    sweep.cycle(now=now + timedelta(minutes=1))
    beat = Dependency.objects.get(name="celery_beat")
    assert (beat.status, beat.since, beat.checked_at) == (State.UNHEALTHY, now, now + timedelta(minutes=1))
    assert Dependency.objects.get(name="openai_api").detail == "Not in use: nobody has a key for it."
    assert set(SystemMetric.objects.values_list("metric_name", flat=True)) >= {
        *("cpu_usage_percent", "memory_usage_percent", "queue_pending", "worker_processes", "conversions_failed")
    }


def test_a_job_that_waits_too_long_warns_and_a_stalled_queue_alarms(sweep: Sweep, acme: User) -> None:
    now = timezone.now()
    make_conversion(acme, not_before=now - timedelta(minutes=2))
    for look in range(3):
        moment = now + timedelta(minutes=look)
        live(moment)
        sweep.cycle(now=moment)
    incident = Incident.objects.get(kind=IncidentKind.QUEUE)
    assert incident.severity == Severity.CRITICAL
    assert "stalled" in incident.summary


def test_a_full_disk_is_told_before_postgresql_stops(sweep: Sweep, settings: Settings) -> None:
    live(timezone.now())
    settings.DISK_WARNING_PERCENT = 0
    sweep.cycle(now=timezone.now())
    incident = Incident.objects.get()
    assert (incident.kind, incident.severity) == (IncidentKind.DISK, Severity.WARNING)
    settings.DISK_WARNING_PERCENT = 101
    sweep.cycle(now=timezone.now())
    assert open_ones() == set()


def test_keys_that_need_a_person_are_told(sweep: Sweep, acme: User) -> None:
    live(timezone.now())
    sweep.cycle(now=timezone.now())  # the full look asks providers, and there must be no key yet
    make_key(acme)
    ApiKey.objects.update(status="needs_attention", status_reason="bad-key", status_since=timezone.now())
    sweep.cycle(now=timezone.now())
    assert open_ones() == {"keys"}


@pytest.mark.parametrize(("looks", "told_during"), [(2, []), (9, ["alert"])])
def test_an_outage_of_the_database_is_told_once(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch, by_hook: Receiver, looks: int, told_during: list[str]
) -> None:
    now = timezone.now()
    away = health.Report(status=State.UNHEALTHY, at=now, dependencies={})
    with monkeypatch.context() as patch:
        patch.setattr(health, "look", lambda **_: away)
        assert {sweep.cycle(now=now + SOON * look) for look in range(looks)} == {SOON}
    assert told(by_hook) == told_during
    over = now + timedelta(minutes=2)
    live(over)
    sweep.cycle(now=over)
    incident = Incident.objects.get()
    assert (incident.kind, incident.opened_at, incident.resolved_at) == (IncidentKind.DATABASE, now, over)
    alerts.send_due(now=over)
    assert told(by_hook) == ["alert", "recovery"]


def test_work_of_dead_workers_is_taken_back_though_beat_is_dead(
    sweep: Sweep, acme: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LENGTH", timedelta(0))  # the database may have come up a moment ago
    now = timezone.now()
    lost = make_conversion(acme, status="processing", claim=1, lease_until=now - timedelta(minutes=1))
    sweep.cycle(now=now)
    lost.refresh_from_db()
    assert lost.status == "pending"


@pytest.fixture
def standing_still() -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like a web worker and does not move."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "newsforge/embedded/web.py"])
    process.send_signal(signal.SIGSTOP)
    yield process
    process.kill()
    process.wait()


def test_a_web_worker_that_stands_still_is_replaced(sweep: Sweep, standing_still: subprocess.Popen[bytes]) -> None:
    now = timezone.now()
    live(now)
    details = {"host": heartbeats.HOST, "pid": standing_still.pid}
    seen = now + timedelta(seconds=5)
    Heartbeat.objects.create(name="web-1@host", kind="web", seen_at=seen, details=details)
    later = seen + heartbeats.STALE + timedelta(seconds=1)
    live(later)
    sweep.cycle(now=later)
    assert standing_still.wait(10) == -signal.SIGKILL
    assert open_ones() == {"web"}
    assert not Heartbeat.objects.filter(kind="web").exists()
    live(later)
    sweep.cycle(now=later)
    assert open_ones() == set()


def test_nobody_elses_process_is_killed(sweep: Sweep) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        now = timezone.now()
        live(now)
        details = {"host": heartbeats.HOST, "pid": innocent.pid}
        old = now - timedelta(hours=1)
        Heartbeat.objects.create(name="web-1@host", kind="web", seen_at=old, details=details)
        sweep.cycle(now=now)
        assert innocent.poll() is None
        assert open_ones() == set()


def test_old_minutes_become_hours_and_old_hours_go() -> None:
    now = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    for minutes, value in ((0, 10), (20, 20), (40, 60)):
        at = datetime(2026, 11, 20, 9, minutes, tzinfo=UTC)
        SystemMetric.objects.create(metric_name="cpu", metric_value=value, timestamp=at, metadata={"host": "a"})
    SystemMetric.objects.create(metric_name="cpu", metric_value=5, timestamp=now, metadata={"host": "a"})
    old = now - timedelta(days=91)
    SystemMetric.objects.create(metric_name="cpu", metric_value=5, timestamp=old, metadata={"host": "a", "samples": 60})
    for _ in range(2):
        measuring.condense(now=now)
    hour, minute = SystemMetric.objects.order_by("timestamp")
    assert (hour.metric_value, hour.timestamp) == (Decimal(30), datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert hour.metadata == {"host": "a", "samples": 3, "most": 60.0}
    assert minute.timestamp == now


def test_providers_are_asked_on_full_looks_only(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []
    monkeypatch.setattr("monitoring.probing.probe_providers", lambda *, now: asked.append(now))
    now = timezone.now()
    for minutes in range(7):
        sweep.cycle(now=now + timedelta(minutes=minutes))
    assert asked == [now, now + FULL]


def test_a_dead_sweep_is_told_by_a_worker() -> None:
    tasks.watch_sweep()
    assert open_ones() == {"sweep"}
    live(timezone.now())
    tasks.watch_sweep()
    assert open_ones() == set()
