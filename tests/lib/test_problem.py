from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from newsforge.lib.errors import Fault, PermanentError, TransientError
from newsforge.lib.problem import title_of

SECRET = "sk-do-not-show-me"


class NoInk(PermanentError):
    code = "no-ink"
    status_code = 409
    title = "No ink"
    sentence = "There is no %(colour)s ink. Buy some."
    fault = Fault.REQUEST


class NoMoney(PermanentError):
    code = "no-money"
    status_code = 402
    title = "No money"
    sentence = "Pay."


class PrinterBusy(TransientError):
    code = "printer-busy"
    status_code = 429
    title = "Printer busy"
    sentence = "Wait."


def boom() -> Exception:
    return RuntimeError(SECRET)


def because(cause: Exception) -> Exception:
    """What Django raises for an error of the driver's."""
    error = OperationalError(SECRET)
    error.__cause__ = cause
    return error


RAISED: dict[str, Callable[[], Exception]] = {
    "ours": lambda: NoInk(colour="빨강"),
    "wait": lambda: PrinterBusy(retry_after=6.2),
    "forever": lambda: PrinterBusy(retry_after=1e300),
    "money": NoMoney,
    "bug": boom,
    "database": lambda: OperationalError(SECRET),
    "http404": lambda: Http404(SECRET),
    "denied": lambda: PermissionDenied(SECRET),
    "suspicious": lambda: SuspiciousOperation(SECRET),
    "throttled": lambda: exceptions.Throttled(wait=3),
    "deadlock": lambda: because(psycopg.errors.DeadlockDetected()),
    "nested": lambda: exceptions.ValidationError({"posts": [{}, {"a/b": ["bad"]}], "non_field_errors": ["whole"]}),
    "many": lambda: exceptions.ValidationError({f"f{n}": ["bad"] for n in range(200)}),
    "surrogate": lambda: NoInk(colour="\ud800"),
}


class Raiser(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, _: Request, what: str) -> Response:
        error = RAISED[what]()
        raise error

    def post(self, request: Request, what: str) -> Response:
        if what == "echo":
            return Response(request.data)
        return self.get(request, what)


def plain_boom(_: HttpRequest) -> HttpResponse:
    raise boom()


def plain_outage(_: HttpRequest) -> HttpResponse:
    raise OperationalError(SECRET)


def slow(_: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(60)")
    return HttpResponse()


urlpatterns = [
    path("api/raise/<str:what>", Raiser.as_view()),
    path("api/plain", plain_boom),
    path("api/outage", plain_outage),
    path("page", plain_boom),
    path("page/outage", plain_outage),
    path("page/slow", slow),
    path("api/slow", slow),
    path("", include("newsforge.urls")),
]
handler400 = "newsforge.lib.problem.bad_request"
handler403 = "newsforge.lib.problem.permission_denied"
handler404 = "newsforge.lib.problem.page_not_found"
handler500 = "newsforge.lib.problem.server_error"

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"http://127.0.0.1:8000/problems/{code}"
    assert body["title"]
    assert body["detail"]
    assert SECRET not in answer.content.decode()
    return body


def test_an_error_of_ours_says_all_it_knows(client: Client) -> None:
    body = problem(client.get("/api/raise/ours?token=x"), 409, "no-ink")
    assert body == {
        "type": "http://127.0.0.1:8000/problems/no-ink",
        "title": "No ink",
        "error": "No ink",
        "status": 409,
        "detail": "There is no 빨강 ink. Buy some.",
        "instance": "/api/raise/ours",
        "code": "no-ink",
        "fault": "request",
    }


def test_a_wait_is_a_whole_number_of_seconds_and_never_shorter(client: Client) -> None:
    answer = client.get("/api/raise/wait")
    body = problem(answer, 429, "printer-busy")
    assert answer["Retry-After"] == "7"
    assert (body["error"], body["retry_after"]) == ("Rate limit exceeded", 7)
    assert client.get("/api/raise/throttled")["Retry-After"] == "3"
    assert len(client.get("/api/raise/forever")["Retry-After"]) == 10


def test_an_empty_account_is_said_in_words_that_stay(client: Client) -> None:
    assert problem(client.get("/api/raise/money"), 402, "no-money")["error"] == "Insufficient quota"


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("http404", 404, "not-found"),
        ("denied", 403, "permission-denied"),
        ("suspicious", 400, "bad-request"),
        ("throttled", 429, "throttled"),
        ("deadlock", 503, "database-busy"),
        ("surrogate", 409, "no-ink"),
    ],
)
def test_foreign_errors_are_recognised(client: Client, what: str, status: int, code: str) -> None:
    problem(client.get(f"/api/raise/{what}"), status, code)


@pytest.mark.parametrize("address", ["/api/raise/bug", "/api/plain"])
def test_a_bug_of_ours_is_a_500_with_an_id_that_finds_it_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    body = problem(client.get(address), 500, "internal-error")
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    (request,) = {line["request_id"] for line in lines if line.get("error_id") == body["error_id"]}
    assert [line for line in lines if line["request_id"] == request and line.get("exc_info")]


