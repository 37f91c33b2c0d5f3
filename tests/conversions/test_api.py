"""What a client may ask of conversions, and what it gets."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from conversions.api.serializers import batch_status
from conversions.enums import Status
from conversions.models import Article, Conversion
from tests.conversions.conftest import problem
from tests.factories import make_conversion

ARTICLE = """수원, 24시간 도서관 문 열어

수원시가 월요일 24시간 도서관을 열었다. 4층 건물을 짓는 데 24억 원이 들었다.
이재준 시장은 "밤에 일하는 시민과의 약속"이라고 말했다. 장서는 3만 8000권이다.
도서관은 밤 10시부터 아침 6시까지 사서 두 명과 경비원 한 명이 지킨다.
심야 시간에는 1층 열람실과 2층 디지털실만 쓸 수 있다.
시는 지난해 9월 시민 2140명에게 물은 조사에서 63퍼센트가 밤에도
쓸 수 있는 공부방을 바란다고 답해 사업을 시작했다고 밝혔다.
개관 첫날에는 교대 근무를 마친 간호사와 택시 기사, 수험생 등 312명이 다녀갔다. 첫 손님은 병원에서 일하는 박모 씨였다.
시는 이용자 수를 석 달 동안 지켜본 뒤 내년 봄 영통구에도 같은 도서관을 열지 정할 계획이다. 예산은 18억 원으로 잡혀 있다.
"""
DOOR = "/api/v1/conversions"
ALL_PLATFORMS = (
    "x", "threads", "bluesky", "mastodon", "linkedin", "instagram", "facebook", "kakao", "naver_blog", "youtube",
)  # fmt: skip
DETAIL = {
    "id", "batch_id", "target_platform", "status", "language", "tone", "requested_provider", "provider", "model",
    "title", "content_generated", "hashtags", "content_language", "length", "limit", "version", "findings", "failure",
    "tokens_used", "cost_usd", "processing_time_ms", "timings", "source_url", "article", "created_at", "started_at",
    "finished_at",
}  # fmt: skip


def ask(api: APIClient, **body: Any) -> Any:
    return api.post(DOOR, {"source_url": "https://news.example/suwon", "platforms": ["x"]} | body)


def test_a_request_is_taken_on_for_every_platform_in_its_order(api: APIClient, acme: User) -> None:
    answer = ask(api, platforms=list(reversed(ALL_PLATFORMS)), language="en", tone="formal", provider="extractive")
    assert answer.status_code == 202
    body = answer.json()
    assert answer["Location"] == f"http://testserver/api/v1/batches/{body['batch_id']}"
    assert [each["target_platform"] for each in body["conversions"]] == list(reversed(ALL_PLATFORMS))
    for each in body["conversions"]:
        assert set(each) == DETAIL
        wishes = (each["status"], each["language"], each["tone"], each["requested_provider"])
        assert wishes == ("pending", "en", "formal", "extractive")
        assert (each["failure"], each["cost_usd"], each["length"]) == (None, None, None)
        assert each["article"]["verdict"] == "unread"
    assert Conversion.objects.filter(user=acme, batch_id=body["batch_id"]).count() == 10
    assert Article.objects.count() == 1


def test_what_is_not_said_has_a_default(api: APIClient) -> None:
    (made,) = ask(api).json()["conversions"]
    assert (made["language"], made["tone"], made["requested_provider"]) == ("source", "neutral", "auto")


def test_a_null_source_is_one_not_given(api: APIClient) -> None:
    assert ask(api, text=None, html=None).status_code == 202


def test_a_pasted_text_is_kept_and_read_at_once(api: APIClient) -> None:
    body = api.post(DOOR, {"text": ARTICLE, "platforms": ["kakao"]}).json()
    article = body["conversions"][0]["article"]
    assert (article["verdict"], article["language"], article["url"]) == ("ok", "ko", "")


def test_an_uploaded_page_is_kept_for_its_reader(api: APIClient) -> None:
    page = "<html><body><p>수원시가 도서관을 열었다.</p></body></html>"
    made = api.post(DOOR, {"html": page, "platforms": ["x"]}).json()
    assert Article.objects.get(pk=made["conversions"][0]["article"]["id"]).html == page


def test_the_location_shows_the_batch(api: APIClient) -> None:
    answer = ask(api, platforms=["youtube", "x"])
    batch = api.get(answer["Location"]).json()
    assert batch["id"] == answer.json()["batch_id"]
    assert batch["status"] == "pending"
    assert [each["target_platform"] for each in batch["conversions"]] == ["youtube", "x"]


def test_a_finished_post_is_shown_with_all_that_belongs_to_it(api: APIClient, acme: User) -> None:
    made = make_conversion(acme, status=Status.SUCCEEDED)
    body = api.get(f"{DOOR}/{made.pk}").json()
    assert set(body) == DETAIL
    assert body["content_generated"] == made.content_generated
    assert body["cost_usd"] == "0.001200"
    assert body["findings"] == [{"kind": "number", "excerpt": "24", "message": "Check this number."}]
    assert body["article"]["title"] == "수원, 24시간 도서관 개관"
    assert body["failure"] is None


def test_a_failure_says_what_and_whose(api: APIClient, acme: User) -> None:
    made = make_conversion(acme, status=Status.FAILED, failure_code="page-not-found", fault="request")
    failure = api.get(f"{DOOR}/{made.pk}").json()["failure"]
    assert failure == {
        "code": "page-not-found",
        "title": "Page not found",
        "error": "Page not found",
        "detail": "The provider is busy.",
        "fault": "request",
        "retry_after": None,
    }


@pytest.mark.parametrize(
    ("code", "error", "wait"),
    [("rate-limited", "Rate limit exceeded", 90), ("key-quota-exhausted", "Insufficient quota", None)],
)
def test_a_limit_and_an_empty_account_are_said_in_words_that_stay(
    api: APIClient, acme: User, code: str, error: str, wait: int | None
) -> None:
    made = make_conversion(acme, status=Status.FAILED, failure_code=code, fault="key", retry_after=wait)
    failure = api.get(f"{DOOR}/{made.pk}", headers={"accept-language": "ko"}).json()["failure"]
    assert (failure["error"], failure["retry_after"], failure["fault"]) == (error, wait, "key")
    assert failure["title"] != failure["error"]


def test_a_conversion_outlives_its_article(api: APIClient, acme: User) -> None:
    made = make_conversion(acme, status=Status.SUCCEEDED)
    Article.objects.all().delete()
    assert api.get(f"{DOOR}/{made.pk}").json()["article"] is None


def test_globex_sees_and_changes_nothing_of_acme(stranger: APIClient, acme: User) -> None:
    made = make_conversion(acme)
    failed = make_conversion(acme, status=Status.FAILED)
    for address in (f"{DOOR}/{made.pk}", f"/api/v1/batches/{made.batch_id}"):
        problem(stranger.get(address), 404, "not-found")
    problem(stranger.post(f"{DOOR}/{made.pk}/cancel"), 404, "not-found")
    problem(stranger.post(f"{DOOR}/{failed.pk}/retry"), 404, "not-found")
    assert stranger.get(DOOR).json()["results"] == []
    assert set(Conversion.objects.values_list("status", flat=True)) == {"pending", "failed"}


def test_a_stranger_learns_no_more_than_of_nothing(stranger: APIClient, acme: User) -> None:
    there = stranger.get(f"{DOOR}/{make_conversion(acme).pk}").json()
    nowhere = stranger.get(f"{DOOR}/{uuid.uuid4()}").json()
    assert there | {"instance": ""} == nowhere | {"instance": ""}


def test_the_door_is_closed_to_nobody_in_particular(acme: User) -> None:
    made = make_conversion(acme)
    for verb, address in (
        ("get", DOOR),
        ("post", DOOR),
        ("get", f"{DOOR}/{made.pk}"),
        ("post", f"{DOOR}/{made.pk}/cancel"),
        ("post", f"{DOOR}/{made.pk}/retry"),
        ("get", f"/api/v1/batches/{made.batch_id}"),
    ):
        answer = getattr(APIClient(), verb)(address)
        problem(answer, 401, "not-authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_pending_conversion_is_cancelled_once_and_its_unit_comes_back(api: APIClient, acme: User) -> None:
    (made,) = ask(api).json()["conversions"]
    acme.refresh_from_db()
    assert acme.api_quota_used == 1
    answer = api.post(f"{DOOR}/{made['id']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    acme.refresh_from_db()
    assert acme.api_quota_used == 0
    again = problem(api.post(f"{DOOR}/{made['id']}/cancel"), 409, "conflict")
    assert "cancelled" in again["detail"]


def test_a_failed_conversion_runs_again(api: APIClient, acme: User) -> None:
    made = make_conversion(acme, status=Status.FAILED)
    answer = api.post(f"{DOOR}/{made.pk}/retry")
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["failure"]) == ("pending", None)
    problem(api.post(f"{DOOR}/{made.pk}/retry"), 409, "conflict")


def test_a_day_that_is_used_up_is_a_429_and_stores_nothing(api: APIClient, acme: User) -> None:
    User.objects.filter(pk=acme.pk).update(api_quota_daily=3, api_quota_used=2, last_quota_reset=timezone.now())
    body = problem(ask(api, platforms=["x", "kakao"]), 429, "quota-exceeded")
    assert "3" in body["detail"]
    assert not Conversion.objects.exists()
    assert not Article.objects.exists()
    assert ask(api).status_code == 202


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        (["pending", "pending"], "pending"),
        (["pending", "processing"], "processing"),
        (["pending", "succeeded"], "processing"),
        (["failed", "pending"], "processing"),
        (["succeeded", "succeeded"], "succeeded"),
        (["succeeded", "failed"], "partly_succeeded"),
        (["succeeded", "cancelled"], "partly_succeeded"),
        (["failed", "failed"], "failed"),
        (["failed", "cancelled"], "failed"),
        (["cancelled", "cancelled"], "cancelled"),
    ],
)
def test_a_batch_stands_where_its_conversions_stand(statuses: list[str], whole: str) -> None:
    assert batch_status(statuses) == whole


def test_a_slash_at_the_end_changes_nothing(api: APIClient, acme: User) -> None:
    made = make_conversion(acme)
    assert api.get(f"{DOOR}/{made.pk}/").json() == api.get(f"{DOOR}/{made.pk}").json()
    assert api.post(f"{DOOR}/", {"source_url": "https://news.example/a", "platforms": ["x"]}).status_code == 202
    assert api.post(f"{DOOR}/{made.pk}/cancel/").status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_list(
    api: APIClient, acme: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        make_conversion(acme, status=Status.FAILED)
    with django_assert_max_num_queries(6):
        assert len(api.get(DOOR).json()["results"]) == 20


def walk(api: APIClient, address: str, way: str = "next") -> list[list[str]]:
    pages = []
    following: str | None = address
    while following:
        page = api.get(following).json()
        pages.append([each["id"] for each in page["results"]])
        following = page[way]
    return pages


def test_pages_hold_every_conversion_once_newest_first_both_ways(api: APIClient, acme: User) -> None:
    start = timezone.now()
    for batch in range(4):
        for _ in range(5):
            make_conversion(acme, created_at=start + timedelta(seconds=batch))
    expected = [str(pk) for pk in Conversion.objects.order_by("-created_at", "-id").values_list("pk", flat=True)]
    pages = walk(api, f"{DOOR}?page_size=3")
    assert [len(page) for page in pages] == [3, 3, 3, 3, 3, 3, 2]
    assert list(chain(*pages)) == expected
    page = api.get(f"{DOOR}?page_size=18").json()
    last = api.get(page["next"]).json()
    assert last["next"] is None
    back = walk(api, last["previous"].replace("page_size=18", "page_size=3"), "previous")
    assert list(chain(*reversed(back))) == expected[:18]


def test_what_arrives_while_paging_shifts_nothing(api: APIClient, acme: User) -> None:
    for _ in range(4):
        make_conversion(acme)
    first = api.get(f"{DOOR}?page_size=2").json()
    make_conversion(acme)
    second = api.get(first["next"]).json()
    assert not {each["id"] for each in first["results"]} & {each["id"] for each in second["results"]}
    assert len(second["results"]) == 2


def test_an_empty_list_is_a_page(api: APIClient) -> None:
    assert api.get(DOOR).json() == {"next": None, "previous": None, "results": []}


def test_the_list_is_narrowed(api: APIClient, acme: User) -> None:
    now = timezone.now()
    old = make_conversion(acme, created_at=now - timedelta(days=2), target_platform="kakao")
    failed = make_conversion(acme, status=Status.FAILED, created_at=now)
    pending = make_conversion(acme, created_at=now - timedelta(hours=1))

    def found(**query: Any) -> set[str]:
        return {each["id"] for each in api.get(DOOR, query).json()["results"]}

    def ids(*made: Conversion) -> set[str]:
        return {str(each.pk) for each in made}

    assert found(status="failed") == ids(failed)
    assert found(status=["failed", "pending"]) == ids(failed, pending, old)
    assert found(status="pending", platform="kakao") == ids(old)
    assert found(created_after=(now - timedelta(days=1)).isoformat()) == ids(failed, pending)
    assert found(created_after=now.isoformat()) == ids(failed)
    assert found(created_before=now.isoformat()) == ids(pending, old)
    assert found(created_after="2999-01-01") == set()
    assert found(status="cancelled") == set()


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("status=done", "status", "invalid-choice"),
        ("status=", "status", "invalid-choice"),
        ("platform=myspace", "platform", "invalid-choice"),
        ("platform=%00", "platform", "invalid-choice"),
        ("created_after=yesterday", "created_after", "invalid"),
        ("created_after=2026-11-23T09:00:00+09:00", "created_after", "invalid"),
        ("created_before=", "created_before", "invalid"),
        ("created_before=%00", "created_before", "invalid"),
        ("created_before=99999-01-01", "created_before", "invalid"),
        ("cursor=", "cursor", "invalid-cursor"),
        ("cursor=%00", "cursor", "invalid-cursor"),
        ("cursor=bz1hYmM", "cursor", "invalid-cursor"),
        ("cursor=%ED%95%9C", "cursor", "invalid-cursor"),
        ("page_size=0", "page_size", "invalid-page-size"),
        ("page_size=101", "page_size", "invalid-page-size"),
        ("page_size=-1", "page_size", "invalid-page-size"),
        ("page_size=%D9%A3", "page_size", "invalid-page-size"),
        ("page_size=99999999999999999999", "page_size", "invalid-page-size"),
        ("state=failed", "state", "unknown-parameter"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_and_named(api: APIClient, query: str, parameter: str, code: str) -> None:
    (entry,) = problem(api.get(f"{DOOR}?{query}"), 400, "invalid-request")["errors"]
    assert (entry["parameter"], entry["code"]) == (parameter, code)
    assert entry["detail"]
    assert "myspace" not in entry["detail"], "what was sent is not repeated"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999-14:00", "0001-01-01"])
def test_the_ends_of_time_are_moments_too(api: APIClient, moment: str) -> None:
    answer = api.get(DOOR, {"created_after": moment, "created_before": moment})
    assert answer.status_code in {200, 400}


def test_addresses_that_are_none(api: APIClient) -> None:
    for address in ("/api/v1/", "/api/v1/conversions/12", f"/api/v1/batches/{uuid.uuid4()}", "/api/v2/conversions"):
        problem(api.get(address), 404, "not-found")
    answer = api.delete(DOOR)
    problem(answer, 405, "method-not-allowed")
    assert "POST" in answer["Allow"]
