"""The page of usage: the day in the user's zone, the month's money, where it went, and the same as files."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conversions.enums import Platform, Status
from conversions.models import Conversion
from tests.factories import make_attempt, make_conversion, make_grant, make_spend

pytestmark = pytest.mark.django_db

BOM = "\ufeff"


@pytest.fixture
def browser(acme: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(acme)
    return client


def spend(user: User) -> None:
    conversion = make_conversion(user, target_platform=Platform.KAKAO)
    make_attempt(conversion, cost_usd=Decimal("0.0123"))
    make_attempt(conversion, cost_usd=None, model="gpt-unknown")


def test_who_has_used_nothing_is_told_where_to_begin(browser: Client) -> None:
    body = browser.get(reverse("usage")).content.decode()
    assert "Nothing was written in this time." in body
    assert "0 of 100 conversions used" in body


def test_the_day_is_the_users_own_and_holds_what_was_granted(browser: Client, acme: User) -> None:
    make_grant(acme)
    User.objects.update(api_quota_used=7, last_quota_reset=timezone.now(), time_zone="America/New_York")
    body = browser.get(reverse("usage")).content.decode()
    assert "7 of 120 conversions used" in body
    assert "midnight (America/New_York)" in body


def test_the_month_is_measured_against_the_budget(browser: Client, acme: User) -> None:
    assert "no budget bounds it" in browser.get(reverse("usage")).content.decode()
    make_spend(acme, spent_usd=Decimal("4.25"))
    User.objects.update(monthly_budget_usd=Decimal(5))
    assert "$4.25 of $5.00 spent" in browser.get(reverse("usage")).content.decode()
    User.objects.update(monthly_budget_usd=Decimal(4))
    assert "The budget is used up" in browser.get(reverse("usage")).content.decode()


def test_what_was_spent_is_drawn_and_told_by_day_provider_model_and_platform(browser: Client, acme: User) -> None:
    spend(acme)
    with CaptureQueriesContext(connection) as queries:
        body = browser.get(reverse("usage")).content.decode()
    assert len(queries) <= 10
    assert "<svg" in body
    assert "USD 0.0123" in body
    for words in ("OpenAI", "gpt-6-luna", "KakaoTalk", "0.0123", "and 1 call of unknown price"):
        assert words in body
    assert body.count("<table>") == 4


def test_a_span_is_chosen_and_held_to_a_year(browser: Client, acme: User) -> None:
    spend(acme)
    tomorrow = (timezone.now() + timedelta(days=2)).date()
    later = browser.get(reverse("usage"), {"start": str(tomorrow), "end": str(tomorrow)}).content.decode()
    assert "Nothing was written in this time." in later
    for span in ({"start": "2020-01-01", "end": "2026-01-01"}, {"start": "2026-01-02", "end": "2026-01-01"}):
        answer = browser.get(reverse("usage"), span)
        assert (answer.status_code, "Ask for one day to one year." in answer.content.decode()) == (422, True)
    assert browser.get(reverse("usage"), {"start": "yesterday"}).status_code == 422


def test_each_table_is_a_file_too(browser: Client, acme: User) -> None:
    spend(acme)
    answer = browser.get(reverse("usage-file", args=["platform"]))
    head, line = csv.reader(answer.getvalue().decode().removeprefix(BOM).splitlines())
    assert (head[0], line[0], line[1], line[2], Decimal(line[5])) == ("platform", "kakao", "1", "2", Decimal("0.0123"))
    assert browser.get(reverse("usage-file", args=["user"])).status_code == 404
    assert browser.get(reverse("usage-file", args=["day"]), {"start": "x"}).status_code == 302


def test_nothing_of_others_is_counted(browser: Client, globex: User) -> None:
    spend(globex)
    make_spend(globex, spent_usd=Decimal(9))
    body = browser.get(reverse("usage")).content.decode()
    assert "gpt-6-luna" not in body
    assert "<strong>$0.00</strong>" in body
    assert {Client().get(reverse(*each)).status_code for each in (("usage",), ("usage-file", None, ["day"]))} == {302}


def test_the_posts_of_a_request_are_a_table_that_starts_no_formula(browser: Client, acme: User) -> None:
    row = make_conversion(acme, status=Status.SUCCEEDED)
    Conversion.objects.update(
        content_generated='=HYPERLINK("https://evil.example")\n둘째 줄', created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    answer = browser.get(reverse("download", args=[row.batch_id, "csv"]))
    text = answer.getvalue().decode()
    head, line = csv.reader(text.removeprefix(BOM).splitlines(keepends=True))
    post = dict(zip(head, line, strict=True))
    assert text.startswith(BOM)
    assert post["content_generated"] == '\'=HYPERLINK("https://evil.example")\n둘째 줄'
    assert (post["target_platform"], post["limit"]) == ("x", "280")