@pytest.mark.parametrize("address", ["/api/raise/database", "/api/outage"])
def test_a_database_that_is_away_is_no_bug_of_the_request(client: Client, address: str) -> None:
    answer = client.get(address)
    body = problem(answer, 503, "service-unavailable")
    assert body["fault"] == "us"
    assert body["error_id"]
    assert answer["Retry-After"] == "5"


def test_a_page_for_people_stays_a_page(client: Client) -> None:
    for address, status in (("/page", 500), ("/page/outage", 503), ("/nowhere", 404)):
        answer = client.get(address)
        assert answer.status_code == status
        assert answer["Content-Type"].startswith("text/html")


def test_a_statement_that_takes_too_long_is_told_as_what_it_is(db: None, client: Client) -> None:
    answer = client.get("/api/slow")
    body = problem(answer, 503, "database-busy")
    assert (body["fault"], answer["Retry-After"]) == ("us", "5")
    page = client.get("/page/slow", headers={"accept-language": "ko"})
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert page["Content-Type"].startswith("text/html")
    assert "주어진 시간 안에" in page.content.decode()
    assert body["error_id"] not in page.content.decode()


def test_unknown_addresses_and_verbs(client: Client) -> None:
    problem(client.get("/api/nowhere"), 404, "not-found")
    problem(client.post("/api/nowhere/"), 404, "not-found")
    answer = client.delete("/api/raise/ours")
    problem(answer, 405, "method-not-allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST", "HEAD", "OPTIONS"}


def test_an_unknown_host_is_refused_in_the_same_shape(client: Client) -> None:
    problem(client.get("/api/raise/ours", headers={"host": "evil.example"}), 400, "bad-request")


def test_an_accept_we_cannot_meet(client: Client) -> None:
    problem(client.get("/api/raise/ours", headers={"accept": "application/xml"}), 406, "not-acceptable")


def test_each_bad_value_is_pointed_at(client: Client) -> None:
    body = problem(client.post("/api/raise/nested"), 400, "invalid-request")
    assert {each["pointer"]: each["detail"] for each in body["errors"]} == {"#": "whole", "#/posts/1/a~1b": "bad"}
    in_query = problem(client.get("/api/raise/nested"), 400, "invalid-request")
    assert all("pointer" not in each for each in in_query["errors"])


def test_the_list_of_mistakes_ends(client: Client) -> None:
    assert len(problem(client.post("/api/raise/many"), 400, "invalid-request")["errors"]) == 50


def test_it_speaks_the_language_of_the_reader(client: Client) -> None:
    answer = client.post("/api/raise/echo", data="x", content_type="text/plain", headers={"accept-language": "ko"})
    assert answer["Content-Language"] == "ko"
    assert problem(answer, 415, "unsupported-media-type")["status"] == 415


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "line 1, column 2"),
        (b"{'a': 1}", "line 1, column 2"),
        (b'{"a": NaN}', "not a number"),
        (b'{"a": -Infinity}', "not a number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number that is too long"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 900 + b"]" * 900, "nested too deeply"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "nested too deeply"),
        (b"[" + b"{}," * 20_000 + b"{}]", "too many lists"),
        (b'"\xff\xfe"', "byte 1 is not utf-8"),
        (b'{"a": "' + SECRET.encode() + b'" 1}', "line 1"),
    ],
)
def test_what_is_not_json_is_located_and_not_quoted(client: Client, body: bytes, reason: str) -> None:
    answer = client.post("/api/raise/echo", data=body, content_type="application/json")
    assert reason in problem(answer, 400, "malformed-json")["detail"]


def test_json_is_read_as_it_comes(client: Client) -> None:
    deep = b"[" * 19 + b"1" + b"]" * 19
    assert client.post("/api/raise/echo", data=deep, content_type="application/json").content == deep
    for body in ('{"a": "한"}'.encode(), b'\xef\xbb\xbf{"a": "\xed\x95\x9c"}', b'{"a": "\\ud55c"}'):
        answer = client.post("/api/raise/echo", data=body, content_type="application/json")
        assert answer.json() == {"a": "한"}
    body = '{"a": "한"}'.encode("cp949")
    korean = client.generic("POST", "/api/raise/echo", body, content_type="application/json; charset=euc-kr")
    assert korean.json() == {"a": "한"}


def test_a_charset_that_is_none(client: Client) -> None:
    answer = client.generic("POST", "/api/raise/echo", b"{}", content_type="application/json; charset=bz2_codec")
    problem(answer, 400, "bad-request")


def test_a_body_over_the_limit_is_refused(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = client.post("/api/raise/echo", data=b'"' + b"a" * 200 + b'"', content_type="application/json")
    problem(answer, 413, "body-too-large")


def test_a_code_has_its_title() -> None:
    assert title_of(code="no-ink") == "No ink"
    assert title_of(code="never-heard-of") == "never-heard-of"
