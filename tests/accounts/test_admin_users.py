"""The admin page of people: who gets in, what is written where, and who may do what to whom."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, QuotaEntry, User
from conversions.models import Conversion
from tests.factories import (
    PASSWORD,
    make_one_of_each,
    make_staff,
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
        form = user_form(acme) | {"api_quota_daily": "250"}
        assert desk.post(address(User, "change", acme.pk), form).status_code == 302
        acme.refresh_from_db()
        line = QuotaEntry.objects.get(user=acme)
        assert (acme.api_quota_daily, line.kind, line.actor) == (250, "adjust", staff.email)

    def test_a_time_zone_that_does_not_exist_is_refused_with_a_sentence(self, desk: Client, acme: User) -> None:
        answer = desk.post(address(User, "change", acme.pk), user_form(acme) | {"time_zone": "Asia/Seuol"})
        assert "not the name of a time zone" in answer.content.decode()
        acme.refresh_from_db()
        assert acme.time_zone == "Asia/Seoul"

    def test_the_day_is_given_back_by_an_action(self, desk: Client, acme: User) -> None:
        User.objects.filter(pk=acme.pk).update(api_quota_used=7)
        act(desk, User, "give_day_back", acme)
        acme.refresh_from_db()
        assert acme.api_quota_used == 0
        assert QuotaEntry.objects.get(user=acme).units == -7

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
