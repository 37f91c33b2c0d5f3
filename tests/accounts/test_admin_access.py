"""The admin pages of keys, tokens and grants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import AccessToken, QuotaEntry, QuotaGrant, User
from accounts.services import TokenEnded, authenticate_token
from tests.factories import (
    make_grant,
    make_token,
)
from tests.pages import act, address


class TestAccessTokens:
    def issue(self, desk: Client, user: User, name: str = "cms") -> str:
        form = {"user": user.pk, "name": name, "expires_at_0": "", "expires_at_1": ""}
        answer = desk.post(address(AccessToken, "add"), form)
        assert answer.status_code == 200
        return str(answer.context["plaintext"])

    def test_a_token_is_shown_once_and_works(self, desk: Client, acme: User) -> None:
        token = self.issue(desk, acme)
        assert authenticate_token(token=token, now=timezone.now()).user == acme
        pages = [address(AccessToken, "changelist"), address(AccessToken, "change", AccessToken.objects.get().pk)]
        assert not [page for page in pages if token.rsplit("_", 1)[1] in desk.get(page).content.decode()]
        assert not [value for value in desk.cookies.values() if token in str(value)]

    @pytest.mark.parametrize("pasted", ["whole", "cut", "quoted"])
    def test_a_leaked_token_is_found_by_pasting_it(self, desk: Client, acme: User, pasted: str) -> None:
        token, plaintext = make_token(acme, name="leaked")
        make_token(acme, name="other")
        term = {"whole": plaintext, "cut": plaintext[:11], "quoted": f'Authorization: "Bearer {plaintext}"'}[pasted]
        page = desk.get(address(AccessToken, "changelist"), {"q": term}, follow=True)
        assert list(page.context["cl"].queryset) == [token]
        assert plaintext.rsplit("_", 1)[1] not in page.content.decode()

    @pytest.mark.parametrize("state", ["valid", "expired", "revoked"])
    def test_the_filter_agrees_with_the_status_shown(self, desk: Client, acme: User, state: str) -> None:
        now = timezone.now()
        make_token(acme)
        make_token(acme, expires_at=now + timedelta(days=1))
        make_token(acme, expires_at=now - timedelta(days=1))
        gone, _ = make_token(acme, expires_at=now - timedelta(days=1))
        AccessToken.objects.filter(pk=gone.pk).update(revoked_at=now)
        page = desk.get(address(AccessToken, "changelist"), {"state": state})
        shown = page.content.decode()
        assert shown.count(f">{state}</span>") == page.context["cl"].result_count == (2 if state == "valid" else 1)

    def test_a_leaked_token_is_revoked_by_the_button_in_its_row(self, desk: Client, acme: User) -> None:
        (leaked, plaintext), (other, _) = make_token(acme), make_token(acme)
        listed = address(AccessToken, "changelist")
        button = f'name="_row" value="revoke:{leaked.pk}"'
        assert button in desk.get(listed, {"q": plaintext}, follow=True).content.decode()
        assert "1 token is revoked" in desk.post(listed, {"_row": f"revoke:{leaked.pk}"}, follow=True).content.decode()
        other.refresh_from_db()
        assert other.revoked_at is None
        with pytest.raises(TokenEnded):
            authenticate_token(token=plaintext, now=timezone.now())

    def test_a_rotated_token_is_shown_once_and_the_old_one_ends_after_the_overlap(
        self, desk: Client, acme: User
    ) -> None:
        token, plaintext = make_token(acme, name="cms")
        form = {"action": "rotate", "_selected_action": str(token.pk), "hours": "2", "reason": "leaves the company"}
        answer = desk.post(address(AccessToken, "changelist"), form)
        new, now = answer.context["plaintext"], timezone.now()
        assert new in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]
        for each in (new, plaintext):
            assert authenticate_token(token=each, now=now + timedelta(hours=1)).user == acme
        with pytest.raises(TokenEnded):
            authenticate_token(token=plaintext, now=now + timedelta(hours=3))
        assert authenticate_token(token=new, now=now + timedelta(days=300)).name == "cms"
        said = LogEntry.objects.filter(object_id=str(token.pk)).get().get_change_message()
        assert "leaves the company" in said

    def test_an_ended_token_is_not_rotated(self, desk: Client, acme: User) -> None:
        token, _ = make_token(acme, expires_at=timezone.now() - timedelta(days=1))
        assert "has expired or was revoked" in act(desk, AccessToken, "rotate", token)
        assert AccessToken.objects.count() == 1

    def test_revoking_locks_the_client_out_and_counts(self, desk: Client, acme: User) -> None:
        tokens = [make_token(acme)[0] for _ in range(3)]
        assert "3 tokens are revoked" in act(desk, AccessToken, "revoke", *tokens)
        assert "0 tokens are revoked" in act(desk, AccessToken, "revoke", *tokens)
        assert not AccessToken.objects.filter(revoked_at=None).exists()

    def test_saving_a_page_opened_before_a_revocation_does_not_undo_it(
        self, desk: Client, acme: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token, _ = make_token(acme)
        full_clean = AccessToken.full_clean

        def revoked_meanwhile(self: AccessToken, *args: object, **kwargs: object) -> None:
            AccessToken.objects.filter(pk=self.pk).update(revoked_at=timezone.now())
            full_clean(self)

        monkeypatch.setattr(AccessToken, "full_clean", revoked_meanwhile)
        form = {"name": "renamed", "expires_at_0": "", "expires_at_1": ""}
        assert desk.post(address(AccessToken, "change", token.pk), form).status_code == 302
        token.refresh_from_db()
        assert token.name == "renamed"
        assert token.revoked_at is not None


class TestGrants:
    def test_a_grant_starts_now_and_stands_in_the_ledger(self, desk: Client, staff: User, acme: User) -> None:
        friday = timezone.localtime() + timedelta(days=4)
        form = {
            "user": acme.pk,
            "extra_daily": "50",
            "ends_at_0": f"{friday:%Y-%m-%d}",
            "ends_at_1": "18:00:00",
            "reason": "election week",
        }
        assert desk.post(address(QuotaGrant, "add"), form).status_code == 302
        grant = QuotaGrant.objects.get()
        assert (grant.extra_daily, grant.granted_by) == (50, staff)
        assert QuotaEntry.objects.get(user=acme).kind == "grant"

    def test_a_grant_that_would_be_over_is_refused_with_a_sentence(self, desk: Client, acme: User) -> None:
        form = {"user": acme.pk, "extra_daily": "5", "ends_at_0": "2020-01-01", "ends_at_1": "0:00", "reason": "late"}
        assert "ends after it starts" in desk.post(address(QuotaGrant, "add"), form).content.decode()
        assert not QuotaGrant.objects.exists()

    @pytest.mark.parametrize("state", ["running", "to-come", "over"])
    def test_grants_are_filtered_by_whether_they_count_now(self, desk: Client, acme: User, state: str) -> None:
        now, day = timezone.now(), timedelta(days=1)
        make_grant(acme, starts_at=now - 2 * day, ends_at=now - day)
        make_grant(acme, starts_at=now - day, ends_at=now + day)
        make_grant(acme, starts_at=now + day, ends_at=now + 2 * day)
        page = desk.get(address(QuotaGrant, "changelist"), {"state": state})
        assert page.context["cl"].result_count == 1
        assert page.content.decode().count(f">{state.replace('-', ' ')}</span>") == 1

    def test_a_grant_is_ended_early_rather_than_deleted(self, desk: Client, acme: User) -> None:
        grant = make_grant(acme, starts_at=timezone.now() - timedelta(days=2))
        yesterday = timezone.localtime() - timedelta(days=1)
        form = {"ends_at_0": f"{yesterday:%Y-%m-%d}", "ends_at_1": "12:00", "reason": "no longer needed"}
        assert desk.post(address(QuotaGrant, "delete", grant.pk), {"post": "yes"}).status_code == 403
        assert desk.post(address(QuotaGrant, "change", grant.pk), form).status_code == 302
        grant.refresh_from_db()
        assert grant.ends_at < timezone.now()
