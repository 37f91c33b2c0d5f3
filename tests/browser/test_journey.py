"""All of it by one person, in Korean: signing up by mail, posts, a key, a token, the API, leaving.

On a desk, on a phone, and without scripts, where nothing is copied and pages are loaded again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import ApiKey, User
from conversions import execution
from conversions.enums import Platform, Status
from conversions.models import Conversion
from tests.browser.conftest import Open
from tests.browser.test_keys_and_tokens import SCREENS
from tests.factories import PASSWORD
from tests.faults.canary import KEY
from tests.faults.llmock import Llmock
from tests.limits import forget_tries
from tests.monitoring.mailbox import Mailbox, mail_server

ADDRESS = "editor@handeul-ilbo.example"
SHORT = "한들시가 412억 원을 들여 30년 넘은 수도관 37.4km를 바꾼다."


@pytest.fixture
def mailbox(db: None) -> Iterator[Mailbox]:
    forget_tries()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with (
        mail_server() as box,
        override_settings(SIGNUP_OPEN=True, EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=box.port),
    ):
        yield box
    forget_tries()


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, open_context: Open) -> Page:
    context = open_context(provoked=422, locale="ko-KR", **SCREENS[request.param])
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return context.new_page()


@pytest.fixture
def scripted(request: pytest.FixtureRequest) -> bool:
    return "no script" not in request.node.name


class Sentences(HTMLParser):
    """The headline and the paragraphs of the bundled article, as somebody would mark and copy them."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "h1" or (tag == "p" and self.parts and not attrs):
            self.inside = True
            self.parts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in {"h1", "p"}

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.parts[-1] += data


def article() -> str:
    reader = Sentences()
    reader.feed((settings.BASE_DIR / "newsforge/embedded/samples/ko.html").read_text("utf-8"))
    return "\n".join(reader.parts)


def test_from_signing_up_to_leaving(page: Page, scripted: bool, mailbox: Mailbox, provider: Llmock) -> None:
    sign_up(page, mailbox)
    log_in(page)
    convert(page)
    edit(page, scripted=scripted)
    find(page)
    bring_a_key(page, provider)
    call_the_api(page)
    leave(page)


def sign_up(page: Page, mailbox: Mailbox) -> None:
    page.goto(reverse("home"))
    page.get_by_role("link", name="가입").first.click()
    page.locator("#id_email").fill(ADDRESS)
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.get_by_role("button", name="가입").click()
    expect(page.get_by_role("heading", name="이메일 주소 확인")).to_be_visible()
    assert mailbox.recipients == [[ADDRESS]]
    path = re.search(r"(/accounts/confirm-email/\S+)", mailbox.text())
    assert path
    page.goto(path[1])
    page.get_by_role("button", name="예, 맞습니다").click()


def log_in(page: Page) -> None:
    page.goto(reverse("account_login"))
    page.locator("#id_login").fill(ADDRESS)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="로그인", exact=True).click()
    expect(page.get_by_role("heading", name="어떤 기사를 게시글로 만들까요?")).to_be_visible()


def convert(page: Page) -> None:
    page.locator("[name=source]").fill(article())
    page.locator("[name=provider]").select_option("extractive")
    page.get_by_role("button", name="게시글 만들기").click()
    expect(page.locator("article#x progress")).to_be_visible()
    for conversion in Conversion.objects.filter(status=Status.PENDING):
        execution.execute(conversion_id=conversion.pk)
    expect(page.locator("article#x header")).to_contain_text("완료")
    expect(page.locator("article#x .post-text")).to_contain_text("412억 원")


def edit(page: Page, *, scripted: bool) -> None:
    """Over the limit, where nothing is saved, and back."""
    card = page.locator("article#x")
    card.locator("details.editor summary").click()
    field, save = card.locator("textarea"), card.get_by_role("button", name="저장")
    field.fill("가" * 141)
    if scripted:
        field.dispatch_event("keyup")
        expect(card.locator("form.edit .counter strong")).to_have_text("-2")
        expect(save).to_be_disabled()
    else:
        save.click()
        expect(page.get_by_role("alert")).to_be_visible()
        field, save = page.locator("textarea"), page.get_by_role("button", name="저장")
        expect(field).to_have_value("가" * 141)
    assert Conversion.objects.get(target_platform=Platform.X).version == 1
    field.fill(SHORT)
    if scripted:
        field.dispatch_event("keyup")
    save.click()
    expect(page.get_by_role("status").filter(has_text="게시글을 저장했습니다.")).to_be_visible()
    expect(card.locator(".post-text")).to_have_text(SHORT)
    if scripted:
        card.get_by_role("button", name="복사").click()
        expect(card.get_by_role("button", name="복사했습니다")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == SHORT


def find(page: Page) -> None:
    page.get_by_role("link", name="기록", exact=True).click()
    page.get_by_role("search").locator("input").first.fill("수도관 37.4km를 바꾼다")
    page.get_by_role("button", name="보기").click()
    expect(page.locator("ul.lines li")).to_have_count(1)


def bring_a_key(page: Page, provider: Llmock) -> None:
    page.get_by_role("link", name="키", exact=True).click()
    refused: list[dict[str, Any]] = [{"type": "fail", "status": 401}]
    for answers, said in ((refused, "키를 저장하지 않았습니다."), ([], "제공사가 이 키를 받아들입니다.")):
        provider.script(*answers)
        page.locator("[name=name]").fill("편집국")
        page.locator("[name=key]").fill(KEY)
        page.get_by_role("button", name="확인하고 저장").click()
        expect(page.get_by_text(said).first).to_be_visible()
    assert ApiKey.objects.count() == 1


def call_the_api(page: Page) -> None:
    page.get_by_role("link", name="토큰", exact=True).click()
    page.locator("[name=name]").fill("cms")
    page.get_by_role("button", name="토큰 만들기").click()
    bearer = {"Authorization": f"Bearer {page.locator('#secret').inner_text()}"}
    answer = page.request.get(reverse("api-conversions"), headers=bearer)
    texts: list[Any] = [each["content_generated"] for each in answer.json()["results"]]
    assert SHORT in texts


def leave(page: Page) -> None:
    page.get_by_role("link", name="계정", exact=True).first.click()
    page.get_by_role("link", name="내 데이터 내려받기").click()
    if page.locator("#id_password").count():  # the login is some minutes old
        page.locator("#id_password").fill(PASSWORD)
        page.locator("main form button").first.click()
    with page.expect_download() as started:
        page.locator("main a[download], main a[href$='.json']").first.click()
    assert SHORT in started.value.path().read_text("utf-8")
    page.goto(reverse("account-delete"))
    page.locator("[name=sure]").check()
    page.get_by_role("button", name="계정 삭제").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert not User.objects.filter(email=ADDRESS).exists()
    assert not Conversion.objects.exclude(content_generated="").exists()
