"""One's own account: what it says, what one sets, where one is logged in; and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import keys, preferences, quota, sessions, tasks
from accounts.models import LoginSession, User
from conversions import provider_keys
from monitoring.models import AuditEntry
from tests.factories import PASSWORD, PROVIDER_KEY, USER_AGENT, make_login, make_user
from tests.limits import forget_tries

pytestmark = pytest.mark.django_db

PAGE = "/account/"
SETTINGS = {"time_zone": "Europe/London", "monthly_budget_usd": "12.50"}


@pytest.fixture
def client(acme: User) -> Client:
    browser = Client(headers={"user-agent": USER_AGENT})
    browser.post(reverse("account_login"), {"login": acme.email, "password": PASSWORD})
    forget_tries()
    return browser


def seen(browser: Client) -> bool:
    return browser.get(PAGE).status_code == 200


class TestPage:
    def test_it_is_for_who_is_logged_in(self) -> None:
        names = ("account", "account-export", "account-export-file", "account-delete")
        for page in map(reverse, names):
            assert Client().get(page).headers["Location"].startswith(reverse("account_login")), page

    def test_it_says_how_things_stand_in_few_queries(self, client: Client, acme: User) -> None:
        client.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(PAGE).content.decode()
        assert len(asked) <= 10
        for told in (
            acme.email,
            "Proven",
            "0 of 100 conversions",
            "No authenticator app",
            "Chrome · Linux",
            "this one",
        ):
            assert told in page

    def test_an_unproven_address_can_be_sent_its_mail_from_here(self, client: Client, acme: User) -> None:
        User.objects.filter(pk=acme.pk).update(email_verified=False)
        page = client.get(PAGE).content.decode()
        assert "Not proven yet" in page
        assert reverse("account_send_again") in page


class TestSettings:
    def test_they_are_kept_and_audited(self, client: Client, acme: User) -> None:
        assert client.post(reverse("account-settings"), SETTINGS).status_code == 302
        acme.refresh_from_db()
        assert (acme.time_zone, acme.monthly_budget_usd) == ("Europe/London", Decimal("12.50"))
        entries = AuditEntry.objects.filter(object_pk=str(acme.pk), actor_email=acme.email)
        changed = {name: pair for entry in entries for name, pair in (entry.changes or {}).items()}
        assert changed["time_zone"] == ["Asia/Seoul", "Europe/London"]
        assert changed["monthly_budget_usd"] == ["None", "12.50"]

    @pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Olympus"}, {"monthly_budget_usd": "-1"}])
    def test_what_is_wrong_is_said_and_nothing_kept(self, client: Client, acme: User, wrong: dict[str, str]) -> None:
        answer = client.post(reverse("account-settings"), SETTINGS | wrong)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode()
        acme.refresh_from_db()
        assert (acme.time_zone, acme.monthly_budget_usd) == ("Asia/Seoul", None)

    def test_the_service_knows_no_other_zones_either(self, acme: User) -> None:
        with pytest.raises(preferences.UnknownTimeZone):
            preferences.change(user=acme, time_zone="Mars/Olympus", monthly_budget_usd=None)

    def test_travelling_through_the_zones_gives_no_day_twice(self, acme: User) -> None:
        """A day's units are given once for each date, wherever it begins."""
        now = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)  # noon in Seoul
        User.objects.filter(pk=acme.pk).update(last_quota_reset=now - timedelta(hours=6))
        given = 0
        zones = ["Pacific/Kiritimati", "Asia/Seoul", "Asia/Kolkata", "Europe/London", "America/New_York",
                 "Pacific/Pago_Pago"] * 4  # fmt: skip
        for hour, zone in enumerate([*zones, *reversed(zones)]):
            acme.refresh_from_db()
            preferences.change(user=acme, time_zone=zone, monthly_budget_usd=None)
            moment = now + timedelta(hours=hour)
            acme.refresh_from_db()
            given += quota.reset_if_due(user=acme, now=moment)
            given += quota.reset_due(now=moment)
            stands = quota.standing(user=acme, now=moment)
            assert moment < stands.resets_at <= moment + timedelta(hours=50)
        assert given <= 3, "48 hours touch the 10th, already given, to the 13th of March"
        assert given >= 2

    def test_the_day_comes_when_the_page_says(self, acme: User) -> None:
        now = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
        User.objects.filter(pk=acme.pk).update(last_quota_reset=now - timedelta(hours=6), api_quota_used=7)
        acme.refresh_from_db()
        preferences.change(user=acme, time_zone="Pacific/Pago_Pago", monthly_budget_usd=None)  # still the 9th there
        acme.refresh_from_db()
        comes = quota.standing(user=acme, now=now).resets_at
        assert comes == datetime(2026, 3, 11, 11, 0, tzinfo=UTC)
        assert not quota.reset_if_due(user=acme, now=comes - timedelta(seconds=1))
        assert quota.standing(user=acme, now=comes - timedelta(seconds=1)).used == 7
        assert quota.reset_if_due(user=acme, now=comes)

    def test_staff_give_a_day_back_after_a_move_as_well(self, acme: User) -> None:
        now = timezone.now()
        User.objects.filter(pk=acme.pk).update(api_quota_used=7)
        acme.refresh_from_db()
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            preferences.change(user=acme, time_zone=zone, monthly_budget_usd=None)
        quota.reset_now(user=acme, actor="staff", reason="asked", now=now)
        assert quota.standing(user=acme, now=now).used == 0


