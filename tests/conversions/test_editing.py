"""People change posts: counted again, checked again, nothing lost, and never over the limit."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import quota
from accounts.models import User
from conversions import execution
from conversions.editing import EditedMeanwhile, PostDoesNotFit, edit_post, restore_version
from conversions.enums import Platform, Status
from conversions.models import Conversion, PostVersion
from conversions.selectors import versions_of
from conversions.services import CannotChange, regenerate_conversion
from newsforge.lib.errors import PermanentError
from tests.factories import make_conversion, make_user

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def edit(conversion: Conversion, text: str, **more: Any) -> Conversion:
    return edit_post(
        conversion=conversion,
        text=text,
        **{"title": None, "seen": None, "actor": "editor@acme.example", "now": NOW} | more,
    )


@pytest.fixture
def post(acme: User) -> Conversion:
    return make_conversion(acme, status=Status.SUCCEEDED)


class TestEditing:
    def test_is_counted_as_the_platform_counts(self, post: Conversion) -> None:
        edited = edit(
            post, unicodedata.normalize("NFD", "수원 도서관 #수원 https://example.com/a-very-long-address-of-news")
        )
        assert (edited.length, edited.limit, edited.version) == (4 + 1 + 6 + 1 + 5 + 1 + 23, 280, 2)
        assert (edited.hashtags, edited.status) == (["수원"], Status.SUCCEEDED)
        assert unicodedata.is_normalized("NFC", edited.content_generated)

    def test_is_checked_against_the_article_again(self, post: Conversion) -> None:
        edited = edit(post, "수원시가 도서관을 짓는 데 99억 원을 썼다.")
        assert [each["excerpt"] for each in edited.findings if each["kind"] == "number"] == ["99억 원"]
        assert edit(edited, "수원시가 도서관을 짓는 데 24억 원을 썼다.").findings == []

    def test_over_the_limit_is_not_saved(self, post: Conversion) -> None:
        with pytest.raises(PostDoesNotFit, match="281 weighted"):
            edit(post, "한" * 140 + "a")
        post.refresh_from_db()
        assert (post.version, PostVersion.objects.count()) == (1, 0)
        assert edit(post, "한" * 140).length == 280

    @pytest.mark.parametrize(
        ("platform", "text", "wrong"),
        [
            (Platform.INSTAGRAM, "글 " + " ".join(f"#태그{number}" for number in range(6)), "6 hashtags"),
            (Platform.BLUESKY, "👨‍👩‍👧‍👦" * 130, "3250 bytes"),
            (Platform.THREADS, " \n ", "empty"),
        ],
    )
    def test_what_the_platform_refuses_is_not_saved(
        self, acme: User, platform: Platform, text: str, wrong: str
    ) -> None:
        with pytest.raises(PostDoesNotFit, match=wrong):
            edit(make_conversion(acme, status=Status.SUCCEEDED, target_platform=platform), text)

    def test_a_title_is_kept_unless_another_is_given(self, acme: User) -> None:
        blog = make_conversion(
            acme, status=Status.SUCCEEDED, target_platform=Platform.NAVER_BLOG, title="도서관", limit=None
        )
        assert edit(blog, "밤새 연다.").title == "도서관"
        assert edit(blog, "밤새 연다.", title="밤의 도서관").title == "밤의 도서관"
        with pytest.raises(PostDoesNotFit, match="101 characters"):
            edit(blog, "밤새 연다.", title="가" * 101)

    def test_the_same_text_makes_no_version(self, post: Conversion) -> None:
        assert edit(post, f"  {post.content_generated}\r\n").version == 1

    @pytest.mark.parametrize("status", [Status.PENDING, Status.PROCESSING, Status.FAILED, Status.CANCELLED])
    def test_there_must_be_a_post(self, acme: User, status: Status) -> None:
        with pytest.raises(CannotChange):
            edit(make_conversion(acme, status=status), "수원")

    def test_two_people_do_not_undo_each_other(self, post: Conversion) -> None:
        edit(post, "첫 사람이 고친 글", seen=1)
        with pytest.raises(EditedMeanwhile):
            edit(post, "둘째 사람이 고친 글", seen=1)
        post.refresh_from_db()
        assert post.content_generated == "첫 사람이 고친 글"


class TestVersions:
    def test_every_text_is_kept(self, post: Conversion) -> None:
        first = post.content_generated
        assert [each.text for each in versions_of(conversion=post)] == [first]
        edit(post, "둘째 글")
        edited = edit(post, "셋째 글")
        found = versions_of(conversion=edited)
        assert [(each.number, each.text, each.author) for each in found] == [
            (3, "셋째 글", "editor@acme.example"),
            (2, "둘째 글", "editor@acme.example"),
            (1, first, "openai"),
        ]
        back = restore_version(version=found[2], seen=3, actor="editor@acme.example", now=NOW)
        assert (back.content_generated, back.version) == (first, 4)

    def test_go_with_the_text_when_its_time_is_over(self, post: Conversion) -> None:
        edit(post, "둘째 글")
        execution.remove_texts(before=NOW + timedelta(days=1), now=NOW)
        assert not PostVersion.objects.exists()
        post.refresh_from_db()
        with pytest.raises(PermanentError):
            edit(post, "셋째 글")


class TestWritingAgain:
    def test_costs_a_unit_and_stands_beside_the_first(self, post: Conversion, acme: User) -> None:
        again = regenerate_conversion(conversion=post, actor=acme.email, now=NOW)
        stored = Conversion.objects.get(pk=again.pk)
        assert (stored.batch_id, stored.article_id, stored.status) == (post.batch_id, post.article_id, Status.PENDING)
        assert quota.standing(user=acme, now=NOW).used == 1

    def test_needs_a_unit(self) -> None:
        poor = make_user(api_quota_daily=0)
        with pytest.raises(quota.QuotaExceeded):
            regenerate_conversion(
                conversion=make_conversion(poor, status=Status.SUCCEEDED), actor=poor.email, now=timezone.now()
            )
        assert Conversion.objects.count() == 1

    def test_waits_for_the_first(self, acme: User) -> None:
        with pytest.raises(CannotChange):
            regenerate_conversion(conversion=make_conversion(acme), actor=acme.email, now=NOW)


class TestTheApi:
    def test_edits_lists_and_writes_again(self, post: Conversion, api: APIClient) -> None:
        address = f"/api/v1/conversions/{post.pk}"
        edited = api.patch(address, {"content_generated": "사람이 고친 글", "version": 1}, "json")
        assert (edited.status_code, edited.json()["version"], edited.json()["length"]) == (200, 2, 14)
        assert [each["version"] for each in api.get(f"{address}/versions").json()] == [2, 1]
        assert api.post(f"{address}/regenerate").status_code == 202

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"content_generated": "한" * 141}, 422, "post-does-not-fit"),
            ({"content_generated": "글", "version": 7}, 409, "edited-meanwhile"),
            ({"text": "글"}, 400, "invalid-request"),
            ({}, 400, "invalid-request"),
        ],
    )
    def test_says_what_is_wrong(
        self, post: Conversion, api: APIClient, body: dict[str, Any], status: int, code: str
    ) -> None:
        answer = api.patch(f"/api/v1/conversions/{post.pk}", body, "json")
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_is_closed_to_strangers(self, api: APIClient, globex: User) -> None:
        theirs = f"/api/v1/conversions/{make_conversion(globex, status=Status.SUCCEEDED).pk}"
        assert api.patch(theirs, {"content_generated": "글"}, "json").status_code == 404
        assert api.get(f"{theirs}/versions").status_code == 404
        assert api.post(f"{theirs}/regenerate").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_many_edits_of_one_version_one_is_kept() -> None:
    post = make_conversion(make_user(), status=Status.SUCCEEDED)

    def attempt(number: int) -> bool:
        try:
            edit(post, f"글 {number}", seen=1)
        except EditedMeanwhile:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 1
