"""The page of one conversion: what became of it, whose fault, every stage and call, and the levers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import quota
from accounts.models import User
from conversions.enums import Status
from conversions.models import Conversion
from newsforge.lib.errors import Fault
from tests.factories import make_attempt, make_conversion, make_delivery, make_endpoint, make_user
from tests.pages import act, address


def page_of(desk: Client, conversion: Conversion) -> str:
    return desk.get(address(Conversion, "change", conversion.pk)).content.decode()


@pytest.mark.parametrize("fault", Fault)
def test_whose_fault_it_is_and_what_to_do_stand_there_in_words(desk: Client, acme: User, fault: Fault) -> None:
    page = page_of(desk, make_conversion(acme, status=Status.FAILED, fault=fault, retry_after=30))
    assert "The key is asked too often" in page
    assert "Whose fault" in page
    assert "What to do" in page
    assert "30 s after" in page


def test_every_stage_has_its_time_and_the_calls_their_cost(desk: Client, acme: User) -> None:
    conversion = make_conversion(acme, status=Status.SUCCEEDED)
    assert conversion.article is not None
    type(conversion.article).objects.filter(pk=conversion.article.pk).update(read_ms=300, fetch_ms=250)
    make_attempt(conversion, state="failed", failure_code="rate-limited", cost_usd="0.000100", request_id="req_1")
    make_attempt(conversion, cost_usd="0.001200", request_id="req_2", latency_ms=840)
    answer = desk.get(address(Conversion, "change", conversion.pk))
    stages = answer.context["stages"]
    assert [(str(stage.name), stage.ms) for stage in stages] == [
        ("fetch", 250), ("extract", 50), ("generate", 840), ("fit", 2), ("ground", None),
    ]  # fmt: skip
    generate = stages[2]
    assert (len(generate.calls), generate.tokens, str(generate.cost_usd)) == (2, 1920, "0.001300")
    assert generate.request_ids == ["req_1", "req_2"]
    ends = [stage.x + stage.width for stage in stages]
    assert all(start.x >= end - 2 for start, end in zip(stages[1:4], ends, strict=False))
    assert max(ends) <= 300
    assert "req_2" in answer.content.decode()


def test_an_unknown_price_is_said_to_be_unknown(desk: Client, acme: User) -> None:
    conversion = make_conversion(acme, status=Status.SUCCEEDED)
    make_attempt(conversion, cost_usd=None)
    assert "unknown" in page_of(desk, conversion)


def test_the_post_its_counter_its_findings_and_the_article_as_the_model_saw_it(desk: Client, acme: User) -> None:
    conversion = make_conversion(acme, status=Status.SUCCEEDED)
    page = page_of(desk, conversion)
    assert "38 of 280 weighted characters, 242 left" in page
    assert "Check this number." in page
    assert "&lt;article-" in page
    assert "Title: 수원, 24시간 도서관 개관" in page


def test_what_belongs_to_it_stands_on_its_page_and_nobody_else_s(desk: Client, acme: User, globex: User) -> None:
    conversion = make_conversion(acme)
    sibling = make_conversion(acme, batch_id=conversion.batch_id, target_platform="kakao")
    foreign = make_conversion(globex)
    with transaction.atomic():
        quota.reserve(user=acme, conversion_ids=[conversion.pk], actor=acme.email, now=timezone.now())
        quota.reserve(user=globex, conversion_ids=[foreign.pk], actor=globex.email, now=timezone.now())
    delivery = make_delivery(make_endpoint(acme), conversion=conversion)
    page = page_of(desk, conversion)
    assert address(Conversion, "change", sibling.pk) in page
    assert address(type(delivery), "change", delivery.pk) in page
    assert f"reserve 1 · {acme.email}" in page
    assert str(foreign.pk) not in page
    assert globex.email not in page


def test_it_asks_the_database_few_times_whatever_belongs_to_it(
    desk: Client, acme: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    conversion = make_conversion(acme, status=Status.SUCCEEDED)
    for _ in range(5):
        make_attempt(conversion)
        make_delivery(make_endpoint(acme), conversion=conversion)
        make_conversion(acme, batch_id=conversion.batch_id)
    with django_assert_max_num_queries(12):  # type: ignore[operator] # the fixture is a context manager's maker
        page_of(desk, conversion)


def test_who_may_see_conversions_alone_sees_no_article_ledger_or_call(acme: User) -> None:
    conversion = make_conversion(acme, status=Status.SUCCEEDED)
    make_attempt(conversion, request_id="req_1")
    looker = make_user("looker@newsforge.example", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_conversion"))
    browser = Client()
    browser.force_login(looker)
    page = page_of(browser, conversion)
    assert "수원시가 24시간 도서관을 열었습니다." in page
    for hidden in ("&lt;article-", "Attempts", "Webhooks", "Quota", "Run again", 'value="flag"'):
        assert hidden not in page, hidden


class TestLevers:
    def press(self, desk: Client, conversion: Conversion, action: str, **more: str) -> str:
        return act(desk, Conversion, action, conversion, index="0", of_one="1", **more)

    def test_the_buttons_fit_the_state(self, desk: Client, acme: User) -> None:
        waiting, failed = make_conversion(acme), make_conversion(acme, status=Status.FAILED)
        done = make_conversion(acme, status=Status.SUCCEEDED)
        buttons = {
            row.status: [name for name in ("run_again", "cancel") if f'value="{name}"' in page_of(desk, row)]
            for row in (waiting, failed, done)
        }
        assert buttons == {"pending": ["cancel"], "failed": ["run_again"], "succeeded": []}

    def test_one_runs_again_and_its_page_says_so(self, desk: Client, acme: User) -> None:
        failed = make_conversion(acme, status=Status.FAILED)
        said = self.press(desk, failed, "run_again")
        assert "1 conversion runs again." in said
        assert "What became of it" in said
        failed.refresh_from_db()
        assert failed.status == "pending"

    def test_a_flag_with_its_note_is_set_found_and_taken_off(self, desk: Client, acme: User) -> None:
        conversion = make_conversion(acme, status=Status.FAILED)
        make_conversion(acme)
        assert "legal asks" in self.press(desk, conversion, "flag", note=" legal  asks ")
        conversion.refresh_from_db()
        assert (conversion.flagged_at is None, conversion.flag_note) == (False, "legal asks")
        flagged = desk.get(address(Conversion, "changelist") + "?flagged=yes")
        assert list(flagged.context["cl"].result_list) == [conversion]
        self.press(desk, conversion, "unflag", note="settled")
        conversion.refresh_from_db()
        assert (conversion.flagged_at, conversion.flag_note) == (None, "")
        notes = LogEntry.objects.filter(object_id=str(conversion.pk)).order_by("pk")
        told = [entry.change_message for entry in notes]
        assert told == ["flagged: legal asks", "flag taken off: settled"]

    def test_a_user_with_no_unit_left_is_refused_with_the_sentence(self, desk: Client, acme: User) -> None:
        User.objects.filter(pk=acme.pk).update(api_quota_used=100, last_quota_reset=timezone.now())
        failed = make_conversion(acme, status=Status.FAILED)
        assert "1 × This needs 1 of your 100 conversions a day and 0 are left." in self.press(desk, failed, "run_again")

    def test_staff_who_may_only_look_change_nothing(self, acme: User) -> None:
        looker = make_user("looker@newsforge.example", is_staff=True)
        looker.user_permissions.set(Permission.objects.filter(codename="view_conversion"))
        browser = Client()
        browser.force_login(looker)
        failed = make_conversion(acme, status=Status.FAILED, created_at=timezone.now() - timedelta(minutes=1))
        for action in ("run_again", "cancel", "flag"):
            self.press(browser, failed, action, note="x")
        failed.refresh_from_db()
        assert (failed.status, failed.flagged_at) == ("failed", None)
