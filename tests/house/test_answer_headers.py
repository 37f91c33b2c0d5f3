"""Every answer tells a browser what it may not do, whoever of us gives it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from tests.house.test_production import SAID, started

ANSWERS = {
    "/accounts/login/": 200,
    "/api/v1/conversions": 401,
    "/static/web/site.css": 200,
    "/nowhere": 404,
    "/api/nowhere": 404,
    "/boom": 500,
    "/health/live/": 200,
    "/health/": 200,
    "/metrics": 403,
}


def boom(_: HttpRequest) -> HttpResponse:
    raise RuntimeError


urlpatterns = [path("boom", boom), path("", include("newsforge.urls"))]
handler404 = "newsforge.lib.problem.page_not_found"
handler500 = "newsforge.lib.problem.server_error"


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ANSWERS)
def test_every_answer_has_every_header(db: None, settings: Any, address: str) -> None:
    settings.SECURE_HSTS_SECONDS = 1000
    client = Client(raise_request_exception=False)
    answer = client.get(address, secure=True, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code in {ANSWERS[address], 503 if address == "/health/" else 0}
    answer.close()  # a file is open until then
    said = answer.headers
    assert (said["X-Content-Type-Options"], said["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert (said["Cross-Origin-Opener-Policy"], said["Cross-Origin-Resource-Policy"]) == ("same-origin", "same-origin")
    policy = dict(each.split("=") for each in said["Permissions-Policy"].split(", "))
    assert policy["camera"] == policy["microphone"] == policy["geolocation"] == policy["payment"] == "()"
    assert policy["publickey-credentials-get"] == policy["clipboard-write"] == "(self)"
    if address not in {"/health/live/", "/metrics"}:  # these two are for machines inside, without TLS
        assert said["Strict-Transport-Security"].startswith("max-age=1000")


@pytest.mark.parametrize(
    ("said", "header"),
    [
        ({}, "max-age=31536000; includeSubDomains; preload"),
        ({"NEWSFORGE_HSTS_SECONDS": "60", "NEWSFORGE_HSTS_PRELOAD": "0"}, "max-age=60; includeSubDomains"),
        ({"NEWSFORGE_HSTS_SUBDOMAINS": "0", "NEWSFORGE_HSTS_PRELOAD": "0"}, "max-age=31536000"),
        ({"NEWSFORGE_HSTS_SECONDS": "0"}, "None"),
    ],
)
def test_how_long_tls_alone_is_used_is_the_operators_choice(tmp_path: Path, said: dict[str, str], header: str) -> None:
    asked = (
        "import django; django.setup(); from django.test import Client;"
        "answer = Client().get('/nowhere', secure=True, headers={'host': 'news.example'});"
        "print(answer.headers.get('Strict-Transport-Security'))"
    )
    addresses = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    production = {"DJANGO_SETTINGS_MODULE": "newsforge.settings.production"}
    ended = started(tmp_path, asked, **SAID | addresses | production | said)
    assert ended.stdout.strip().splitlines()[-1:] == [header], ended.stderr
