"""What a client may send wrongly: each ends in a code and a sentence, never in a 500, and stores nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from conversions.models import Article, Conversion
from tests.conversions.conftest import problem
from tests.factories import TEXT

DOOR = "/api/v1/conversions"
GOOD = {"source_url": "https://news.example/suwon", "platforms": ["x"]}


def post(api: Any, raw: bytes, kind: str = "application/json", **headers: str) -> Any:
    return api.generic("POST", DOOR, raw, content_type=kind, **headers)


def send(api: APIClient, body: Any) -> Any:
    return post(api, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"platforms": ["myspace"]}, "#/platforms/0", "unsupported-platform"),
        ({"platforms": ["x", "Twitter"]}, "#/platforms/1", "unsupported-platform"),
        ({"platforms": [None]}, "#/platforms/0", "null"),
        ({"platforms": [1]}, "#/platforms/0", "unsupported-platform"),
        ({"platforms": [["x"]]}, "#/platforms/0", "unsupported-platform"),
        ({"platforms": [{}]}, "#/platforms/0", "unsupported-platform"),
        ({"platforms": []}, "#/platforms", "empty"),
        ({"platforms": "x"}, "#/platforms", "not-a-list"),
        ({"platforms": {"x": 1}}, "#/platforms", "not-a-list"),
        ({"platforms": None}, "#/platforms", "null"),
        ({"platforms": ["x", "x"]}, "#/platforms", "repeated"),
        ({"platforms": ["x"] * 11}, "#/platforms", "max-length"),
        ({"platforms": ["y"] * 100_000}, "#/platforms", "max-length"),
        ({"language": "fr"}, "#/language", "unsupported-language"),
        ({"language": 5}, "#/language", "unsupported-language"),
        ({"language": None}, "#/language", "null"),
        ({"tone": "shouting"}, "#/tone", "unsupported-tone"),
        ({"provider": "mistral"}, "#/provider", "unsupported-provider"),
        ({"provider": ["auto"]}, "#/provider", "unsupported-provider"),
        ({"source_url": 7}, "#/source_url", "invalid"),
        ({"source_url": True}, "#/source_url", "invalid"),
        ({"source_url": {"a": 1}}, "#/source_url", "invalid"),
        ({"source_url": None, "text": 1e308}, "#/text", "invalid"),
        ({"source_url": None, "text": "a\0b"}, "#/text", "null-characters-not-allowed"),
        ({"source_url": None, "html": "<p>\0"}, "#/html", "null-characters-not-allowed"),
        ({"source_url": None, "text": "half \ud83d of one"}, "#/text", "surrogate-characters-not-allowed"),
        ({"source_url": "https://news.example/\0"}, "#/source_url", "null-characters-not-allowed"),
        ({"source_url": None, "html": "가" * 1_700_000}, "#/html", "too-large"),
        ({"source_url": None}, "#", "one-source"),
        ({"text": TEXT}, "#", "one-source"),
        ({"text": ""}, "#", "one-source"),
        ({"lang": "ko"}, "#/lang", "unknown-field"),
        ({"<b>\ud800": 1}, "#", "unknown-field"),
        ({"a.b": 1}, "#", "unknown-field"),
    ],
)
def test_a_value_that_cannot_be_used_is_pointed_at(
    api: APIClient, change: dict[str, Any], pointer: str, code: str, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 20_000_000
    body = problem(send(api, GOOD | change), 400, "invalid-request")
    (entry,) = body["errors"]
    assert (entry["pointer"], entry["code"]) == (pointer, code)
    assert entry["detail"]
    assert len(json.dumps(body)) < 1500
    assert not Article.objects.exists()


def test_an_unsupported_word_is_answered_with_the_supported_ones(api: APIClient) -> None:
    (entry,) = problem(send(api, GOOD | {"platforms": ["myspace"]}), 400, "invalid-request")["errors"]
    assert "naver_blog" in entry["detail"]
    assert "myspace" not in entry["detail"]


def test_all_mistakes_are_named_at_once(api: APIClient) -> None:
    body = problem(send(api, {"platforms": ["a", "b"], "language": "fr"}), 400, "invalid-request")
    assert {each["code"] for each in body["errors"]} == {"unsupported-platform", "unsupported-language"}
    assert len(body["errors"]) == 3


@pytest.mark.parametrize(
    ("source", "status", "code"),
    [
        ({"source_url": ""}, 422, "invalid-url"),
        ({"source_url": "  "}, 422, "invalid-url"),
        ({"source_url": "not a url"}, 422, "invalid-url"),
        ({"source_url": "ftp://news.example/a"}, 422, "invalid-url"),
        ({"source_url": "javascript:alert(1)"}, 422, "invalid-url"),
        ({"source_url": "https://user:secret@news.example/"}, 422, "invalid-url"),
        ({"source_url": "https://news.example/" + "a" * 20_000}, 422, "invalid-url"),
        ({"text": ""}, 400, "empty-text"),
        ({"text": " \n\t\u200b "}, 400, "empty-text"),
        ({"html": " "}, 400, "empty-text"),
        ({"text": "가" * 200_001}, 413, "text-too-long"),
    ],
)
def test_a_source_that_can_be_no_article_has_its_own_code(
    api: APIClient, source: dict[str, str], status: int, code: str
) -> None:
    body = problem(send(api, {"platforms": ["x"]} | source), status, code)
    assert "secret" not in json.dumps(body)
    assert not Article.objects.exists()
    assert not Conversion.objects.exists()


@pytest.mark.parametrize("body", [[], [1], "x", 1, 1.5, True, None, {}, {"platforms": ["x"]}])
def test_json_that_is_no_request(api: APIClient, body: Any) -> None:
    assert problem(send(api, body), 400, "invalid-request")["errors"]


@pytest.mark.parametrize(
    "raw",
    [b"{", b"\xff", b'{"platforms": [NaN]}', b"[" * 50_000, b'{"a": ' + b"9" * 6000 + b"}", b'{"platforms": 1e999999'],
)
def test_what_is_not_json(api: APIClient, raw: bytes) -> None:
    problem(post(api, raw), 400, "malformed-json")


def test_numbers_beyond_all_bounds(api: APIClient) -> None:
    raw = b'{"platforms": [1e999, ' + b"9" * 4000 + b'], "text": 1e999}'
    body = problem(post(api, raw), 400, "invalid-request")
    assert {each["pointer"] for each in body["errors"]} == {"#/platforms/0", "#/platforms/1", "#/text"}


def test_nothing_and_other_kinds_of_bodies(api: APIClient) -> None:
    problem(post(api, b""), 400, "invalid-request")
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "", "x" * 300):
        problem(post(api, b"platforms=x", kind=kind), 415, "unsupported-media-type")


def test_a_body_in_chunks_is_told_to_say_its_length(api: APIClient) -> None:
    answer = post(api, b"", HTTP_TRANSFER_ENCODING="chunked")
    problem(answer, 411, "length-required")


def test_a_body_over_the_site_s_limit(api: APIClient) -> None:
    problem(send(api, GOOD | {"text": "a" * 30_000_000}), 413, "body-too-large")


def test_the_refusal_is_in_the_reader_s_language(api: APIClient) -> None:
    answer = post(api, b'{"text": 1}', HTTP_ACCEPT_LANGUAGE="ko-KR,ko;q=0.9")
    entries = {each["pointer"]: each["detail"] for each in problem(answer, 400, "invalid-request")["errors"]}
    assert answer["Content-Language"] == "ko"
    assert entries["#/platforms"] == "이 필드는 필수 항목입니다."


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.characters(categories=["Cs"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from(["source_url", "text", "html", "platforms", "language", "tone", "provider", "callback"])


@given(body=st.dictionaries(fields, anything | st.just(["x"]) | st.just("ko"), max_size=6) | anything)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_json_breaks_the_door(api: APIClient, body: Any) -> None:
    answer = send(api, body)
    assert answer.status_code in {202, 400, 413, 422, 429}, answer.content
