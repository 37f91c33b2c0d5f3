from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AccessToken, User
from accounts.services import authenticate_token

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_user_without_a_password_gets_a_random_one_that_is_printed() -> None:
    out, err = run("create_user", "desk@acme.example")
    user = User.objects.get(email="desk@acme.example")
    printed = out.splitlines()[-1].removeprefix("Password: ")
    assert len(printed) >= 16
    assert user.check_password(printed)
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)
    assert err == ""


def test_a_given_password_is_used_and_not_printed() -> None:
    out, err = run("create_user", "desk@acme.example", "--password", "correct horse battery")
    assert User.objects.get().check_password("correct horse battery")
    assert "correct horse" not in out + err


def test_a_weak_password_is_taken_with_a_warning() -> None:
    _, err = run("create_user", "desk@acme.example", "--password", "12345")
    assert User.objects.get().check_password("12345")
    assert "weak" in err
    assert "12345" not in err


@pytest.mark.parametrize(("tier", "quota"), [("free", 5), ("pro", 100), ("business", 1000)])
def test_the_quota_comes_from_the_tier(tier: str, quota: int) -> None:
    run("create_user", "desk@acme.example", "--tier", tier)
    user = User.objects.get()
    assert (user.subscription_tier, user.api_quota_daily) == (tier, quota)


@pytest.mark.parametrize("quota", ["0", "7"])
def test_a_given_quota_wins(quota: str) -> None:
    run("create_user", "desk@acme.example", "--tier", "pro", "--quota", quota)
    assert User.objects.get().api_quota_daily == int(quota)


@pytest.mark.parametrize("quota", ["-1", "many", "٧", "9999999999", "1.5"])
def test_a_quota_is_a_number(quota: str) -> None:
    with pytest.raises(CommandError, match="number from 0"):
        run("create_user", "desk@acme.example", f"--quota={quota}")
    assert not User.objects.exists()


def test_staff_may_do_everything_in_the_admin() -> None:
    run("create_user", "admin@localhost", "--staff")
    user = User.objects.get()
    assert user.is_staff
    assert user.has_perm("accounts.change_user")


def test_an_address_has_one_account_whatever_its_case() -> None:
    run("create_user", "desk@acme.example")
    with pytest.raises(CommandError) as refusal:
        run("create_user", "Desk@ACME.example")
    assert refusal.value.returncode == 1
    assert "already" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert User.objects.count() == 1


@pytest.mark.parametrize("email", ["", "desk", "desk@", "a b@acme.example", "x" * 250 + "@acme.example"])
def test_what_is_no_address_makes_no_account(email: str) -> None:
    with pytest.raises(CommandError, match="cannot be made"):
        run("create_user", email)
    assert not User.objects.exists()


def test_an_empty_password_makes_no_account() -> None:
    with pytest.raises(CommandError, match="password is empty"):
        run("create_user", "desk@acme.example", "--password", "")


def test_signs_that_addresses_may_hold_and_usernames_may_not() -> None:
    run("create_user", "o'neil/desk@acme.example")
    user = User.objects.get(email="o'neil/desk@acme.example")
    assert user.username == "o-neil-desk@acme.example"


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(CommandError, match="free"):
        run("create_user", "desk@acme.example", "--tier", "gold")


def test_a_token_is_printed_alone() -> None:
    run("create_user", "desk@acme.example")
    out, err = run("create_token", "DESK@acme.example", "--name", "newsroom")
    assert out == out.strip() + "\n"
    found = authenticate_token(token=out.strip(), now=NOW)
    assert (found.user.email, found.name, err) == ("desk@acme.example", "newsroom", "")


def test_nobody_gets_a_token_in_vain() -> None:
    with pytest.raises(CommandError, match=r"create_user nobody@acme\.example"):
        run("create_token", "nobody@acme.example")
    run("create_user", "gone@acme.example")
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="not active"):
        run("create_token", "gone@acme.example")
    with pytest.raises(CommandError, match="create_user"):
        run("create_token", "")
    assert not AccessToken.objects.exists()


def test_a_token_needs_a_name() -> None:
    run("create_user", "desk@acme.example")
    with pytest.raises(CommandError, match="visible characters"):
        run("create_token", "desk@acme.example", "--name", " ")
