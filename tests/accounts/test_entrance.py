"""Signing up, proving an address, a new password: by real mail, and without telling who has an account."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as django_settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from pytest_django import Settings

from accounts.models import User
from newsforge import env
from tests.factories import PASSWORD, make_user
from tests.limits import forget_tries
from tests.monitoring.mailbox import Mailbox, mail_server

pytestmark = pytest.mark.django_db

NEW = "new@acme.example"
SITE = "https://news.example"
PAGES = {  # by the page: what is posted there, for an address
    "account_signup": lambda email: {"email": email, "password1": PASSWORD, "password2": PASSWORD},
    "account_reset_password": lambda email: {"email": email},
    "account_send_again": lambda email: {"email": email},
}


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    """Nobody's tries count in the next test."""
    yield
    forget_tries()


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SIGNUP_OPEN, settings.SITE_URL = True, SITE


@pytest.fixture
def box(settings: Settings) -> Iterator[Mailbox]:
    """A real mail server, which the site sends to."""
    with mail_server() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


def post(name: str, email: str, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post(reverse(name), PAGES[name](email), follow=True, **more)


def link_in(text: str) -> str:
    """The path of the one link of the site's in a mail."""
    found = re.findall(rf"{SITE}(/\S+)", text)
    assert len(found) == 1, text
    return str(found[0])


def enter(client: Client, email: str, password: str = PASSWORD) -> bool:
    client.post(reverse("account_login"), {"login": email, "password": password})
    return "_auth_user_id" in client.session


class TestSigningUp:
    def test_from_the_form_to_the_first_login(self, box: Mailbox) -> None:
        client = Client()
        told = post("account_signup", NEW, client)
        assert told.redirect_chain == [(reverse("account_email_verification_sent"), 302)]
        assert f'value="{NEW}"' in told.content.decode()
        assert not enter(Client(), NEW)
        page = link_in(box.text(0))
        assert client.get(page).status_code == 200
        assert not User.objects.get(email=NEW).email_verified, "looking at the link changes nothing"
        client.post(page)
        made = User.objects.get(email=NEW)
        assert (made.email_verified, made.username, made.is_staff, made.api_quota_daily) == (True, NEW, False, 5)
        assert enter(client, NEW)

    def test_the_mail_is_from_us_for_machines_to_see_and_in_the_readers_language(self, box: Mailbox) -> None:
        post("account_signup", NEW, headers={"accept-language": "ko"})
        sent = box.mails[0]
        assert (sent["From"], sent["To"]) == (django_settings.DEFAULT_FROM_EMAIL, NEW)
        assert sent["Subject"].strip() == "NewsForge Pro: 이메일 주소를 확인하세요"
        assert sent["Auto-Submitted"] == "auto-generated"
        assert "NewsForge Pro\nnews.example" in box.text(0).replace("\r", "")

    def test_a_closed_door_says_so_and_what_to_do(self, settings: Settings) -> None:
        settings.SIGNUP_OPEN = False
        assert "Ask them for one" in Client().get(reverse("account_signup")).content.decode()
        assert "Ask them for one" in post("account_signup", NEW).content.decode()
        assert not User.objects.filter(email=NEW).exists()

    def test_a_dead_mail_server_loses_nothing(self, settings: Settings) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            settings.EMAIL_PORT = free.getsockname()[1]
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
        client = Client()
        told = post("account_signup", NEW, client)
        assert told.status_code == 200
        page = told.content.decode()
        assert "our mail server does not answer" in page
        assert "We have written" not in page
        assert "Confirmation email sent" not in page
        assert User.objects.filter(email=NEW).exists()
        with mail_server() as box:
            settings.EMAIL_PORT = box.port
            again = post("account_send_again", NEW, client).content.decode()
            client.post(link_in(box.text(0)))
        assert "We have written" in again
        assert User.objects.get(email=NEW).email_verified

    @pytest.mark.parametrize("refused", ["RCPT", "DATA"])
    def test_a_mail_server_that_refuses_is_told_too(self, box: Mailbox, refused: str) -> None:
        box.refuse = refused
        assert "our mail server does not answer" in post("account_signup", NEW).content.decode()


class Counting(MD5PasswordHasher):
    """A password hasher that counts."""

    algorithm = "counted"
    times = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).times += 1
        return super().encode(password, salt)


class TestNobodyLearnsWhoHasAnAccount:
    @pytest.mark.parametrize("page", PAGES)
    def test_the_answer_is_the_same(self, page: str, box: Mailbox) -> None:
        make_user("known@acme.example")
        make_user("waits@acme.example", email_verified=False)
        answers = []
        for number, email in enumerate(("known@acme.example", "waits@acme.example", "other@acme.example")):
            told = post(page, email, REMOTE_ADDR=f"203.0.113.{number}")
            answers.append(re.sub(r"[\w.]+@acme|value=\"\w{64}\"", "…", told.content.decode()))
            assert [str(box.mails[number]["To"]), len(box.mails)] == [email, number + 1], "each costs one mail"
        assert answers[0] == answers[1] == answers[2]

    def test_signing_up_costs_the_same(self, settings: Settings) -> None:
        settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
        make_user("known@acme.example")
        spent = []
        for number, email in enumerate(("known@acme.example", NEW)):
            Counting.times = 0
            post("account_signup", email, REMOTE_ADDR=f"203.0.113.{number}")
            spent.append(Counting.times)
        assert spent == [1, 1]

    def test_a_letter_the_database_takes_for_another_is_another_address(self, box: Mailbox) -> None:
        make_user("mike@acme.example")
        alike = "m\N{LATIN SMALL LETTER DOTLESS I}ke@acme.example"
        assert post("account_send_again", alike).status_code == 200
        forget_tries()
        assert post("account_signup", alike).status_code == 200
        assert "mike@acme.example" not in {str(each["To"]) for each in box.mails}
        assert {User.objects.get_by_natural_key(each).email for each in ("MIKE@acme.example", alike)} == {
            "mike@acme.example", alike,
        }  # fmt: skip
        client = Client()
        client.post(reverse("account_login"), {"login": "Mike@Acme.Example", "password": PASSWORD})
        assert "_auth_user_id" in client.session

    def test_who_has_an_account_hears_of_it_by_mail_alone(self, box: Mailbox) -> None:
        make_user("known@acme.example")
        post("account_signup", "Known@Acme.Example")
        assert box.subjects == ["NewsForge Pro: You have an account already"]
        assert link_in(box.text(0)) == reverse("account_reset_password")
        assert User.objects.count() == 1

    @pytest.mark.parametrize("is_open", [True, False])
    def test_who_has_none_is_led_to_sign_up_while_that_is_open(
        self, box: Mailbox, settings: Settings, is_open: bool
    ) -> None:
        settings.SIGNUP_OPEN = is_open
        post("account_reset_password", NEW)
        assert (reverse("account_signup") in box.text(0)) is is_open


