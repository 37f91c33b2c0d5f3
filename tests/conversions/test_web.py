"""The landing page: open to anybody, in two languages, with nothing a strict browser would refuse."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse


def test_the_page_says_what_this_is_and_leads_to_the_doors() -> None:
    page = Client().get("/", headers={"accept-language": "en"})
    body = page.content.decode()
    assert page.status_code == 200
    assert '<html lang="en">' in body
    assert "KakaoTalk" in body
    for door in (reverse("admin:index"), reverse("docs")):
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


@pytest.mark.parametrize(("method", "status"), [("head", 200), ("post", 405), ("delete", 405)])
def test_it_is_only_read(method: str, status: int) -> None:
    assert getattr(Client(), method)("/").status_code == status
