"""Failures run again by filter: what is said before, that exactly those run, and who is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import QuotaEntry, User
from conversions.enums import Status
from conversions.models import Conversion
from tests.factories import make_conversion, make_user

RERUN = reverse("admin:conversions_conversion_rerun")
LAST_HOUR = f"{RERUN}?status__exact=failed&within=hour"


def failed(user: User | None, **fields: object) -> Conversion:
    return make_conversion(user, status=Status.FAILED, **fields)


def confirm(desk: Client, address: str) -> str:
    """Press the button of the page and return what the list says then."""
    chosen = re.search(r'name="chosen" value="([^"]*)"', desk.get(address).content.decode())
    assert chosen is not None
    return desk.post(address, {"chosen": chosen[1]}, follow=True).content.decode()


def waiting() -> set[object]:
    return set(Conversion.objects.filter(status=Status.PENDING).values_list("pk", flat=True))


def test_it_says_how_many_whose_and_for_how_much(desk: Client, acme: User, globex: User) -> None:
    User.objects.filter(pk=globex.pk).update(api_quota_daily=1)
    make_conversion(acme, status=Status.SUCCEEDED, cost_usd=Decimal("0.002"))
    make_conversion(acme, status=Status.SUCCEEDED, cost_usd=Decimal("0.004"))
    for owner in (acme, globex, globex, globex):
        failed(owner)
    failed(acme, target_platform="threads")
    page = desk.get(LAST_HOUR)
    forecast = page.context["forecast"]
    assert (page.context["count"], forecast.units, forecast.refused) == (5, 5, 2)
    assert (forecast.cost_usd, forecast.unpriced) == (Decimal("0.012"), 1)
    assert [(need.user, need.units, need.left) for need in forecast.needs] == [(globex, 3, 1), (acme, 2, 100)]
    assert "2 will be refused: their owners have no unit left today." in page.content.decode()
    assert waiting() == set()


def test_the_failures_of_the_last_hour_run_again_and_no_others(desk: Client, staff: User, acme: User) -> None:
    mine = {failed(acme).pk, failed(acme).pk}
    failed(acme, created_at=timezone.now() - timedelta(hours=2))
    make_conversion(acme, status=Status.CANCELLED)
    assert LAST_HOUR in desk.get(reverse("admin:conversions_conversion_changelist")).content.decode().replace(
        "&amp;", "&"
    )
    assert "2 conversions run again." in confirm(desk, LAST_HOUR)
    assert waiting() == mine
    acme.refresh_from_db()
    assert acme.api_quota_used == 2
    assert set(QuotaEntry.objects.values_list("actor", "run")) == {(staff.email, 2)}
    notes = LogEntry.objects.filter(object_id__in=[str(pk) for pk in mine]).values_list("change_message", flat=True)
    assert set(notes) == {"run again with 2 of a filter"}


def test_what_fails_between_looking_and_confirming_is_not_run(desk: Client, acme: User) -> None:
    seen = failed(acme)
    chosen = desk.get(LAST_HOUR).context["chosen"]
    failed(acme)
    desk.post(LAST_HOUR, {"chosen": chosen})
    assert waiting() == {seen.pk}


def test_who_has_no_unit_left_is_refused_with_the_sentence(desk: Client, acme: User, globex: User) -> None:
    User.objects.filter(pk=globex.pk).update(api_quota_daily=1)
    rows = [failed(globex), failed(globex), failed(acme)]
    said = confirm(desk, LAST_HOUR)
    assert "2 conversions run again." in said
    assert "1 × This needs 1 of your 1 conversions a day and 0 are left." in said
    globex.refresh_from_db()
    assert globex.api_quota_used == 1
    assert waiting() == {rows[0].pk, rows[2].pk}  # the oldest first


def test_one_that_lost_its_owner_is_told_and_refused(desk: Client) -> None:
    failed(None)
    assert "1 have no owner any more and will be refused." in desk.get(LAST_HOUR).content.decode()
    assert "0 conversions run again." in confirm(desk, LAST_HOUR)


def test_cancelled_ones_run_only_for_who_asks_for_them(desk: Client, acme: User) -> None:
    cancelled = make_conversion(acme, status=Status.CANCELLED)
    assert "Nothing in this filter has failed" in desk.get(RERUN).content.decode()
    confirm(desk, f"{RERUN}?status__exact=cancelled")
    assert waiting() == {cancelled.pk}


def test_no_more_than_a_bound_run_at_once_and_the_page_says_so(
    desk: Client, acme: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversions.admin.rerun.MOST_AT_ONCE", 2)
    rows = [failed(acme, created_at=timezone.now() - timedelta(minutes=minutes)) for minutes in (3, 2, 1)]
    assert "They are the oldest of 3; 2 at most run at once." in desk.get(LAST_HOUR).content.decode()
    confirm(desk, LAST_HOUR)
    assert waiting() == {row.pk for row in rows[:2]}


@pytest.mark.parametrize("chosen", ["", "nonsense", "1,2"])
def test_nonsense_runs_nothing(desk: Client, acme: User, chosen: str) -> None:
    failed(acme)
    assert desk.post(LAST_HOUR, {"chosen": chosen}).status_code == (400 if chosen else 302)
    assert waiting() == set()


def test_only_who_may_change_conversions_comes_in(acme: User, globex: User) -> None:
    row = failed(acme)
    looker = make_user("looker@newsforge.example", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_conversion"))
    for user, status in ((looker, 403), (globex, 302)):
        browser = Client()
        browser.force_login(user)
        assert browser.get(LAST_HOUR).status_code == status
        assert browser.post(LAST_HOUR, {"chosen": str(row.pk)}).status_code == status
    assert waiting() == set()


def test_it_asks_the_database_the_same_few_times_for_many(
    desk: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(15):
        failed(make_user())
    with django_assert_max_num_queries(12):  # type: ignore[operator] # the fixture is a context manager's maker
        desk.get(LAST_HOUR)
