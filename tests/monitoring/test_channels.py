"""Where alerts can go, in what form, and what never shows."""

from __future__ import annotations

import logging
import socket
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from monitoring import alerts, channels
from monitoring.channels import KnownChannel, Message, UnusableChannel, address
from monitoring.channels.errors import ChannelRefused, ChannelSilent, ChannelUnreachable
from monitoring.channels.message import Look
from monitoring.channels.service import without_secrets
from monitoring.enums import Severity
from monitoring.models import Channel, Incident, Notification
from newsforge import env
from newsforge.lib.errors import NewsforgeError
from tests.conversions.webhooks.receiver import Receiver
from tests.factories import ALERT_TOKEN, make_channel, make_incident, make_notification
from tests.monitoring.conftest import NOON, after, report, resolve, send
from tests.monitoring.mailbox import Mailbox
from tests.pages import act
from tests.pages import address as page_of

pytestmark = pytest.mark.django_db

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


def message(look: Look = Look.CRITICAL) -> Message:
    return Message(
        key="0190", thread="0191", look=look, title="Redis <b> & co", text="Redis <b> & co", at=NOON,
        fields=(("host", "web-1"), ("이유", "응답 없음")), link="http://127.0.0.1:8000/admin/",
    )  # fmt: skip


def deliver(url: str, look: Look = Look.CRITICAL) -> None:
    address.read(url=url, is_trusted=True).send(message=message(look), is_trusted=True)


class TestSlack:
    def test_colour_by_severity_and_fields(self, hook: Receiver) -> None:
        for look in (Look.CRITICAL, Look.WARNING, Look.RECOVERED):
            deliver(f"http://{hook.pair}/services/T/B/x", look)
        payload = hook.hits[0].payload
        assert payload["text"] == "*Redis &lt;b&gt; &amp; co*"
        (attachment,) = payload["attachments"]
        assert attachment["fields"][1] == {"title": "이유", "value": "응답 없음", "short": True}
        colours = [hit.payload["attachments"][0]["color"] for hit in hook.hits]
        assert colours == ["#a32020", "#d69e00", "#1a6b35"]

    @pytest.mark.parametrize("url", [SLACK, "slack://T1JJ3T3L2/B1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"])
    def test_is_known_by_both_its_addresses_and_shows_no_token(self, url: str) -> None:
        assert address.read(url=url, is_trusted=False).shown == "slack https://hooks.slack.com:443/…"

    def test_what_it_says_is_kept(self, hook: Receiver) -> None:
        hook.will_answer(404)
        with pytest.raises(ChannelRefused, match="404"):
            deliver(f"http://{hook.pair}/")

    def test_a_redirect_is_not_followed(self, hook: Receiver) -> None:
        hook.will_answer(302, Location="http://169.254.169.254/")
        with pytest.raises(ChannelRefused, match="302"):
            deliver(f"http://{hook.pair}/")


class TestMail:
    def test_is_a_whole_mail(self, mailbox: Mailbox) -> None:
        deliver(mailbox.url)
        (mail,) = mailbox.mails
        assert (mail["To"], mail["Message-ID"]) == ("desk@news.example.com", "<0190@127.0.0.1>")
        assert "NewsForge" in str(mail["From"])
        assert (mail["Auto-Submitted"], mail["X-Priority"]) == ("auto-generated", "1 (Highest)")
        assert "이유: 응답 없음" in mailbox.text()
        assert "http://127.0.0.1:8000/admin/" in mailbox.text()

    def test_a_refusal_is_an_answer(self, mailbox: Mailbox) -> None:
        mailbox.refuse = "RCPT"
        with pytest.raises(ChannelRefused, match="550"):
            deliver(mailbox.url)

    def test_nobody_listening_is_known_not_to_have_it(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with pytest.raises(ChannelUnreachable):
            deliver(f"mailto://127.0.0.1:{port}?from=a@news.example.com&to=b@news.example.com")

    def test_a_server_that_never_answers_costs_its_time_and_no_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("monitoring.channels.rules.TIMEOUT", 0.3)
        with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ChannelUnreachable):
            deliver(f"mailto://127.0.0.1:{silent.getsockname()[1]}?from=a@news.example.com&to=b@news.example.com")

    @pytest.mark.parametrize(
        ("url", "relay"),
        [
            ("mailtos://me:pw@gmail.com?to=desk@news.example.com", ("smtp.gmail.com", 587, "starttls")),
            ("mailtos://me:pw@smtp.naver.com:465?from=me@naver.com&to=desk@news.example.com&mode=ssl",
             ("smtp.naver.com", 465, "ssl")),
        ],
    )  # fmt: skip
    def test_a_provider_apprise_knows_needs_no_server_name(self, url: str, relay: tuple[str, int, str]) -> None:
        found = address.read(url=url, is_trusted=False)
        assert found.shown == f"mailto://{relay[0]}:{relay[1]} → desk@news.example.com"
        assert vars(type(found))  # a Mailbox: its relay says how
        assert str(found.relay.security) == relay[2]  # type: ignore[attr-defined] # as above


