"""The pages of signing up, logging in and one's own account: all of them, found by their addresses, and the journey."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import URLResolver, get_resolver, reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings

from accounts.models import User
from tests.browser.accessibility import faults
from tests.browser.conftest import Open
from tests.browser.test_pages import LOOKS, look_at
from tests.factories import PASSWORD, make_login, make_user
from tests.limits import forget_tries

SECRET = "JBSWY3DPEHPK3PXP"

OTHERWISE = {
    "account-settings", "account-end-session", "account-end-sessions", "account_send_again",  # forms post there
    "account-export-file", "mfa_download_recovery_codes",  # files
    "mfa_login_webauthn",  # for scripts
}  # fmt: skip
"""Addresses that are no page."""

LATER = {"mfa_activate_totp", "mfa_authenticate", "account_set_password"}
"""Pages that another state leads to: no app set up yet, a login half done, no password."""


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    """Nobody's tries count in the next test."""
    yield
    forget_tries()


@pytest.fixture(params=LOOKS)
def context(request: pytest.FixtureRequest, open_context: Open) -> BrowserContext:
    return open_context(**LOOKS[request.param])


@pytest.fixture
def member(db: None) -> User:
    """Somebody who is logged in elsewhere as well, with another address on its way."""
    user = make_user("reader@acme.example")
    make_login(user)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    EmailAddress.objects.create(user=user, email="next@acme.example")
    return user


def addresses(user: User) -> Iterator[tuple[str, str]]:
    """Name and address of every page below /accounts/ and /account/."""
    key = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).first()
    fresh = EmailAddress.objects.filter(verified=False).first()
    known = {"pk": key.pk if key else 1, "key": EmailConfirmationHMAC(fresh).key if fresh else "none"}
    token = default_token_generator.make_token(user)
    for name, parts in patterns(get_resolver().url_patterns, "", []):
        if name == "account_reset_password_from_key":
            yield name, reverse(name, args=[user_pk_to_url_str(user), token])
        elif name not in OTHERWISE:
            yield name, reverse(name, kwargs={part: known[part] for part in parts})


def patterns(found: Iterable[Any], prefix: str, parts: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The names of the addresses, and what each is filled in with."""
    for each in found:
        here = prefix + str(each.pattern)
        needed = [*parts, *each.pattern.regex.groupindex]
        if not re.match(r"(accounts?/|$)", here):
            continue
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, here, needed)
        elif here:
            yield str(each.name), needed


def enter(page: Page, user: User) -> None:
    page.goto(reverse("account_login"))
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("form:has(#id_login) button").click()


def confirm(page: Page) -> None:
    """Give the password again."""
    page.goto(reverse("account_reauthenticate"))
    page.locator("#id_password").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").first.click()


def test_every_page_for_strangers(context: BrowserContext, settings: Settings, db: None) -> None:
    user = make_user("waits@acme.example", email_verified=False)
    page, shown = context.new_page(), set()
    found: list[str] = []
    for is_open in (True, False):
        settings.SIGNUP_OPEN = is_open
        for name, address in addresses(user):
            page.goto(address)
            if page.url.endswith("/accounts/login/") and name != "account_login":
                continue
            shown.add(name)
            found += faults(page)
    assert found == []
    assert {"account_signup", "account_reset_password", "account_confirm_email", "account_inactive"} <= shown
    enter(page, user)
    expect(page).to_have_url(re.compile(reverse("account_email_verification_sent")))
    assert list(faults(page)) == []


def test_every_page_for_who_is_logged_in(context: BrowserContext, member: User) -> None:
    page = context.new_page()
    enter(page, member)
    confirm(page)
    found = look_at(page, [reverse("account"), reverse("mfa_index"), reverse("mfa_activate_totp")])
    TOTP.activate(member, SECRET)
    RecoveryCodes.activate(member)
    add_key(page)
    shown = {name: address for name, address in addresses(member) if name not in LATER}
    found += look_at(page, [address for name, address in shown.items() if name != "account_reset_password_from_key"])
    assert found == []
    assert len(shown) >= 20


def add_key(page: Page) -> None:
    """Add a passkey, of a device that the browser itself plays."""
    driver = page.context.new_cdp_session(page)
    driver.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
              "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    driver.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.goto(reverse("mfa_add_webauthn"))
    page.locator("#id_name").fill("desk key")
    page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page).to_have_url(re.compile(r"/2fa/(recovery-codes/)?$"))


def test_logging_in_with_a_second_factor_and_with_a_passkey_alone(context: BrowserContext, member: User) -> None:
    page = context.new_page()
    enter(page, member)
    confirm(page)
    TOTP.activate(member, SECRET)
    add_key(page)
    leave(page)
    enter(page, member)
    expect(page).to_have_url(re.compile(reverse("mfa_authenticate")))
    found = list(faults(page))
    page.locator("#id_code").fill("000000")
    page.locator("main form button").first.click()
    expect(page.locator(".errorlist")).to_be_visible()
    found += faults(page)
    page.locator("#mfa_webauthn_authenticate").click()
    expect(page.locator(".doors-bar")).to_be_visible()
    leave(page)
    page.goto(reverse("account_login"))
    page.locator("#passkey_login").click()
    expect(page.locator(".doors-bar")).to_be_visible()
    assert found == []


def leave(page: Page) -> None:
    page.goto(reverse("account_logout"))
    with page.expect_navigation():
        page.locator("main form button").click()
