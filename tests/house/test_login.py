"""Logging in: one page for all, a second factor for staff, limits on tries, and sessions that end when they must."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import services
from accounts.models import User
from monitoring.models import AuditEntry
from newsforge.lib.limits_cache import LimitsCache
from tests.factories import PASSWORD, make_user
from tests.limits import forget_tries
from tests.pages import act, address

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    """Nobody's tries count in the next test."""
    yield
    forget_tries()


@pytest.fixture
def strict(settings: Settings) -> None:
    """As in production."""
    settings.STAFF_MFA = True


def enter(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password}, **more)


def code() -> str:
    return str(format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time()))))


def enter_twice(email: str) -> Client:
    """Log in, and give the password again, as every change of second factors asks for."""
    client = Client()
    enter(client, email)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def is_inside(client: Client) -> bool:
    return client.get(reverse("admin:index")).status_code == 200


class TestPassword:
    @pytest.mark.parametrize("typed", ["staff@newsforge.example", "Staff@NewsForge.Example"])
    def test_staff_log_in_by_address_in_any_letters(self, staff: User, typed: str) -> None:
        client = Client()
        sent = client.get(reverse("admin:index"), follow=True)
        assert sent.redirect_chain[-1][0] == f"{LOGIN}?next=%2Fadmin%2F"
        answer = enter(client, typed)
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("admin:index"))
        assert is_inside(client)

    def test_a_wrong_password_stays_outside(self, staff: User) -> None:
        client = Client()
        assert enter(client, staff.email, "wrong").status_code == 200
        assert not is_inside(client)

    def test_who_is_no_staff_gets_no_further_than_the_first_page(self) -> None:
        make_user("member@acme.example", email_verified=True)
        client = Client()
        assert enter(client, "member@acme.example").headers["Location"] == reverse("home")
        assert client.get(reverse("admin:index"), follow=True).status_code == 403

    def test_the_login_is_in_the_audit_log(self, staff: User) -> None:
        enter(Client(), staff.email, REMOTE_ADDR="203.0.113.7")
        entry = AuditEntry.objects.filter(object_pk=str(staff.pk)).latest("id")
        assert "last_login" in entry.changes
        assert (entry.actor_email, entry.remote_addr) == (staff.email, "203.0.113.7")

    def test_an_address_is_proven_before_anybody_gets_in(self) -> None:
        user = make_user("new@acme.example", email_verified=False)
        client = Client()
        enter(client, user.email)
        assert "_auth_user_id" not in client.session
        found = re.search(r"http://127.0.0.1:8000(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
        assert found
        client.post(found[1])
        user.refresh_from_db()
        assert user.email_verified
        enter(client, user.email)
        assert client.session["_auth_user_id"] == str(user.pk)

    def test_what_the_users_row_says_of_the_address_holds(self, staff: User) -> None:
        EmailAddress.objects.create(user=staff, email="old@newsforge.example", verified=True, primary=True)
        enter(Client(), staff.email)
        assert list(EmailAddress.objects.values_list("email", "verified")) == [(staff.email, True)]

    def test_accounts_are_not_made_by_anybody(self, settings: Settings) -> None:
        form = {"email": "me@evil.example", "password1": PASSWORD, "password2": PASSWORD}
        Client().post("/accounts/signup/", form)
        assert not User.objects.filter(email="me@evil.example").exists()
        settings.SIGNUP_OPEN = True
        Client().post("/accounts/signup/", form)
        made = User.objects.get(email="me@evil.example")
        assert (made.username, made.is_staff, made.email_verified) == ("me@evil.example", False, False)


class TestLimits:
    def test_the_sixth_try_is_refused_even_with_the_right_password(self, staff: User) -> None:
        for _ in range(5):
            enter(Client(), staff.email, "wrong")
        client = Client()
        assert enter(client, staff.email).status_code == 200
        assert not is_inside(client)

    def test_one_address_tries_ten_accounts_a_minute_and_no_more(self) -> None:
        make_user("member@acme.example", email_verified=True)
        for number in range(10):
            enter(Client(), f"nobody{number}@acme.example", REMOTE_ADDR="203.0.113.7")
        client = Client()
        enter(client, "member@acme.example", REMOTE_ADDR="203.0.113.7")
        assert "_auth_user_id" not in client.session
        enter(client, "member@acme.example", REMOTE_ADDR="198.51.100.1")
        assert "_auth_user_id" in client.session

    def test_staff_get_in_while_redis_is_away_and_are_still_limited(
        self, staff: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        away = LimitsCache("redis://127.0.0.1:1/0", {})
        monkeypatch.setattr("allauth.core.internal.ratelimit.cache", away)
        client = Client()
        enter(client, staff.email)
        assert is_inside(client)
        for _ in range(5):
            enter(Client(), "other@acme.example", "wrong")
        assert "Too many" in enter(Client(), "other@acme.example", "wrong").content.decode()

    def test_what_is_no_limit_of_logging_in_still_says_that_redis_is_away(self) -> None:
        with pytest.raises(Exception, match=re.escape("127.0.0.1:1")):
            LimitsCache("redis://127.0.0.1:1/0", {}).get("monitoring.outage:1")
        assert isinstance(cache._connections[cache._alias], LimitsCache)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("strict")
class TestSecondFactor:
    def test_staff_without_one_are_led_to_set_one_up(self, staff: User) -> None:
        client = Client()
        enter(client, staff.email)
        sent = client.get(address(User, "changelist"), follow=True)
        assert sent.redirect_chain[-1][0] == reverse("mfa_index")
        assert "second factor" in sent.content.decode()

    def test_setting_one_up_opens_the_administration_and_gives_recovery_codes(self, staff: User) -> None:
        client = enter_twice(staff.email)
        page = client.get(reverse("mfa_activate_totp"))
        secret = page.context["form"].secret
        entered = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
        done = client.post(reverse("mfa_activate_totp"), {"code": entered}, follow=True)
        assert done.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
        assert is_inside(client)
        assert AuditEntry.objects.filter(content_type__model="authenticator", actor_email=staff.email).exists()

    def test_the_password_alone_is_not_enough_then(self, staff: User) -> None:
        TOTP.activate(staff, SECRET)
        client = Client()
        assert enter(client, staff.email).headers["Location"] == reverse("mfa_authenticate")
        assert not is_inside(client)
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert not is_inside(client)
        client.post(reverse("mfa_authenticate"), {"code": code()})
        assert is_inside(client)

    def test_a_recovery_code_opens_once(self, staff: User) -> None:
        TOTP.activate(staff, SECRET)
        one = RecoveryCodes.activate(staff).get_unused_codes()[0]
        inside = []
        for _ in range(2):
            client = Client()
            enter(client, staff.email)
            client.post(reverse("mfa_authenticate"), {"code": one})
            inside.append(is_inside(client))
        assert inside == [True, False]

    def test_what_it_is_computed_from_is_sealed(self, staff: User) -> None:
        TOTP.activate(staff, SECRET)
        RecoveryCodes.activate(staff)
        kept = str(list(Authenticator.objects.values_list("data", flat=True)))
        assert SECRET not in kept
        assert kept.count("v1.") == 2

    def test_sealing_anew_reaches_them_and_they_still_open(self, staff: User, settings: Settings) -> None:
        factor = TOTP.activate(staff, SECRET).instance
        codes = RecoveryCodes.activate(staff).get_unused_codes()
        newer = "k9:" + base64.urlsafe_b64encode(b"9" * 32).decode()
        settings.ENCRYPTION_KEYS = [newer, *settings.ENCRYPTION_KEYS]
        call_command("rotate_keys", stdout=io.StringIO())
        settings.ENCRYPTION_KEYS = [newer]
        factor.refresh_from_db()
        assert TOTP(factor).validate_code(code())
        assert RecoveryCodes.activate(staff).get_unused_codes() == codes
        settings.ENCRYPTION_KEYS = ["k0:" + base64.urlsafe_b64encode(b"0" * 32).decode()]
        with pytest.raises(CommandError, match="2 secrets cannot be read"):
            call_command("rotate_keys", stdout=io.StringIO(), stderr=io.StringIO())

    def test_a_security_key_can_be_added(self, staff: User) -> None:
        client = enter_twice(staff.email)
        page = client.get(reverse("mfa_add_webauthn"))
        assert page.context["js_data"]["creation_options"]["publicKey"]["rp"]["name"] == "NewsForge Pro"

    def test_an_admin_removes_what_somebody_lost(self, staff: User) -> None:
        user = make_user("lost@newsforge.example", is_staff=True)
        factor = TOTP.activate(user, SECRET).instance
        TOTP.activate(staff, SECRET)
        desk = Client()
        desk.force_login(staff)
        desk.post(address(Authenticator, "delete", factor.pk), {"post": "yes"})
        assert not Authenticator.objects.filter(user=user).exists()


class TestSessions:
    def test_a_session_lasts_a_working_day(self, staff: User) -> None:
        client = Client()
        enter(client, staff.email)
        assert client.session.get_expiry_age() == 12 * 60 * 60

    def test_a_new_password_ends_the_old_sessions(self, staff: User, desk: Client) -> None:
        staff.set_password("another good pass phrase")
        staff.save()
        assert not is_inside(desk)

    def test_a_suspended_user_is_outside_at_once_and_stays_there(self, staff: User) -> None:
        user = make_user("temp@newsforge.example", is_staff=True)
        client, boss = Client(), Client()
        client.force_login(user)
        boss.force_login(staff)
        assert is_inside(client)
        form = {"email": user.email, "username": user.username, "subscription_tier": "free", "api_quota_daily": "100",
                "time_zone": "Asia/Seoul", "is_staff": "on", "reason": "a test"}  # fmt: skip
        boss.post(address(User, "change", user.pk), form)
        assert not is_inside(client)
        boss.post(address(User, "change", user.pk), form | {"is_active": "on"})
        assert not is_inside(client)

    def test_all_sessions_of_a_user_end_by_an_action(self, desk: Client) -> None:
        user = make_user("temp@newsforge.example", is_staff=True)
        clients = [Client(), Client()]
        for client in clients:
            client.force_login(user)
        act(desk, User, "end_sessions", user)
        assert [is_inside(client) for client in (*clients, desk)] == [False, False, True]
        entry = AuditEntry.objects.filter(object_pk=str(user.pk)).latest("id")
        assert entry.additional_data == {"did": "sessions ended"}
        services.end_sessions(user=user, now=timezone.now())


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_pages_are_ours_pass_the_policy_and_hold_no_inline_code(staff: User, language: str) -> None:
    client = Client(headers={"accept-language": language})
    pages = [client.get(LOGIN), client.get("/accounts/password/reset/"), client.get("/accounts/signup/")]
    enter(client, staff.email)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    pages += [client.get(reverse(name)) for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn",
              "mfa_list_webauthn", "account_change_password", "account_logout", "account_reauthenticate")]  # fmt: skip
    for page in pages:
        body = page.content.decode()
        assert page.status_code == 200, page.request["PATH_INFO"]
        assert 'class="brand"' in body, page.request["PATH_INFO"]
        assert f'<html lang="{language}">' in body
        inline = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", body)
        assert inline == []
        assert " style=" not in body, page.request["PATH_INFO"]
        assert not re.search(r"\son\w+=", body), page.request["PATH_INFO"]