class TestApprise:
    def test_sends_what_only_it_knows_and_is_asked_what_became_of_it(self, hook: Receiver) -> None:
        url = f"form://{hook.pair}/{ALERT_TOKEN}"
        deliver(url)
        assert "Redis" in hook.hits[0].body.decode()
        hook.will_answer(500)
        with pytest.raises(ChannelSilent, match="500") as failure:
            deliver(url)
        assert ALERT_TOKEN not in str(failure.value)

    def test_optional_is_no_excuse(self, hook: Receiver) -> None:
        hook.will_answer(500)
        with pytest.raises(ChannelSilent):
            deliver(f"form://{hook.pair}/?optional=yes")

    def test_no_redirect_leads_it_elsewhere(self, hook: Receiver) -> None:
        hook.will_answer(302, Location=f"http://{hook.pair}/elsewhere")
        with pytest.raises(ChannelSilent):
            deliver(f"form://{hook.pair}/?redirect=yes")
        assert len(hook.hits) == 1

    def test_its_log_stays_its_own(self, hook: Receiver, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        hook.will_answer(500)
        with pytest.raises(ChannelSilent):
            deliver(f"form://user:{ALERT_TOKEN}@{hook.pair}/{ALERT_TOKEN}")
        assert ALERT_TOKEN not in caplog.text

    def test_nothing_of_an_address_is_kept(self) -> None:
        url = "tgram://123456789:abcdefg_hijklmnop/12315544/?x=se%20cret"
        assert (
            without_secrets(text="no bot abcdefg_hijklmnop, chat 12315544: se cret", url=url) == "no bot …, chat …: …"
        )


class TestRefusals:
    @pytest.mark.parametrize(
        "url",
        [
            "", "not an address", "https://user:pw@hooks.example.com/", "http://hooks.example.com/", "carrier://pigeon",
            "https://10.0.0.7/hook", "https://hooks.example.com:8443/", "http://127.0.0.1:8000/", "json://localhost/",
            "https://intranet/hook", "form://192.168.0.9/", "gotifys://10.1.1.1/tokentoken", "syslog://", "dbus://",
            "mailto://127.0.0.1:25?from=a@news.example.com&to=b@news.example.com",
            "mailto://mail.internal?from=a@news.example.com&to=b@news.example.com",
            "mailto://smtp.example.com:22?from=a@news.example.com&to=b@news.example.com",
            "mailto://smtp.example.com?from=a@news.example.com&to=nobody",
            "mailtos://me:pw@gmail.com?verify=no", "https://hooks.example.com/\x00",
            "https://hooks.example.com/" + "a" * 2000,
        ],
    )  # fmt: skip
    def test_what_staff_enter_must_be_public_and_sendable(self, url: str) -> None:
        with pytest.raises(UnusableChannel):
            address.read(url=url, is_trusted=False)

    def test_a_private_address_is_possible_once_it_is_named(self, hook: Receiver, settings: Settings) -> None:
        with pytest.raises(UnusableChannel):
            channels.seal(channel=Channel(), url=f"json://{hook.pair}/")
        settings.ALERT_ALLOW = hook.pair
        channel = Channel(name="internal")
        channels.seal(channel=channel, url=f"json://{hook.pair}/")
        channel.save()
        alerts.send_test(channel=channel, now=NOON)
        assert hook.hits[0].payload["type"] == "test"

    def test_a_name_that_leads_inside_is_not_called(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[object]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", port))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        for url in (
            "https://hooks.example.com/",
            "form://hooks.example.com/",
            "mailto://smtp.example.com?from=a@example.com&to=a@example.com",
        ):
            with pytest.raises(ChannelUnreachable, match="not allowed"):
                address.read(url=url, is_trusted=False).send(message=message(), is_trusted=False)


class TestRows:
    def test_an_address_opens_in_its_own_row_only(self) -> None:
        first, second = make_channel(name="one"), make_channel(name="two")
        assert ALERT_TOKEN not in str(vars(first))
        second.sealed_url = first.sealed_url
        with pytest.raises(NewsforgeError, match="cannot be read"):
            channels.send(channel=second, message=message(), now=NOON)
        second.refresh_from_db()
        assert "cannot be read" in second.last_error

    def test_the_same_address_is_not_told_twice(self) -> None:
        url = "jsons://hooks.example.com/x"
        channel = Channel(name="one")
        channels.seal(channel=channel, url=url)
        channel.save()
        with pytest.raises(KnownChannel, match="one"):
            channels.seal(channel=Channel(name="two"), url=url)

    def test_a_rotation_puts_it_under_the_newest_key(self, settings: Settings) -> None:
        channel = make_channel()
        settings.ENCRYPTION_KEYS = ["k2:" + "B" * 43 + "=", *settings.ENCRYPTION_KEYS]
        call_command("rotate_keys", stdout=StringIO())
        channel.refresh_from_db()
        assert channel.sealed_url.startswith("v1.k2.")
        settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
        with pytest.raises(ChannelUnreachable):  # it opens, and then nobody is there
            channels.send(channel=channel, message=message(), now=NOON)

    def test_those_of_the_environment_have_rows_without_their_address(
        self, by_mail: Mailbox, settings: Settings
    ) -> None:
        report()
        (channel,) = Channel.objects.all()
        assert (channel.source, channel.sealed_url, channel.shown) == ("environment", "", "mailto://…")
        send(NOON)
        settings.ALERT_URLS = []
        resolve(after(minutes=1))
        assert send(after(minutes=1)) == 0
        channel.refresh_from_db()
        assert "NEWSFORGE_ALERT_URLS no longer holds" in channel.last_error

    def test_the_variable_holds_addresses_with_commas(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        text = "mailto://smtp.example.com?to=a@b.kr,c@d.kr, slack://T/B/x\njson://hooks.example.com"
        path = tmp_path / "alerts"
        path.write_text(text, "utf-8")
        monkeypatch.setenv("NEWSFORGE_ALERT_URLS_FILE", str(path))
        assert env.addresses("NEWSFORGE_ALERT_URLS") == [
            "mailto://smtp.example.com?to=a@b.kr,c@d.kr", "slack://T/B/x", "json://hooks.example.com",
        ]  # fmt: skip


class TestAdmin:
    def test_a_channel_is_added_and_its_address_never_shown(self, desk: Client) -> None:
        form = {"name": "desk", "url": SLACK, "minimum_severity": "warning"}
        assert desk.post(page_of(Channel, "add"), form).status_code == 302
        channel = Channel.objects.get()
        assert channel.minimum_severity == Severity.WARNING
        body = desk.get(page_of(Channel, "change", channel.pk)).content.decode()
        assert "hooks.slack.com" in body
        assert "TIiajkdnlazkcOXrIdevi7FQ" not in body
        again = desk.post(page_of(Channel, "add"), form).content.decode()
        assert "through the channel desk" in again
        assert "TIiajkdnlazkcOXrIdevi7FQ" not in again
        refused = desk.post(page_of(Channel, "add"), form | {"url": "https://10.0.0.7/"}).content.decode()
        assert "Alerts cannot be sent to this address" in refused

    def test_a_test_says_what_came_of_it(self, desk: Client, hook: Receiver, settings: Settings) -> None:
        settings.ALERT_URLS = [f"json://{hook.pair}/"]
        (channel,) = channels.listening(now=NOON)
        assert "1 test message was taken." in act(desk, Channel, "send_test", channel)
        hook.will_answer(403)
        page = act(desk, Channel, "send_test", channel)
        assert "refused the message: 403" in page
        assert "0 test messages were taken." in page
        assert "403" in desk.get(page_of(Channel, "changelist")).content.decode()

    def test_incidents_are_looked_after_with_a_count(self, desk: Client) -> None:
        first, second = make_incident(), make_incident(fingerprint="sweep/disk/home", summary="The disk is full")
        assert "2 incidents are acknowledged." in act(desk, Incident, "acknowledge", first, second, reason="on it")
        page = act(desk, Incident, "acknowledge", first)
        assert "0 incidents are acknowledged." in page
        assert "has acknowledged this incident already" in page
        assert "1 incident is silenced." in act(desk, Incident, "silence", first, hours="4")
        assert "1 incident has the note." in act(desk, Incident, "note", first, reason="a cable")
        assert "1 incident is resolved." in act(desk, Incident, "resolve", first, reason="plugged in")
        shown = desk.get(page_of(Incident, "change", first.pk)).content.decode()
        assert all(words in shown for words in ("on it", "a cable", "plugged in", "staff@newsforge.example"))

    def test_open_ones_come_first_and_the_detail_says_who_was_told(self, desk: Client) -> None:
        over = make_incident(resolved_at=after(minutes=5), opened_at=NOON, summary="long over")
        channel = make_channel()
        make_notification(
            make_incident(opened_at=after(days=-3), summary="still here"), channel, last_error="no answer"
        )
        rows = desk.get(page_of(Incident, "changelist")).context["cl"].result_list
        assert [row.summary for row in rows] == ["still here", "long over"]
        shown = desk.get(page_of(Incident, "change", rows[0].pk)).content.decode()
        assert "no answer" in shown
        assert page_of(Notification, "change", rows[0].notifications.get().pk) in shown
        assert "5 minutes" in desk.get(page_of(Incident, "change", over.pk)).content.decode()

    def test_changing_anything_needs_a_right_and_a_token(self, desk: Client) -> None:
        incident = make_incident()
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(desk_user(desk))
        form = {"action": "resolve", "_selected_action": [str(incident.pk)]}
        assert strict.post(reverse("admin:monitoring_incident_changelist"), form).status_code == 403
        desk.get(reverse("admin:monitoring_incident_changelist"), form)
        incident.refresh_from_db()
        assert incident.resolved_at is None


def desk_user(desk: Client) -> User:
    return User.objects.get(pk=desk.session["_auth_user_id"])
