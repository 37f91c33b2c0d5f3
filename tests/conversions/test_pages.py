"""The pages of who is logged in, with no script: ask, follow, edit, bring back, find again; and nothing of others."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import quota
from accounts.models import User
from conversions.editing import edit_post
from conversions.enums import AttemptState, Platform, Status, Verdict
from conversions.models import Conversion
from conversions.web.cards import Card, cards_of
from tests.factories import PASSWORD, make_article, make_attempt, make_conversion

pytestmark = pytest.mark.django_db

TEXT = """수원, 24시간 도서관 문 열어

수원시가 월요일 24시간 도서관을 열었다. 4층 건물을 짓는 데 24억 원이 들었다.
이재준 시장은 "밤에 일하는 시민과의 약속"이라고 말했다. 장서는 3만 8000권이다.
도서관은 밤 10시부터 아침 6시까지 사서 두 명과 경비원 한 명이 지킨다.
심야 시간에는 1층 열람실과 2층 디지털실만 쓸 수 있다. 시는 지난해 9월 시민 2140명에게 물었다.
개관 첫날에는 교대 근무를 마친 간호사와 택시 기사, 수험생 등 312명이 다녀갔다.
"""


@pytest.fixture
def browser(acme: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(acme)
    return client


def asked(**more: Any) -> dict[str, Any]:
    form = {"source": "https://news.example/suwon", "platforms": ["x", "kakao"], "language": "ko", "tone": "neutral"}
    return {**form, "provider": "auto", "once": str(uuid.uuid4()), **more}


class TestAsking:
    def test_leads_to_the_page_of_the_request(self, browser: Client) -> None:
        answer = browser.post(reverse("convert"), asked())
        made = Conversion.objects.order_by("position")
        assert [each.target_platform for each in made] == ["x", "kakao"]
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("batch", args=[made[0].batch_id]))
        assert browser.get(answer.headers["Location"]).status_code == 200

    @pytest.mark.parametrize(
        ("pasted", "url"),
        [
            ("news.example/suwon", "https://news.example/suwon"),
            (" http://news.example ", "http://news.example"),
            (TEXT, ""),
        ],
    )
    def test_knows_an_address_from_a_text(self, browser: Client, pasted: str, url: str) -> None:
        assert browser.post(reverse("convert"), asked(source=pasted)).status_code == 302
        assert {each.source_url for each in Conversion.objects.all()} == {url}

    def test_twice_by_one_form_is_one_request(self, browser: Client, acme: User) -> None:
        form = asked()
        first, second = (browser.post(reverse("convert"), form) for _ in range(2))
        assert first.headers["Location"] == second.headers["Location"]
        assert (Conversion.objects.count(), quota.standing(user=acme, now=timezone.now()).used) == (2, 2)

    @pytest.mark.parametrize(
        ("wrong", "status", "said"),
        [
            ({"source": ""}, 422, "Paste the address of an article, or its text."),
            ({"platforms": []}, 422, "Choose at least one platform."),
            ({"source": "짧은 글"}, 422, "characters"),
            ({"source": "http://127.0.0.1:1/a b"}, 422, ""),
        ],
    )
    def test_says_what_is_wrong_beside_what_was_typed(
        self, browser: Client, wrong: dict[str, Any], status: int, said: str
    ) -> None:
        answer = browser.post(reverse("convert"), asked(**wrong))
        assert answer.status_code == status
        assert said in answer.content.decode()
        assert not Conversion.objects.exists()

    def test_beyond_the_quota_is_refused_and_may_be_sent_again(self, browser: Client, acme: User) -> None:
        User.objects.update(api_quota_daily=1)
        form = asked()
        assert browser.post(reverse("convert"), form).status_code == 429
        User.objects.update(api_quota_daily=2)
        assert browser.post(reverse("convert"), form).status_code == 302

    @pytest.mark.parametrize(
        ("given", "begins_with"),
        [
            ({"url": "https://news.example/shared?a=1&b=2"}, "https://news.example/shared?a=1&amp;b=2"),
            ({"url": "news.example/shared"}, "news.example/shared"),
            ({"title": "수원", "text": "읽어 보세요 https://news.example/1"}, "https://news.example/1"),
            ({"title": "https://news.example/2"}, "https://news.example/2"),
            ({"title": "수원", "text": "도서관이 열렸다."}, "수원\n\n도서관이 열렸다."),
            ({"url": "javascript:alert(1)", "text": "<b>본문</b>"}, "&lt;b&gt;본문&lt;/b&gt;"),
        ],
    )
    def test_a_share_fills_the_form_and_sends_nothing(
        self, browser: Client, given: dict[str, str], begins_with: str
    ) -> None:
        page = browser.get("/", given).content.decode()
        assert f"\n{begins_with}</textarea>" in page
        assert not Conversion.objects.exists()

    @pytest.mark.parametrize("given", [{"url": "javascript:alert(1)"}, {"url": "x" * 3000}, {"text": " \0 "}])
    def test_what_is_no_address_and_no_text_is_left_out(self, browser: Client, given: dict[str, str]) -> None:
        page = browser.get("/", given).content.decode()
        assert re.search(r"<textarea[^>]*>\s*</textarea>", page)

    def test_a_share_survives_logging_in(self, acme: User) -> None:
        stranger = Client(headers={"accept-language": "en"})
        sent_to = stranger.get("/", {"url": "https://news.example/shared"}).headers["Location"]
        form = {"login": acme.email, "password": PASSWORD, "next": parse_qs(urlsplit(sent_to).query)["next"][0]}
        User.objects.update(email_verified=True)
        page = stranger.post(sent_to, form, follow=True).content.decode()
        assert "https://news.example/shared</textarea>" in page


class TestFollowing:
    def test_only_what_changed_is_sent_and_the_end_stops_it(self, browser: Client, acme: User) -> None:
        row = make_conversion(acme)
        other = make_conversion(acme, batch_id=row.batch_id, article=row.article, target_platform=Platform.KAKAO)
        address, marks = (
            reverse("batch-progress", args=[row.batch_id]),
            {"open": [f"{row.pk}:queued", f"{other.pk}:queued"]},
        )
        assert browser.get(address, marks).content.strip() == b""
        Conversion.objects.filter(pk=row.pk).update(status=Status.CANCELLED)
        changed = browser.get(address, marks)
        assert (changed.status_code, 'id="x"' in changed.content.decode()) == (200, True)
        assert 'id="kakao"' not in changed.content.decode()
        Conversion.objects.update(status=Status.CANCELLED)
        assert browser.get(address, marks).status_code == 286

    def test_each_stage_has_its_words(self, acme: User) -> None:
        unread = make_article(acme, verdict=Verdict.UNREAD)
        row = make_conversion(acme, article=unread)
        assert Card(conversion=row).words == "Waiting for a free worker"
        assert Card(conversion=make_conversion(acme, started_at=timezone.now())).words == "Waiting to try again"
        unread.lease_until = timezone.now()
        assert Card(conversion=row).words == "Reading the article"
        row.status = Status.PROCESSING
        assert Card(conversion=row).words == "Writing the post"
        assert Card(conversion=row, is_answered=True).words == "Checking it against the article"

    def test_an_answer_that_is_there_is_being_checked(self, browser: Client, acme: User) -> None:
        row = make_conversion(acme, status=Status.PROCESSING)
        make_attempt(row, state=AttemptState.ANSWERED)
        assert "Checking it against the article" in browser.get(reverse("batch", args=[row.batch_id])).content.decode()

    def test_the_newest_of_a_platform_is_on_top(self, acme: User) -> None:
        first = make_conversion(acme, status=Status.SUCCEEDED)
        again = make_conversion(acme, batch_id=first.batch_id, created_at=timezone.now() + timedelta(minutes=1))
        (card,) = cards_of([again, first])
        assert (card.conversion, card.earlier) == (again, (first,))

    def test_a_page_of_ten_posts_asks_few_questions(self, browser: Client, acme: User) -> None:
        first = make_conversion(acme, status=Status.SUCCEEDED)
        for position, platform in enumerate(list(Platform)[1:], 1):
            make_conversion(
                acme, status=Status.SUCCEEDED, article=first.article, batch_id=first.batch_id, position=position,
                target_platform=platform,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(reverse("batch", args=[first.batch_id]))
        assert page.content.decode().count("<article") == 10
        assert len(queries) <= 10


class TestOnePost:
    def test_is_edited_and_brought_back(self, browser: Client, acme: User) -> None:
        row = make_conversion(acme, status=Status.SUCCEEDED)
        first = row.content_generated
        saved = browser.post(reverse("post-edit", args=[row.pk]), {"text": "사람이 고친 글", "version": 1})
        assert saved.headers["Location"] == f"{reverse('batch', args=[row.batch_id])}#x"
        row.refresh_from_db()
        assert (row.content_generated, row.length) == ("사람이 고친 글", 14)
        page = browser.get(reverse("post-versions", args=[row.pk])).content.decode()
        assert first in page
        browser.post(reverse("post-restore", args=[row.pk, 1]))
        row.refresh_from_db()
        assert row.content_generated == first

    def test_too_long_comes_back_as_it_was_typed(self, browser: Client, acme: User) -> None:
        row = make_conversion(acme, status=Status.SUCCEEDED)
        answer = browser.post(reverse("post-edit", args=[row.pk]), {"text": "한" * 141, "version": 1})
        body = answer.content.decode()
        assert (answer.status_code, "한" * 141 in body, "282 of 280" in body) == (422, True, True)
        row.refresh_from_db()
        assert row.version == 1

    def test_of_a_stale_page_is_not_saved_over_another(self, browser: Client, acme: User) -> None:
        row = make_conversion(acme, status=Status.SUCCEEDED)
        edit_post(conversion=row, text="먼저 고친 글", title=None, seen=1, actor="other", now=timezone.now())
        assert browser.post(reverse("post-edit", args=[row.pk]), {"text": "나중 글", "version": 1}).status_code == 409

    def test_is_counted_while_it_is_typed(self, browser: Client) -> None:
        counted = browser.post(reverse("count", args=["x"]), {"text": "한" * 141})
        assert "-2" in counted.content.decode()
        assert "data-refused" in counted.content.decode()
        assert browser.post(reverse("count", args=["myspace"])).status_code == 404

    def test_is_written_again_tried_again_and_cancelled(self, browser: Client, acme: User) -> None:
        written = make_conversion(acme, status=Status.SUCCEEDED)
        browser.post(reverse("post-again", args=[written.pk]), once(browser, written))
        again = Conversion.objects.exclude(pk=written.pk).get()
        browser.post(reverse("post-cancel", args=[again.pk]))
        again.refresh_from_db()
        assert again.status == Status.CANCELLED
        browser.post(reverse("post-again", args=[again.pk]), once(browser, again))
        again.refresh_from_db()
        assert (again.status, again.run, Conversion.objects.count()) == (Status.PENDING, 2, 2)

    def test_is_written_again_once_by_a_form_that_is_sent_twice(self, browser: Client, acme: User) -> None:
        written = make_conversion(acme, status=Status.SUCCEEDED)
        form = once(browser, written)
        for _ in range(2):
            answer = browser.post(reverse("post-again", args=[written.pk]), form)
            assert answer.headers["Location"] == f"{reverse('batch', args=[written.batch_id])}#x"
        acme.refresh_from_db()
        assert (Conversion.objects.count(), acme.api_quota_used) == (2, 1)
        browser.post(reverse("post-again", args=[written.pk]), {"once": uuid.uuid4()})
        assert Conversion.objects.count() == 3
        refused = browser.post(reverse("post-again", args=[written.pk]), follow=True)
        assert "This form is not complete." in refused.content.decode()

    def test_is_taken_along(self, browser: Client, acme: User) -> None:
        row = make_conversion(acme, status=Status.SUCCEEDED)
        make_conversion(acme, batch_id=row.batch_id, target_platform=Platform.KAKAO)
        text = browser.get(reverse("download", args=[row.batch_id, "txt"]))
        assert text.content.decode() == f"[X]\n\n{row.content_generated}\n"
        (post,) = json.loads(browser.get(reverse("download", args=[row.batch_id, "json"])).content)
        assert (post["target_platform"], post["content_generated"]) == ("x", row.content_generated)
        assert browser.get(reverse("download", args=[row.batch_id, "exe"])).status_code == 404
        for form in ("txt", "json", "csv"):
            answer = browser.get(reverse("download", args=[row.batch_id, form]))
            assert "no-store" in answer.headers["Cache-Control"]


def once(browser: Client, row: Conversion) -> dict[str, str]:
    """What the form on the request's page that writes the post again sends."""
    page = browser.get(reverse("batch", args=[row.batch_id])).content.decode()
    form = page[page.index(reverse("post-again", args=[row.pk])) :]
    found = re.search(r'name="once" value="([^"]+)"', form)
    assert found
    return {"once": found[1]}


