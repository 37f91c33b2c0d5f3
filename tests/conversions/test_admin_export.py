"""The list as a file: the same rows, Korean that Excel reads, nothing that runs there, no article's text."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conversions.enums import Status
from tests.factories import TEXT, make_article, make_conversion, make_user

EXPORT = reverse("admin:conversions_conversion_export")


def lines(desk: Client, query: str = "") -> list[dict[str, str]]:
    answer = desk.get(EXPORT + query)
    assert answer.status_code == 200
    content = answer.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_facts_and_the_post_are_in_it_and_no_text_of_an_article(desk: Client, acme: User) -> None:
    made = make_conversion(acme, status=Status.SUCCEEDED)
    answer = desk.get(EXPORT)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="conversions-')
    [line] = lines(desk)
    assert (line["id"], line["user"], line["status"]) == (str(made.pk), acme.email, "succeeded")
    assert (line["cost_usd"], line["hashtags"], line["failure_code"]) == ("0.001200", "수원 도서관", "")
    assert line["post"] == "수원시가 24시간 도서관을 열었습니다."
    assert TEXT not in answer.getvalue().decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_no_cell_is_a_formula(desk: Client, acme: User, start: str) -> None:
    article = make_article(acme, title=f"{start}HYPERLINK(1)")
    make_conversion(acme, article=article, status=Status.SUCCEEDED, content_generated=f"{start}1+1")
    [line] = lines(desk)
    assert (line["article"], line["post"]) == (f"'{start}HYPERLINK(1)", f"'{start}1+1")


def test_it_is_the_filter_s_rows_newest_first(desk: Client, acme: User, globex: User) -> None:
    now = timezone.now()
    old, new = (
        make_conversion(acme, status=Status.FAILED, created_at=now - timedelta(hours=hours)) for hours in (5, 1)
    )
    make_conversion(acme)
    make_conversion(globex, status=Status.FAILED)
    found = lines(desk, "?status__exact=failed&owner=acme.example")
    assert [line["id"] for line in found] == [str(new.pk), str(old.pk)]


def test_rows_of_one_moment_are_all_in_it_over_the_edge_of_a_batch(
    desk: Client, acme: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversions.admin.export.BATCH", 2)
    moment = timezone.now()
    made = {str(make_conversion(acme, created_at=moment).pk) for _ in range(5)}
    found = [line["id"] for line in lines(desk)]
    assert (len(found), set(found)) == (5, made)


def test_who_may_not_see_conversions_gets_none(acme: User, globex: User) -> None:
    make_conversion(acme)
    clerk = make_user("clerk@newsforge.example", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_article"))
    for user, status in ((clerk, 403), (globex, 302)):
        browser = Client()
        browser.force_login(user)
        assert browser.get(EXPORT).status_code == status


def test_a_filter_that_makes_no_sense_is_refused(desk: Client) -> None:
    assert desk.get(f"{EXPORT}?no_such_field=1").status_code == 400
