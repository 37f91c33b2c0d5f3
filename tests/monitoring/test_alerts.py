"""Who hears of what, when, and how often: no alert lost, none sent twice, none for nothing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from monitoring import incidents
from monitoring.enums import NotificationKind, NotificationState, Severity
from monitoring.models import Channel, Incident, Notification
from tests.conversions.webhooks.receiver import Receiver
from tests.factories import make_channel
from tests.monitoring.conftest import NOON, after, report, resolve, send, told
from tests.monitoring.mailbox import Mailbox

pytestmark = pytest.mark.django_db


class TestOneTrouble:
    def test_is_told_once_and_its_end_once_by_mail(self, by_mail: Mailbox) -> None:
        incident = report()
        for minute in range(4):
            report(after(minutes=minute))
            send(after(minutes=minute))
        resolve(after(minutes=4))
        send(after(minutes=4))
        send(after(minutes=5))
        assert by_mail.subjects == ["[critical] Redis does not answer", "[resolved] Redis does not answer"]
        assert "Resolved after 4 minutes." in by_mail.text()
        assert len(set(by_mail.ids)) == 2
        assert {str(mail["References"]) for mail in by_mail.mails} == {f"<{incident.pk}@127.0.0.1>"}

    def test_is_told_once_and_its_end_once_to_a_program(self, by_hook: Receiver) -> None:
        incident = report()
        assert [send(after(minutes=minute)) for minute in range(3)] == [1, 0, 0]
        resolve(after(minutes=4))
        assert send(after(minutes=4)) == 1
        assert told(by_hook) == ["alert", "recovery"]
        first, last = (hit.payload["incident"] for hit in by_hook.hits)
        assert (first["id"], first["resolved_at"]) == (str(incident.pk), None)
        assert (last["id"], last["resolved_at"]) == (str(incident.pk), after(minutes=4).isoformat())
        keys = [hit.headers["idempotency-key"] for hit in by_hook.hits]
        assert keys == [str(row.pk) for row in Notification.objects.order_by("created_at")]

    def test_the_mail_is_in_korean_where_korean_is_spoken(self, by_mail: Mailbox, settings: Settings) -> None:
        settings.LANGUAGE_CODE = "ko"
        report()
        send(NOON)
        assert by_mail.subjects == ["[심각] Redis가 응답하지 않습니다"]

    def test_an_alert_that_is_late_goes_out_before_the_recovery(self, by_hook: Receiver) -> None:
        report()
        resolve(after(minutes=3))
        send(after(minutes=3))
        assert told(by_hook) == ["alert", "recovery"]
        assert "resolved by now" in by_hook.hits[0].payload["text"]

    def test_the_recovery_waits_for_an_alert_that_fails(self, by_hook: Receiver) -> None:
        by_hook.will_answer(503)
        report()
        send(NOON)
        resolve(after(seconds=5))
        assert send(after(seconds=6)) == 0, "the alert is not due yet, and the recovery not before it"
        assert send(after(seconds=40)) == 2
        assert told(by_hook) == ["alert", "alert", "recovery"]


class TestFlapping:
    def test_is_told_once_in_a_cool_down_and_what_was_swallowed_is_counted(self, by_hook: Receiver) -> None:
        for minute in range(0, 12, 2):
            report(after(minutes=minute))
            send(after(minutes=minute))
            resolve(after(minutes=minute + 1))
            send(after(minutes=minute + 1))
        assert told(by_hook) == ["alert", "recovery"]
        report(after(minutes=13))
        assert send(after(minutes=13)) == 0
        assert send(after(minutes=15, seconds=1)) == 1, "it lasts, so it is told at the end of the cool-down"
        assert "It came and went 5 times" in by_hook.hits[-1].payload["text"]
        resolve(after(minutes=20))
        send(after(minutes=20))
        report(after(minutes=40))
        send(after(minutes=40))
        assert told(by_hook) == ["alert", "recovery"] * 2 + ["alert"]
        assert "came and went" not in by_hook.hits[-1].payload["text"]

    def test_another_trouble_is_told_at_once(self, by_hook: Receiver) -> None:
        report()
        report(fingerprint="sweep/disk/home")
        assert send(NOON) == 2


class TestSilence:
    def test_holds_the_alert_and_not_the_recovery(self, by_hook: Receiver) -> None:
        incident = report()
        send(NOON)
        incidents.silence(incident=incident, until=after(hours=3), actor="kim", now=after(minutes=1))
        assert [send(after(hours=hour)) for hour in (1, 2)] == [0, 0], "no escalation either"
        resolve(after(hours=2, minutes=1))
        send(after(hours=2, minutes=1))
        assert told(by_hook) == ["alert", "recovery"]


class TestEscalation:
    def test_goes_to_the_last_resort_once_when_nobody_answers(self, by_hook: Receiver, settings: Settings) -> None:
        last = make_channel(name="boss", is_last_resort=True, digest="x", source="environment")
        Channel.objects.filter(pk=last.pk).update(is_enabled=False)  # its row is what counts here, not its server
        report()
        assert [send(after(minutes=minute)) for minute in (0, 14, 16, 60)] == [1, 0, 1, 0]
        assert told(by_hook) == ["alert", "escalation"]
        assert "Nobody has acknowledged it" in by_hook.hits[-1].payload["text"]

    def test_a_last_resort_hears_of_nothing_else(self) -> None:
        last = make_channel(is_last_resort=True)
        report()
        assert not last.notifications.exists()
        Incident.objects.update(critical_since=after(minutes=-20))
        last.refresh_from_db()
        from monitoring.alerts import escalate

        assert [escalate(now=NOON), escalate(now=NOON)] == [1, 0]
        assert [row.kind for row in last.notifications.all()] == ["escalation"]
        Notification.objects.update(state=NotificationState.SENT)
        resolve(after(minutes=1))
        assert sorted(row.kind for row in last.notifications.all()) == ["escalation", "recovery"]

    def test_who_acknowledges_stops_it(self, by_hook: Receiver) -> None:
        incident = report()
        send(NOON)
        incidents.acknowledge(incident=incident, actor="kim", now=after(minutes=10))
        assert send(after(minutes=60)) == 0

    def test_a_warning_is_not_escalated(self, by_hook: Receiver) -> None:
        report(severity=Severity.WARNING)
        assert send(after(minutes=60)) == 0


class TestDigest:
    def test_one_a_day_with_the_warnings_of_the_day(self, by_hook: Receiver) -> None:
        send(after(days=-1))  # the channel is known before
        by_hook.hits.clear()
        report(after(hours=-20), severity=Severity.WARNING, fingerprint="sweep/cpu", summary="CPU is at 93 %")
        resolve(after(hours=-19), fingerprint="sweep/cpu")
        report(after(hours=-4), severity=Severity.WARNING, fingerprint="sweep/keys", summary="2 keys need attention")
        report(after(minutes=30), severity=Severity.WARNING, fingerprint="sweep/late", summary="tomorrow's")
        assert [send(after(minutes=minute)) for minute in (0, 1, 60, 600)] == [1, 0, 0, 0]
        (digest,) = by_hook.hits
        assert digest.payload["title"] == "[digest] 2 warnings"
        assert "CPU is at 93 % (lasted 1 h 0 min)" in digest.payload["text"]
        assert "2 keys need attention (still open)" in digest.payload["text"]
        assert "tomorrow's" not in digest.payload["text"]
        assert send(after(days=1)) == 1
        assert "tomorrow's" in by_hook.hits[-1].payload["text"]
        assert "CPU" not in by_hook.hits[-1].payload["text"]

    def test_nothing_to_tell_is_not_told_and_not_made_up_for_later_that_day(self, by_hook: Receiver) -> None:
        send(after(days=-1))
        assert send(NOON) == 0
        report(after(hours=1), severity=Severity.WARNING)
        assert send(after(hours=2)) == 0
        assert send(after(days=1)) == 1

    def test_days_without_a_sender_are_in_the_next(self, by_hook: Receiver) -> None:
        send(after(days=-5))  # too late for a digest that day
        send(after(days=-4))
        report(after(days=-3), severity=Severity.WARNING)
        resolve(after(days=-3, hours=1))
        assert send(NOON) == 1

    def test_not_before_its_hour(self, by_hook: Receiver) -> None:
        send(after(days=-1))
        report(after(hours=-20), severity=Severity.WARNING)
        assert send(after(hours=-4)) == 0  # eight in the morning
        assert send(after(hours=-3)) == 1


class TestAFarSideThatIsDown:
    def test_is_tried_for_a_day_and_then_given_up_for_all_to_see(self, by_hook: Receiver, settings: Settings) -> None:
        by_hook.answers = [(503, {})] * 200
        settings.ALERT_ESCALATE_SECONDS = 0
        report()
        now = NOON
        for _ in range(50):
            send(now)
            now += timedelta(minutes=30)
        row = Notification.objects.get(kind=NotificationKind.ALERT, incident__kind="redis")
        assert row.state == NotificationState.FAILED
        assert row.tries > 20
        assert row.finished_at is not None
        assert timedelta(hours=24) <= row.finished_at - NOON < timedelta(hours=24, minutes=31)
        assert "503" in row.last_error
        resolve(now)
        assert not Notification.objects.filter(kind=NotificationKind.RECOVERY).exists(), "nobody heard of it"

    def test_comes_back_and_gets_it(self, by_mail: Mailbox) -> None:
        by_mail.refuse = "DATA"
        report()
        assert send(NOON) == 0
        channel = Channel.objects.get()
        assert "SMTP 451" in channel.last_error
        by_mail.refuse = ""
        assert send(after(seconds=10)) == 0, "not before its time"
        assert send(after(seconds=31)) == 1
        channel.refresh_from_db()
        assert (channel.last_error, len(by_mail.mails)) == ("", 1)
        assert "may be a repeat" not in by_mail.text(), "it was refused, so it cannot have arrived"

    def test_waits_as_long_as_it_asks(self, by_hook: Receiver) -> None:
        by_hook.will_answer(429, Retry_After="600")
        report()
        send(NOON)
        assert send(after(minutes=9)) == 0
        assert send(after(minutes=11)) == 1

    def test_does_not_hold_up_the_others_and_they_hear_of_it(
        self, mailbox: Mailbox, hook: Receiver, settings: Settings
    ) -> None:
        settings.ALERT_URLS = [mailbox.url, f"json://{hook.pair}/"]
        settings.ALERT_ESCALATE_SECONDS = 0
        mailbox.refuse = "RCPT"
        report()
        for minute in range(0, 50, 5):
            send(after(minutes=minute))
        assert [hit.payload["incident"]["kind"] for hit in hook.hits] == ["redis", "alerts"]
        assert mailbox.mails == []
        mailbox.refuse = ""
        send(after(minutes=80))
        send(after(minutes=81))
        assert mailbox.subjects == ["[critical] Redis does not answer"]
        assert told(hook) == ["alert", "alert", "recovery"]

    def test_a_channel_switched_off_or_deleted_keeps_nothing_waiting_for_ever(self, by_hook: Receiver) -> None:
        report()
        Channel.objects.update(is_enabled=False)
        assert send(NOON) == 0
        send(after(hours=25))
        assert Notification.objects.get(kind="alert").state == NotificationState.FAILED
        report(after(hours=26), fingerprint="other")
        Channel.objects.update(is_enabled=True)
        report(after(hours=27), fingerprint="third")
        Channel.objects.all().delete()
        send(after(hours=27))
        assert Notification.objects.get(incident__fingerprint="third").last_error == "The channel was deleted."


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_message_once(by_hook: Receiver) -> None:
    for place in range(12):
        report(fingerprint=f"sweep/{place}")
    start = threading.Barrier(4)
    counts: list[int] = []

    def sender() -> None:
        start.wait()
        try:
            counts.append(send(NOON))
        finally:
            connection.close()

    threads = [threading.Thread(target=sender) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 12
    assert len({hit.payload["id"] for hit in by_hook.hits}) == len(by_hook.hits) == 12


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_write_one_digest(by_hook: Receiver) -> None:
    send(after(days=-1))
    report(after(hours=-20), severity=Severity.WARNING)
    start = threading.Barrier(4)

    def sender() -> None:
        start.wait()
        try:
            send(NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=sender) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(by_hook) == ["digest"]