class TestSessions:
    def test_one_is_ended_and_the_others_stay(self, client: Client, acme: User) -> None:
        other, third = Client(), Client()
        other.force_login(acme)
        third.force_login(acme)
        row = LoginSession.objects.get(session_id=other.session.session_key)
        client.post(reverse("account-end-session", args=[row.pk]))
        assert [seen(each) for each in (client, other, third)] == [True, False, True]
        entry = AuditEntry.objects.filter(object_pk=str(acme.pk)).latest("id")
        assert "a session ended" in entry.additional_data["did"]

    def test_all_others_are_ended_and_this_one_stays(self, client: Client, acme: User) -> None:
        other = Client()
        other.force_login(acme)
        client.post(reverse("account-end-sessions"))
        acme.refresh_from_db()
        assert [seen(client), seen(other)] == [True, False]
        assert len(sessions.sessions_of(user=acme, now=timezone.now())) == 1

    def test_one_that_is_over_is_forgotten_with_where_it_came_from(self, client: Client, acme: User) -> None:
        over = make_login(acme)
        ended = timezone.now() - timedelta(minutes=1)
        Session.objects.filter(pk=over.session_id).update(expire_date=ended)
        tasks.forget_sessions()
        assert not Session.objects.filter(pk=over.session_id).exists()
        assert not LoginSession.objects.filter(pk=over.pk).exists()
        assert seen(client)

    def test_nobody_ends_a_strangers(self, client: Client, globex: User) -> None:
        theirs = make_login(globex)
        assert client.post(reverse("account-end-session", args=[theirs.pk])).status_code == 404
        assert LoginSession.objects.filter(pk=theirs.pk).exists()
        assert reverse("account-end-session", args=[theirs.pk]) not in client.get(PAGE).content.decode()

    def test_what_is_over_is_not_listed(self, client: Client, acme: User) -> None:
        gone = Client()
        gone.force_login(acme)
        gone.post(reverse("account_logout"))
        old = make_login(acme)
        old.session.expire_date = timezone.now() - timedelta(seconds=1)
        old.session.save()
        assert len(sessions.sessions_of(user=acme, now=timezone.now())) == 1

    def test_where_from_is_noted_anew_after_a_while(self, client: Client, acme: User) -> None:
        row = LoginSession.objects.get()
        long_ago = timezone.now() - timedelta(hours=1)
        client.get(PAGE, REMOTE_ADDR="203.0.113.7")
        row.refresh_from_db()
        assert row.address == "127.0.0.1", "noted a moment ago: nothing is written"
        held = client.session
        held[sessions.MARK] = [held.session_key, long_ago.timestamp()]
        held.save()
        client.get(PAGE, REMOTE_ADDR="203.0.113.7")
        row.refresh_from_db()
        assert (row.address, row.user_agent) == ("203.0.113.7", USER_AGENT)

    @pytest.mark.parametrize(
        ("agent", "name"),
        [
            (USER_AGENT, "Chrome · Linux"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari · iPhone"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/138.0 Whale/4.33 Safari/537.36", "Whale · Windows"),
            ("curl/8.5", ""),
        ],
    )
    def test_browsers_are_called_by_name(self, agent: str, name: str) -> None:
        assert sessions.browser_of(agent) == name


class TestUnproven:
    def test_no_key_is_stored_before_the_address_is_proven(self) -> None:
        user = make_user(email_verified=False)
        with pytest.raises(keys.AddressUnproven):
            keys.store_key(user=user, name="our key", provider="openai", plaintext=PROVIDER_KEY)
        with pytest.raises(keys.AddressUnproven):
            provider_keys.add_key(
                user=user, name="k", provider="openai", plaintext=PROVIDER_KEY, insist=True, now=timezone.now()
            )
