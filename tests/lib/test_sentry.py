"""An unexpected error is found by one id: in the answer, the log, the report, and on the conversion's page."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from conversions import tools
from conversions.models import Conversion
from conversions.tasks import run_conversion
from newsforge import sentry
from newsforge.celery import app
from newsforge.urls import urlpatterns as whole_site
from tests.factories import make_conversion
from tests.faults.canary import KEY
from tests.faults.reports import event_of, reporting
from tests.pages import address


class Broke(Exception):
    """A bug of ours, with a key in its words."""


def plain(request: HttpRequest) -> HttpResponse:
    secret = KEY
    raise Broke(f"cannot ask with {secret}")


@api_view(["GET", "POST"])
@permission_classes([AllowAny])
def framed(request: Request) -> Response:
    plain(request._request)
    return Response()


urlpatterns = [path("api/plain", plain), path("api/framed", framed), path("page", plain), *whole_site]
handler500 = "newsforge.lib.problem.server_error"
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def reports() -> Iterator[list[bytes]]:
    with reporting() as sent:
        yield sent


@pytest.fixture
def client(db: None) -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("where", ["/api/plain", "/api/framed"])
def test_an_answer_names_what_finds_its_traceback(
    client: Client, reports: list[bytes], caplog: pytest.LogCaptureFixture, where: str
) -> None:
    body = client.post(
        f"{where}?api_key={KEY}", {"key": KEY}, content_type="application/json", headers={"X-Api-Key": KEY}
    ).json()
    assert body["status"] == 500
    traced = [each.msg for each in caplog.records if isinstance(each.msg, dict) and each.msg.get("exc_info")]
    assert {line["error_id"] for line in traced} == {body["error_id"]}
    (report,) = reports
    assert event_of(report)["tags"]["error_id"] == body["error_id"]
    assert event_of(report)["release"] == "newsforge@test"
    assert "Traceback" not in str(body)


def test_a_page_names_it_too(client: Client, reports: list[bytes]) -> None:
    answer = client.get("/page", headers={"Accept-Language": "ko"})
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert event_of(reports[0])["tags"]["error_id"] in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_a_report_holds_no_secret_no_locals_no_body_and_no_address_of_a_person(
    client: Client, reports: list[bytes]
) -> None:
    client.post(
        f"/api/framed?api_key={KEY}&n=1",
        {"text": "an unpublished article", "key": KEY},
        content_type="application/json",
        headers={"X-Api-Key": KEY, "Proxy-Authorization": f"Bearer {KEY}", "Cookie": "sessionid=abcdefgh"},
    )
    (report,) = reports
    shown = report.decode()
    assert KEY[10:30] not in shown
    assert "unpublished" not in shown
    assert "abcdefgh" not in shown
    event = event_of(report)
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames
    assert not any("vars" in frame for frame in frames)
    assert "REMOTE_ADDR" not in event["request"].get("env", {})


def test_a_task_that_breaks_is_found_from_the_conversion(
    acme: User,
    desk: Client,
    reports: list[bytes],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down(**_: object) -> None:
        raise Broke(f"no tools with {KEY}")

    caplog.set_level(logging.ERROR)
    monkeypatch.setattr(tools, "tools_for", break_down)
    conversion = make_conversion(acme)
    run_conversion.apply(kwargs={"conversion_id": str(conversion.pk)})
    conversion.refresh_from_db()
    assert (conversion.status, conversion.failure_code) == ("failed", "internal-error")
    assert conversion.error_id is not None
    error_id = conversion.error_id.hex
    assert error_id in conversion.error_message
    event = event_of(reports[0])
    assert event["tags"]["error_id"] == error_id
    assert event["tags"]["conversion_id"] == str(conversion.pk)
    assert KEY[10:30] not in reports[0].decode()
    for written in (error_id, str(conversion.error_id)):
        found = desk.get(address(Conversion, "changelist"), {"q": written}).context["cl"].queryset
        assert list(found) == [conversion]
    assert error_id in desk.get(address(Conversion, "change", conversion.pk)).content.decode().replace("-", "")


def test_the_next_task_has_an_id_of_its_own(acme: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(**_: object) -> None:
        raise Broke

    monkeypatch.setattr(tools, "tools_for", break_down)
    rows = [make_conversion(acme), make_conversion(acme)]
    for row in rows:
        run_conversion.apply(kwargs={"conversion_id": str(row.pk)})
    assert len(set(Conversion.objects.values_list("error_id", flat=True))) == 2


def test_only_what_runs_once_a_minute_or_less_often_is_watched_by_sentry() -> None:
    often = [
        name for name, entry in app.conf.beat_schedule.items() if entry["schedule"].run_every < timedelta(minutes=1)
    ]
    assert often == sentry.SEVERAL_A_MINUTE
