"""What beat sends is written down by whoever runs it, and what it did not run is seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery import shared_task
from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule as every
from django.conf import settings
from django.utils import timezone

from accounts.tasks import reset_quotas
from monitoring import schedule
from monitoring.enums import State
from monitoring.models import BeatRun
from newsforge.celery import app

pytestmark = pytest.mark.django_db(transaction=True)

RESET = "accounts.reset_quotas"
HEADERS: dict[str, Any] = {schedule.BY_BEAT: True}


@shared_task(name="tests.breaks")
def breaks() -> None:
    raise LookupError("nothing there")


def entry(task: str = RESET) -> schedule.Entry:
    return next(each for each in schedule.entries(now=timezone.now()) if each.task == task)


def test_a_run_of_beats_is_kept_with_its_end() -> None:
    assert (entry().last, entry().state) == (None, State.DEGRADED)
    before = timezone.now()
    reset_quotas.apply(headers=HEADERS)
    run = BeatRun.objects.get()
    assert (run.task, run.error) == (RESET, "")
    assert run.succeeded_at is not None
    assert before <= run.started_at <= run.succeeded_at <= timezone.now()
    assert (entry().last, entry().state, entry().every) == (run, State.HEALTHY, timedelta(minutes=1))


def test_what_fails_is_kept_beside_the_last_success() -> None:
    succeeded = timezone.now() - timedelta(hours=1)
    BeatRun.objects.create(task="tests.breaks", started_at=succeeded, succeeded_at=succeeded)
    breaks.apply(headers=HEADERS)
    run = BeatRun.objects.get()
    assert (run.error, run.succeeded_at) == ("LookupError", succeeded)
    assert run.started_at > succeeded


def test_what_somebody_else_sends_is_none_of_beats() -> None:
    reset_quotas.apply()
    assert not BeatRun.objects.exists()


def test_what_did_not_run_for_three_spans_is_late_and_stands_first() -> None:
    now = timezone.now()
    for line in settings.CELERY_BEAT_SCHEDULE.values():
        BeatRun.objects.create(task=str(line["task"]), started_at=now, succeeded_at=now)
    assert {each.state for each in schedule.entries(now=now)} == {State.HEALTHY}
    BeatRun.objects.filter(task=RESET).update(started_at=now - timedelta(minutes=4))
    first = schedule.entries(now=now)[0]
    assert (first.task, first.state) == (RESET, State.DEGRADED)
    BeatRun.objects.filter(task=RESET).update(started_at=now, error="OSError")
    assert schedule.entries(now=now)[0].state == State.UNHEALTHY


def test_beat_marks_what_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The header is Celery's own: this fails when a new version names it otherwise."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(app.tasks[RESET], "apply_async", lambda *_, **given: sent.append(given))
    line = ScheduleEntry(name="x", task=RESET, schedule=every(60), app=app)
    Scheduler(app=app, lazy=True).apply_async(line, producer=None, advance=False)
    assert sent[0]["headers"] == HEADERS


def test_every_entry_has_a_task_of_its_own() -> None:
    tasks = [line["task"] for line in settings.CELERY_BEAT_SCHEDULE.values()]
    assert len(tasks) == len(set(tasks))
