"""The admin pages of the job."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import quota
from accounts.models import QuotaEntry, User
from conversions.enums import Status
from conversions.models import Article, Conversion
from tests.factories import (
    make_article,
    make_conversion,
    make_user,
)
from tests.pages import act, address


class TestConversions:
    def test_why_one_failed_stands_on_its_page(self, desk: Client, acme: User) -> None:
        conversion = make_conversion(acme, status=Status.FAILED)
        assert "The key is asked too often" in desk.get(address(Conversion, "changelist")).content.decode()
        assert "The provider is busy." in desk.get(address(Conversion, "change", conversion.pk)).content.decode()

    @pytest.mark.parametrize("column", ["pk", "batch_id", "article_id", "user_id"])
    def test_a_pasted_id_finds_it(self, desk: Client, acme: User, globex: User, column: str) -> None:
        conversion = make_conversion(acme)
        make_conversion(globex)
        page = desk.get(address(Conversion, "changelist"), {"q": str(getattr(conversion, column))})
        assert list(page.context["cl"].queryset) == [conversion]

    @pytest.mark.parametrize(
        "term",
        ["도서관", "수원 도서", "https://news.example/suwon", "editor@acme.example", "@ACME"],
    )
    def test_words_of_the_title_the_address_and_the_owner_find_it(
        self, desk: Client, acme: User, globex: User, term: str
    ) -> None:
        conversion = make_conversion(acme)
        make_conversion(globex, article=make_article(globex, title="부산, 새 다리", url="https://news.example/busan"))
        page = desk.get(address(Conversion, "changelist"), {"q": term})
        assert list(page.context["cl"].queryset) == [conversion]
        assert desk.get(address(Article, "changelist"), {"q": term}).context["cl"].result_count == 1

    @pytest.mark.parametrize("term", ["서관", "' | 'a", "\\", "%", "a@nobody", "https://news.example/suw"])
    def test_what_is_no_word_address_or_owner_finds_nothing(self, desk: Client, acme: User, term: str) -> None:
        make_conversion(acme)
        page = desk.get(address(Conversion, "changelist"), {"q": term})
        assert (page.status_code, list(page.context["cl"].queryset)) == (200, [])

    @pytest.mark.parametrize("query", ["owner=acme", "owner={id}", "since={day}", "until={day}&owner=acme.example"])
    def test_filters_are_typed(self, desk: Client, acme: User, globex: User, query: str) -> None:
        query = query.format(id=acme.pk, day=timezone.localdate())
        mine = make_conversion(acme)
        make_conversion(globex, created_at=timezone.now() - timedelta(days=2))
        page = desk.get(f"{address(Conversion, 'changelist')}?{query}")
        assert list(page.context["cl"].queryset) == [mine]
        typed = query.rpartition("=")[2]
        assert f'value="{typed}"' in page.content.decode()

    def test_a_chosen_failure_says_the_status_too(self, desk: Client, acme: User) -> None:
        make_conversion(acme, status=Status.FAILED)
        page = desk.get(address(Conversion, "changelist") + "?status__exact=failed").content.decode()
        assert 'href="?failure_code=rate-limited"' in page

    def test_the_list_ends_and_says_so(self, desk: Client, acme: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("newsforge.lib.listing.MOST_LISTED", 60)
        now = timezone.now()
        rows = [make_conversion(acme, created_at=now - timedelta(minutes=minute)) for minute in range(61)]
        last = desk.get(address(Conversion, "changelist") + "?owner=acme&p=2")
        assert list(last.context["cl"].result_list) == rows[50:60]
        assert "the first 60 of more" in last.content.decode()
        rows[0].delete()
        assert "the first 60" not in desk.get(address(Conversion, "changelist") + "?owner=acme").content.decode()

    def test_the_exact_moment_stands_behind_the_age(self, desk: Client, acme: User) -> None:
        make_conversion(acme, created_at=timezone.now() - timedelta(hours=3))
        assert re.search(
            r'<time datetime="[^"]+" title="[^"]+">3\xa0hours</time>',
            desk.get(address(Conversion, "changelist")).content.decode(),
        )

    @pytest.mark.parametrize("query", ["within=hour", "status__exact=failed", "failure_code=rate-limited"])
    def test_filters_narrow_the_list(self, desk: Client, acme: User, query: str) -> None:
        failed = make_conversion(acme, status=Status.FAILED)
        make_conversion(acme, status=Status.SUCCEEDED, created_at=timezone.now() - timedelta(days=2))
        page = desk.get(f"{address(Conversion, 'changelist')}?{query}")
        assert list(page.context["cl"].queryset) == [failed]

    def test_a_filter_with_nonsense_shows_everything(self, desk: Client, acme: User) -> None:
        make_conversion(acme)
        page = desk.get(address(Conversion, "changelist") + "?within=century&failure_code=zz&provider=gemini")
        assert page.context["cl"].queryset.count() == 1

    def test_an_action_runs_failed_ones_again_and_says_why_not_the_others(
        self, desk: Client, staff: User, acme: User
    ) -> None:
        failed = make_conversion(acme, status=Status.FAILED)
        done = make_conversion(acme, status=Status.SUCCEEDED)
        said = act(desk, Conversion, "run_again", failed, done)
        assert "1 conversion runs again" in said
        assert "1 × This conversion is succeeded" in said
        failed.refresh_from_db()
        assert (failed.status, failed.run, failed.failure_code) == ("pending", 2, "")
        assert QuotaEntry.objects.get(conversion_id=failed.pk).actor == staff.email

    def test_an_action_cancels_and_gives_the_unit_back(self, desk: Client, acme: User) -> None:
        waiting = make_conversion(acme)
        with transaction.atomic():
            quota.reserve(user=acme, conversion_ids=[waiting.pk], actor=acme.email, now=timezone.now())
        assert "1 conversion is cancelled" in act(desk, Conversion, "cancel", waiting)
        waiting.refresh_from_db()
        acme.refresh_from_db()
        assert (waiting.status, acme.api_quota_used) == ("cancelled", 0)

    def test_staff_who_may_only_look_get_no_actions(self, db: None, acme: User) -> None:
        looker = make_user("looker@newsforge.example", is_staff=True)
        looker.user_permissions.set(Permission.objects.filter(codename="view_conversion"))
        browser = Client()
        browser.force_login(looker)
        failed = make_conversion(acme, status=Status.FAILED)
        act(browser, Conversion, "run_again", failed)
        failed.refresh_from_db()
        assert failed.status == "failed"

    def test_the_list_costs_the_same_for_one_row_and_for_fifty(
        self, desk: Client, acme: User, django_assert_max_num_queries: pytest.FixtureRequest
    ) -> None:
        for _ in range(50):
            make_conversion(acme)
        with django_assert_max_num_queries(8):  # type: ignore[operator] # the fixture is a context manager's maker
            desk.get(address(Conversion, "changelist"))
