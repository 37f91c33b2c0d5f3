"""The way in and out, by hand, in both languages."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import User
from tests.browser.conftest import Open
from tests.factories import PASSWORD

WORDS = {
    "en-US": ("Email", "Password", "Log in", "Log out", "Logged out"),
    "ko-KR": ("이메일", "비밀번호", "로그인", "로그아웃", "로그아웃"),
}


@pytest.mark.parametrize("locale", WORDS)
def test_staff_come_in_and_leave(open_context: Open, staff: User, locale: str) -> None:
    email, password, enter, leave, left = WORDS[locale]
    page = open_context(locale=locale).new_page()
    page.goto(reverse("admin:index"))
    page.get_by_label(email).fill(staff.email)
    page.get_by_label(password).fill(PASSWORD)
    page.get_by_role("button", name=enter, exact=True).click()
    expect(page).to_have_url(page.url.split("/admin/")[0] + reverse("admin:index"))
    page.get_by_role("button", name=leave).click()
    expect(page.get_by_role("heading", name=left)).to_be_visible()


def test_a_wrong_password_stays_outside(open_context: Open, staff: User) -> None:
    page = open_context().new_page()
    page.goto(reverse("admin:login"))
    page.get_by_label("Email").fill(staff.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator(".errorlist")).to_be_visible()
