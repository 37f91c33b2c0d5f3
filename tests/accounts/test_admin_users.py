"""The admin page of people: who gets in, what is written where, and who may do what to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user
from django.contrib.auth.models import Permission
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import quota
from accounts.models import ApiKey, MonthlySpend, QuotaEntry, QuotaGrant, User
from conversions.models import Conversion
from tests.factories import (
    PASSWORD,
    make_entry,
    make_grant,
    make_key,
    make_one_of_each,
    make_spend,
    make_staff,
    make_token,
    make_user,
)
from tests.pages import act, address


@pytest.fixture
def clerk(db: None) -> Client:
    """A browser of staff who may do everything to users, and is no superuser."""
    user = make_user("clerk@newsforge.example", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client = Client()
    client.force_login(user)
    return client


class TestUsers:
    def test_a_new_user_logs_in_with_the_address_and_has_the_tiers_quota(self, desk: Client) -> None:
        form = {
            "email": "New.Person@Acme.example",
            "username": "",
            "subscription_tier": "pro",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        assert desk.post(address(User, "add"), form).status_code == 302
        user = User.objects.get(email="New.Person@acme.example")
        assert (user.username, user.api_quota_daily, user.is_staff) == ("New.Person@acme.example", 100, False)
        assert Client().login(username="new.person@acme.example", password=PASSWORD)

    def test_the_same_address_in_other_letters_is_refused_with_a_sentence(self, desk: Client, acme: User) -> None:
        form = {"email": acme.email.upper(), "subscription_tier": "free", "usable_password": "false"}
        answer = desk.post(address(User, "add"), form)
        assert "exists already" in answer.content.decode()
        assert User.objects.filter(email__iexact=acme.email).count() == 1

    def test_a_new_password_replaces_the_old_one(self, desk: Client, acme: User) -> None:
        page = reverse("admin:auth_user_password_change", args=[acme.pk])
        form = {"usable_password": "true", "password1": "another good one", "password2": "another good one"}
        assert desk.get(page).status_code == 200
        assert desk.post(page, form).status_code == 302
        assert not Client().login(username=acme.email, password=PASSWORD)
        assert Client().login(username=acme.email, password="another good one")

    def test_saving_a_page_that_was_opened_long_ago_moves_no_counter_back(
        self, desk: Client, acme: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A conversion is reserved between reading the row for the form and writing it."""
        full_clean = User.full_clean

        def reserved_meanwhile(self: User, *args: object, **kwargs: object) -> None:
            User.objects.filter(pk=self.pk).update(api_quota_used=F("api_quota_used") + 1)
            full_clean(self)

        monkeypatch.setattr(User, "full_clean", reserved_meanwhile)
        form = user_form(acme) | {"username": "renamed"}
        assert desk.post(address(User, "change", acme.pk), form).status_code == 302
        acme.refresh_from_db()
        assert (acme.username, acme.api_quota_used) == ("renamed", 1)

    def test_a_changed_daily_quota_stands_in_the_ledger_with_its_author(
        self, desk: Client, staff: User, acme: User
    ) -> None:
        form = user_form(acme) | {"api_quota_daily": "250", "reason": "a pilot"}
        assert desk.post(address(User, "change", acme.pk), form).status_code == 302
        acme.refresh_from_db()
        line = QuotaEntry.objects.get(user=acme)
        assert (acme.api_quota_daily, line.kind, line.actor) == (250, "adjust", staff.email)
        assert line.reason.endswith("a pilot")
        assert "a pilot" in desk.get(address(User, "history", acme.pk)).content.decode()

    @pytest.mark.parametrize(
        "change", [{"api_quota_daily": "250"}, {"subscription_tier": "pro"}, {"monthly_budget_usd": "5"}]
    )
    def test_nothing_of_worth_is_changed_without_a_reason(
        self, desk: Client, acme: User, change: dict[str, str]
    ) -> None:
        before = User.objects.filter(pk=acme.pk).values().get()
        answer = desk.post(address(User, "change", acme.pk), user_form(acme) | change | {"reason": "  "})
        assert "Say why" in answer.content.decode()
        assert User.objects.filter(pk=acme.pk).values().get() == before

    @pytest.mark.parametrize("action", ["give_day_back", "set_tier", "suspend"])
    def test_no_action_that_takes_or_gives_is_done_without_a_reason(
        self, desk: Client, acme: User, action: str
    ) -> None:
        User.objects.filter(pk=acme.pk).update(api_quota_used=7)
        before = User.objects.filter(pk=acme.pk).values().get()
        assert "Say why" in act(desk, User, action, acme, tier="business", reason=" ")
        assert User.objects.filter(pk=acme.pk).values().get() == before
        assert not QuotaEntry.objects.filter(user=acme).exists()

    def test_a_time_zone_that_does_not_exist_is_refused_with_a_sentence(self, desk: Client, acme: User) -> None:
        answer = desk.post(address(User, "change", acme.pk), user_form(acme) | {"time_zone": "Asia/Seuol"})
        assert "not the name of a time zone" in answer.content.decode()
        acme.refresh_from_db()
        assert acme.time_zone == "Asia/Seoul"

    def test_another_time_zone_gives_no_second_day(self, desk: Client, acme: User) -> None:
        begun = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)  # the 10th begins in Seoul
        User.objects.filter(pk=acme.pk).update(last_quota_reset=begun, api_quota_used=7)
        desk.post(address(User, "change", acme.pk), user_form(acme) | {"time_zone": "Europe/London"})
        acme.refresh_from_db()
        assert acme.time_zone == "Europe/London"
        assert not quota.reset_if_due(user=acme, now=datetime(2026, 3, 10, 12, 0, tzinfo=UTC))
        assert quota.reset_if_due(user=acme, now=datetime(2026, 3, 11, 0, 0, tzinfo=UTC))

    def test_the_day_is_given_back_by_an_action(self, desk: Client, acme: User) -> None:
        User.objects.filter(pk=acme.pk).update(api_quota_used=7)
        act(desk, User, "give_day_back", acme, reason="our outage")
        acme.refresh_from_db()
        assert acme.api_quota_used == 0
        line = QuotaEntry.objects.get(user=acme)
        assert (line.units, line.reason) == (-7, "our outage")

    def test_the_list_shows_what_is_left_with_running_grants_and_what_the_month_cost(
        self, desk: Client, acme: User
    ) -> None:
        make_grant(acme, extra_daily=20)
        make_grant(acme, extra_daily=900, starts_at=timezone.now() - timedelta(days=9), ends_at=timezone.now())
        make_spend(acme, month=timezone.localdate().replace(day=1))
        User.objects.filter(pk=acme.pk).update(api_quota_used=7)
        listed = desk.get(address(User, "changelist"), {"q": acme.email}).content.decode()
        assert "7 / 120" in listed
        assert ">1.25<" in listed
        assert f"{address(QuotaGrant, 'add')}?user={acme.pk}" in listed

    def test_a_grant_is_two_clicks_from_the_list_and_ends_on_friday(self, desk: Client, acme: User) -> None:
        page = desk.get(address(QuotaGrant, "add"), {"user": str(acme.pk)})
        form = page.context["adminform"].form
        assert form.initial["user"] == str(acme.pk)
        assert form.initial["ends_at"].weekday() == 4
        assert form.initial["ends_at"] >= timezone.now()

    def test_the_page_has_the_last_lines_of_the_ledger_and_everything_that_is_theirs(
        self, desk: Client, acme: User, globex: User
    ) -> None:
        for number in range(60):
            make_entry(acme, reason=f"line {number}")
        make_token(globex, name="of globex")
        make_token(acme, name="of acme")
        make_key(acme)
        body = desk.get(address(User, "change", acme.pk)).content.decode()
        assert [number for number in range(60) if f"line {number}<" in body] == [*range(10, 60)]
        assert "of acme" in body
        assert "of globex" not in body
        assert f"{address(Conversion, 'changelist')}?q={acme.pk}" in body
        assert f"{address(QuotaEntry, 'changelist')}?q={acme.pk}" in body

    def test_a_suspended_user_is_refused_at_once_with_token_and_session(self, desk: Client, acme: User) -> None:
        _, token = make_token(acme)
        session = Client()
        session.force_login(acme)
        headers = {"Authorization": f"Bearer {token}"}
        assert Client().get("/api/v1/keys", headers=headers).status_code == 200
        assert "1 user is suspended" in act(desk, User, "suspend", acme, reason="unpaid")
        assert Client().get("/api/v1/keys", headers=headers).status_code == 401
        assert not get_user(session).is_authenticated
        assert "unpaid" in LogEntry.objects.get(object_id=str(acme.pk)).get_change_message()
        assert "1 user is let in again" in act(desk, User, "unsuspend", acme)
        assert Client().get("/api/v1/keys", headers=headers).status_code == 200

    def test_nobody_locks_themselves_out_and_staff_do_not_suspend_a_superuser(
        self, desk: Client, clerk: Client
    ) -> None:
        root = User.objects.get(is_superuser=True)
        assert "0 users are suspended" in act(desk, User, "suspend", root, reason="a test")
        assert "0 users are suspended" in act(clerk, User, "suspend", root, reason="a test")
        root.refresh_from_db()
        assert root.is_active

    def test_a_tier_brings_its_conversions_a_day_and_stands_in_the_ledger(self, desk: Client, acme: User) -> None:
        act(desk, User, "set_tier", acme, tier="business", reason="contract of May")
        acme.refresh_from_db()
        assert (acme.subscription_tier, acme.api_quota_daily) == ("business", 1000)
        line = QuotaEntry.objects.get(user=acme)
        assert (line.kind, line.units) == ("adjust", 0)
        assert "contract of May" in line.reason

    def test_the_export_is_a_table_no_spreadsheet_runs(self, desk: Client, acme: User) -> None:
        User.objects.filter(pk=acme.pk).update(email="=cmd@acme.example")
        form = {"action": "export", "_selected_action": str(acme.pk)}
        answer = desk.post(address(User, "changelist"), form)
        header, row = b"".join(answer).decode().removeprefix("\ufeff").splitlines()
        assert header.startswith("id,email,subscription_tier")
        assert row.startswith(f"{acme.pk},'=cmd@acme.example,free")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="users.csv"'

    def test_deleting_a_user_takes_what_is_theirs_and_leaves_the_log(self, desk: Client, acme: User) -> None:
        make_one_of_each(acme)
        assert desk.post(address(User, "delete", acme.pk), {"post": "yes"}).status_code == 302
        assert not User.objects.filter(pk=acme.pk).exists()
        assert not ApiKey.objects.exists()
        assert Conversion.objects.get().user is None

    def test_staff_cannot_make_themselves_superusers(self, clerk: Client, acme: User) -> None:
        form = user_form(acme) | {"is_superuser": "on", "is_staff": "on"}
        assert clerk.post(address(User, "change", acme.pk), form).status_code == 302
        acme.refresh_from_db()
        assert (acme.is_superuser, acme.is_staff) == (False, False)

    def test_staff_cannot_take_a_superuser_over(self, clerk: Client) -> None:
        root = make_staff("root@newsforge.example")
        password = {"usable_password": "true", "password1": "another good one", "password2": "another good one"}
        assert clerk.post(reverse("admin:auth_user_password_change", args=[root.pk]), password).status_code == 403
        assert (
            clerk.post(address(User, "change", root.pk), user_form(root) | {"email": "me@x.example"}).status_code == 403
        )
        assert clerk.post(address(User, "delete", root.pk), {"post": "yes"}).status_code == 403
        act(clerk, User, "delete_selected", root, post="yes")
        root.refresh_from_db()
        assert root.check_password(PASSWORD)


