"""One incident for one trouble, however many report it, and what people do about it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from monitoring import incidents, outbox
from monitoring.enums import IncidentKind, NotificationKind, NotificationState, Severity
from monitoring.incidents import AlreadyAcknowledged, EmptyNote, IncidentResolved, SilenceInThePast
from monitoring.models import Incident, Notification
from tests.factories import make_channel
from tests.monitoring.conftest import NOON, REDIS, after, report, resolve

pytestmark = pytest.mark.django_db


def kinds(**which: object) -> list[tuple[str, str]]:
    return list(Notification.objects.filter(**which).order_by("created_at").values_list("kind", "state"))


class TestReporting:
    def test_the_first_opens_it_and_the_next_say_it_is_still_there(self) -> None:
        first = report()
        again = report(after(minutes=5), summary="Redis is still away", details={"tries": 3})
        assert (again.pk, again.opened_at, again.last_seen_at) == (first.pk, NOON, after(minutes=5))
        assert (again.summary, again.details, again.times_seen) == ("Redis is still away", {"tries": 3}, 2)

    def test_whatever_a_far_side_said_is_kept(self) -> None:
        details = {"said": "a\x00b \ud83d 수원", "when": NOON, "deep": {"list": [1, None]}}
        incident = report(summary="odd \x00\ud83d text", details=details)
        incident.refresh_from_db()
        assert incident.summary == "odd ? text"
        assert incident.details == {"said": "ab ? 수원", "when": str(NOON), "deep": {"list": [1, None]}}

    def test_what_comes_back_after_its_end_is_a_new_one(self) -> None:
        first = report()
        assert resolve(after(minutes=1))
        assert not resolve(after(minutes=2)), "there is nothing left to resolve"
        assert report(after(minutes=3)).pk != first.pk

    def test_severity_rises_and_never_falls_while_it_is_open(self) -> None:
        channel = make_channel()
        assert report(severity=Severity.WARNING).critical_since is None
        assert kinds() == [], "a warning waits for the digest"
        raised = report(after(minutes=1))
        assert (raised.severity, raised.critical_since) == (Severity.CRITICAL, after(minutes=1))
        assert kinds(channel=channel) == [("alert", "pending")]
        assert report(after(minutes=2), severity=Severity.WARNING).severity == Severity.CRITICAL

    def test_whoever_heard_of_the_warning_hears_that_it_is_critical_now(self) -> None:
        channel = make_channel(minimum_severity=Severity.WARNING)
        report(severity=Severity.WARNING)
        Notification.objects.update(state=NotificationState.SENT, claim=1)
        report(after(minutes=1))
        assert kinds(channel=channel) == [("alert", "sent"), ("raised", "pending")]

    def test_what_is_opened_and_who_is_told_is_one_transaction(self, monkeypatch: pytest.MonkeyPatch) -> None:
        make_channel()

        def fall(**_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(outbox, "tell_beginning", fall)
        with pytest.raises(ZeroDivisionError):
            report()
        assert not Incident.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_reporters_at_once_open_one() -> None:
    make_channel()
    opened: list[object] = []
    start = threading.Barrier(8)

    def reporter() -> None:
        start.wait()
        try:
            opened.extend(report(after(seconds=each)).pk for each in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=reporter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 40
    assert len(set(opened)) == 1
    assert Incident.objects.get().times_seen == 40
    assert kinds() == [("alert", "pending")]


class TestTheEnd:
    def test_whoever_was_told_or_is_about_to_be_hears_of_it(self) -> None:
        told, waiting, unheard = (make_channel(name=name) for name in ("told", "waiting", "unheard"))
        report()
        Notification.objects.filter(channel=told).update(state=NotificationState.SENT, claim=1)
        Notification.objects.filter(channel=unheard).update(state=NotificationState.FAILED)
        resolve(after(minutes=9))
        assert kinds(channel=told) == [("alert", "sent"), ("recovery", "pending")]
        assert kinds(channel=waiting) == [("alert", "pending"), ("recovery", "pending")]
        assert kinds(channel=unheard) == [("alert", "failed")]

    def test_an_alert_held_back_is_swallowed_with_it(self, settings: Settings) -> None:
        make_channel()
        report()
        resolve(after(minutes=1))
        second = report(after(minutes=2))
        held = second.notifications.get()
        assert held.due_at == NOON + timedelta(seconds=settings.ALERT_COOLDOWN_SECONDS)
        resolve(after(minutes=3))
        assert kinds(incident=second) == [("alert", "swallowed")]

    def test_a_warning_told_keeps_nothing_critical_quiet(self) -> None:
        make_channel(minimum_severity=Severity.WARNING)
        report(severity=Severity.WARNING)
        resolve(after(minutes=1))
        assert report(after(minutes=2)).notifications.get().due_at == after(minutes=2)


class TestPeople:
    def test_acknowledging_names_who_does_and_once(self) -> None:
        incident = report()
        incidents.acknowledge(incident=incident, actor="kim", now=after(minutes=1), reason="restarting it")
        incident.refresh_from_db()
        assert (incident.acknowledged_by, incident.acknowledged_at) == ("kim", after(minutes=1))
        assert [(each["actor"], each["did"], each["text"]) for each in incident.journal] == [
            ("kim", "acknowledged", "restarting it")
        ]
        with pytest.raises(AlreadyAcknowledged, match="kim"):
            incidents.acknowledge(incident=incident, actor="lee", now=after(minutes=2))

    def test_silence_holds_what_was_not_sent_and_lasts_over_a_new_opening(self) -> None:
        make_channel()
        incident = report()
        incidents.silence(incident=incident, until=after(hours=2), actor="kim", now=after(minutes=1))
        assert incident.notifications.get().due_at == after(hours=2)
        resolve(after(minutes=3))
        again = report(after(minutes=40))
        assert (again.silenced_until, again.notifications.get().due_at) == (after(hours=2), after(hours=2))
        with pytest.raises(SilenceInThePast):
            incidents.silence(incident=again, until=NOON, actor="kim", now=NOON)

    def test_resolving_by_hand_says_who_and_why(self) -> None:
        make_channel()
        incident = report()
        incidents.resolve_by_hand(incident=incident, actor="kim", reason="false alarm", now=after(minutes=4))
        incident.refresh_from_db()
        assert (incident.resolution, incident.resolved_at) == ("kim: false alarm", after(minutes=4))
        assert kinds() == [("alert", "pending"), ("recovery", "pending")]
        with pytest.raises(IncidentResolved):
            incidents.acknowledge(incident=incident, actor="lee", now=after(minutes=5))
        incidents.annotate(incident=incident, actor="lee", reason="agreed", now=after(minutes=6))
        with pytest.raises(EmptyNote):
            incidents.annotate(incident=incident, actor="lee", reason="  ", now=after(minutes=6))
        incident.refresh_from_db()
        assert [each["did"] for each in incident.journal] == ["resolved", "note"]


def test_a_channel_that_fails_is_not_told_of_itself() -> None:
    failing, other = make_channel(name="failing"), make_channel(name="other")
    report(kind=IncidentKind.ALERTS, fingerprint=f"channel:{failing.pk}")
    assert list(Notification.objects.values_list("channel", "kind")) == [(other.pk, NotificationKind.ALERT)]


def test_the_same_fingerprint_is_looked_up_and_not_the_kind() -> None:
    report()
    assert not resolve(after(minutes=1), fingerprint="sweep/redis/other")
    assert Incident.objects.get(fingerprint=REDIS).resolved_at is None


def test_what_is_long_over_is_removed_and_what_lasts_is_not() -> None:
    make_channel()
    report()
    resolve(after(minutes=1))
    report(after(days=1))
    assert incidents.remove_old(before=after(hours=1)) == 3
    assert Incident.objects.get().resolved_at is None