class TestThePast:
    def test_is_searched_narrowed_and_paged(self, browser: Client, acme: User) -> None:
        for number in range(30):
            make_conversion(acme, article=make_article(acme, title=f"기사 {number:02}"))
        make_conversion(
            acme, status=Status.FAILED, target_platform=Platform.KAKAO, article=make_article(acme, title="독감")
        )
        address = reverse("history")
        first = browser.get(address)
        assert first.content.decode().count("<li>") == 25
        rest = browser.get(f"{address}?{first.context['older']}").content.decode()
        assert (rest.count("<li>"), "기사 00" in rest) == (6, True)
        for narrowed in ({"q": "독감"}, {"platform": "kakao"}, {"status": "failed"}):
            assert browser.get(address, narrowed).content.decode().count("<li>") == 1
        assert "Nothing matches." in browser.get(address, {"q": "없는 말"}).content.decode()

    @pytest.mark.parametrize("mark", ["x", "2026-01-01 y", "2026-13-99T00:00:00+00:00 z", "\0"])
    def test_a_broken_mark_shows_the_first_page(self, browser: Client, acme: User, mark: str) -> None:
        make_conversion(acme)
        assert browser.get(reverse("history"), {"before": mark}).content.decode().count("<li>") == 1


def test_nobody_sees_or_changes_what_belongs_to_another(browser: Client, globex: User) -> None:
    row = make_conversion(globex, status=Status.SUCCEEDED)
    reads = [
        reverse("batch", args=[row.batch_id]),
        reverse("batch-progress", args=[row.batch_id]),
        reverse("download", args=[row.batch_id, "txt"]),
        reverse("post-versions", args=[row.pk]),
    ]
    writes = [reverse(f"post-{name}", args=[row.pk]) for name in ("edit", "again", "cancel")]
    writes.append(reverse("post-restore", args=[row.pk, 1]))
    assert {browser.get(address).status_code for address in reads} == {404}
    assert {browser.post(address, {"text": "글", "version": 1}).status_code for address in writes} == {404}
    assert "수원" not in browser.get(reverse("history")).content.decode()
    assert "수원" not in browser.get("/").content.decode()
    for address in (*reads, *writes, reverse("history"), reverse("convert"), reverse("count", args=["x"])):
        stranger = Client().get(address) if address in reads else Client().post(address)
        assert stranger.status_code in {302, 405}, address