class TestSpends:
    def test_a_month_is_chosen_and_taken_along_dearest_first(self, desk: Client, acme: User, globex: User) -> None:
        month = timezone.localdate().replace(day=1)
        old = (month - timedelta(days=1)).replace(day=1)
        cheap, dear = make_spend(acme, month=month), make_spend(globex, month=month, spent_usd=9)
        make_spend(acme, month=old)
        page = desk.get(address(MonthlySpend, "changelist"), {"month": month.isoformat()})
        assert list(page.context["cl"].result_list) == [dear, cheap]
        form = {"action": "export", "_selected_action": [cheap.pk, dear.pk]}
        lines = b"".join(desk.post(address(MonthlySpend, "changelist"), form)).decode().splitlines()
        assert [line.split(",")[2] for line in lines[1:]] == [globex.email, acme.email]

    def test_without_a_search_nobody_is_left_out_and_with_one_only_theirs_are_found(
        self, desk: Client, acme: User
    ) -> None:
        theirs, _operators = make_spend(acme), make_spend(None)
        listed = address(MonthlySpend, "changelist")
        assert desk.get(listed, {"month": "zz"}).context["cl"].result_count == 2
        assert list(desk.get(listed, {"q": acme.email}).context["cl"].result_list) == [theirs]


def user_form(user: User) -> dict[str, str]:
    """What the browser sends for the user's page as it stands."""
    return {
        "email": user.email,
        "username": user.username,
        "subscription_tier": user.subscription_tier,
        "api_quota_daily": str(user.api_quota_daily),
        "time_zone": user.time_zone,
        "is_active": "on",
    }
