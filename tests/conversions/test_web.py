"""The landing page: open to anybody, in two languages, with nothing a strict browser would refuse."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from conversions.pipeline.platforms import count


def test_the_page_says_what_this_is_and_leads_to_the_doors() -> None:
    page = Client().get("/", headers={"accept-language": "en"})
    body = page.content.decode()
    assert page.status_code == 200
    assert '<html lang="en">' in body
    assert "KakaoTalk" in body
    for door in (reverse("admin:index"), reverse("docs"), reverse("status"), reverse("account_login")):
        assert f'href="{door}"' in body


def test_a_korean_reader_gets_korean_and_so_does_who_says_nothing(settings: object) -> None:
    settings.LANGUAGE_CODE = "ko"  # type: ignore[attr-defined] # as in every place the product runs
    for headers in ({"accept-language": "ko-KR,ko;q=0.9"}, {}):
        body = Client().get("/", headers=headers).content.decode()
        assert '<html lang="ko">' in body
        assert "뉴스 기사" in body


def test_the_language_is_a_choice_that_stays() -> None:
    browser = Client(headers={"accept-language": "ko"})
    answer = browser.post(reverse("set_language"), {"language": "en", "next": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert '<html lang="en">' in browser.get("/").content.decode()


def test_no_other_site_can_be_the_next_page() -> None:
    answer = Client().post(reverse("set_language"), {"language": "en", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_the_page_holds_no_script_and_no_style_of_its_own() -> None:
    page = Client().get("/")
    body = page.content.decode()
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<style| style=| on\w+=", body)
    for file in re.findall(r'(?:href|src)="/static/([^"]+)"', body):
        assert finders.find(file), file


@pytest.mark.parametrize(("language", "words"), [("ko", "수도관"), ("en", "water mains")])
def test_the_sample_is_written_and_counted_in_the_readers_language(language: str, words: str) -> None:
    shown = Client().get("/", headers={"accept-language": language}).context["sample"]
    assert words in shown.article.title
    for card in shown.cards:
        post = card.conversion
        assert words in f"{post.title} {post.content_generated}"
        assert card.measure.length == count(platform=card.platform, text=post.content_generated)
        assert not card.measure.refused


def test_who_may_sign_up_is_told_so(settings: Any) -> None:
    for is_open in (False, True):
        settings.SIGNUP_OPEN = is_open
        assert (reverse("account_signup") in Client().get("/").content.decode()) is is_open


def test_the_manifest_names_icons_that_are_there_and_where_shares_go() -> None:
    answer = Client().get(reverse("manifest"))
    said = answer.json()
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in said["icons"]}
    assert "maskable" in {icon.get("purpose") for icon in said["icons"]}
    for icon in said["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path, icon
        if icon["type"] == "image/png":
            size = struct.unpack(">II", Path(path).read_bytes()[16:24])
            assert f"{size[0]}x{size[1]}" == icon["sizes"]
    assert said["share_target"] == {
        "action": "/", "method": "GET", "params": {"url": "url", "text": "text", "title": "title"},
    }  # fmt: skip


@pytest.mark.parametrize(("method", "status"), [("head", 200), ("post", 405), ("delete", 405)])
def test_it_is_only_read(method: str, status: int) -> None:
    assert getattr(Client(), method)("/").status_code == status