class TestNewPassword:
    def test_from_the_form_to_the_login_with_it(self, box: Mailbox) -> None:
        user = make_user("known@acme.example")
        elsewhere, client = Client(), Client()
        elsewhere.force_login(user)
        post("account_reset_password", user.email, client)
        page = client.get(link_in(box.text(0)), follow=True)
        other = "another good pass phrase"
        done = client.post(page.request["PATH_INFO"], {"password1": other, "password2": other}, follow=True)
        assert "The new password is set" in done.content.decode()
        assert [enter(client, user.email), enter(client, user.email, other)] == [False, True]
        assert elsewhere.get(reverse("account")).status_code == 302
        assert "has been reset" in box.text(-1)
        assert "127.0.0.1" in box.text(-1)
        used = Client().get(link_in(box.text(0)), follow=True)
        assert 'type="password"' not in used.content.decode(), "the link works once"

    def test_a_changed_password_is_told_by_mail(self, box: Mailbox) -> None:
        client = Client()
        enter(client, make_user("known@acme.example").email)
        other = "another good pass phrase"
        form = {"oldpassword": PASSWORD, "password1": other, "password2": other}
        client.post(reverse("account_change_password"), form)
        assert box.subjects == ["NewsForge Pro: Password Changed"]
        assert client.get(reverse("account")).status_code == 200


class TestAnotherAddress:
    def test_it_takes_the_old_ones_place_when_it_is_proven(self, box: Mailbox) -> None:
        user = make_user("known@acme.example")
        client = Client()
        enter(client, user.email)
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
        asked = client.post(reverse("account_email"), {"action_add": "", "email": NEW})
        assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
        assert box.mails == []
        client.post(asked.headers["Location"], {"password": PASSWORD})  # what was asked for is done now
        page = client.get(reverse("account_email")).content.decode()
        assert "Waiting for new@acme.example" in page
        assert "style=" not in page
        enter(Client(), user.email)  # elsewhere; what is on its way stays so
        user.refresh_from_db()
        assert user.email == "known@acme.example"
        client.post(link_in(box.text(0)))
        user.refresh_from_db()
        assert (user.email, user.email_verified) == (NEW, True)
        assert list(EmailAddress.objects.values_list("email", "verified")) == [(NEW, True)]
        assert [str(sent["To"]) for sent in box.mails] == [NEW, "known@acme.example"]


class TestLimits:
    @pytest.mark.parametrize(
        ("page", "times", "emails"),
        [
            ("account_signup", 10, [f"n{number}@acme.example" for number in range(11)]),
            ("account_reset_password", 3, [NEW] * 4),
            ("account_reset_password", 10, [f"n{number}@acme.example" for number in range(11)]),
            ("account_send_again", 1, [NEW] * 2),
        ],
    )
    def test_the_next_try_is_told_when_to_come_back(self, page: str, times: int, emails: list[str]) -> None:
        answers = [post(page, email) for email in emails]
        assert [answer.status_code for answer in answers] == [200] * times + [429]
        refused = answers[-1]
        seconds = int(refused.headers["Retry-After"])
        assert 30 < seconds <= 600
        said = re.search(r"Wait (\d+) (second|minute)", refused.content.decode())
        assert said
        assert 0 <= int(said[1]) * {"second": 1, "minute": 60}[said[2]] - seconds < 60
        assert len(mail.outbox) == times

    def test_a_limit_is_one_address_of_the_networks_alone(self) -> None:
        for number in range(10):
            post("account_signup", f"n{number}@acme.example")
        assert post("account_signup", NEW, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_what_leads_nowhere_is_not_there() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_confirm_login_code")
    assert Client().get("/accounts/login/code/confirm/").status_code == 404
    assert Client().get("/accounts/signup/passkey/").status_code == 404
    assert get_resolver().resolve("/accounts/confirm-email/again/").url_name == "account_send_again"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp+tls://us%40er:p%3Aw@mail.example", ("smtp+tls", "mail.example", 587, "us@er", "p:w")),
        ("smtp+ssl://mail.example:4650", ("smtp+ssl", "mail.example", 4650, "", "")),
        ("smtp://[::1]:25", ("smtp", "::1", 25, "", "")),
    ],
)
def test_a_mail_server_is_read_from_its_address(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: tuple[object, ...]
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    assert env.mail_server("EMAIL_URL") == expected


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:port"])
def test_what_is_no_mail_server_stops_the_start(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must name a mail server"):
        env.mail_server("EMAIL_URL")
