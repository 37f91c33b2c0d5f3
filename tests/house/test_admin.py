"""Every page of the admin opens for whom it should, tells no secret, and changes nothing it must not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.models import F, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import keys, quota
from accounts.models import AccessToken, ApiKey, QuotaEntry, QuotaGrant, User
from accounts.services import authenticate_token
from conversions.enums import Status
from conversions.models import Conversion
from monitoring.models import SystemMetric
from newsforge.lib.admin import FactAdmin
from tests.factories import (
    PASSWORD,
    PROVIDER_KEY,
    make_conversion,
    make_grant,
    make_key,
    make_one_of_each,
    make_staff,
    make_token,
    make_user,
)

PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [
    model for label in ("accounts", "conversions", "monitoring") for model in apps.get_app_config(label).get_models()
]
FACTS = [model for model in PAGES if isinstance(admin.site._registry[model], FactAdmin)]
SECRET = "sk-ant-api03-entered-in-the-admin-0123456789"


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def desk(staff: User) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def clerk(db: None) -> Client:
    """A browser of staff who may do everything to users, and is no superuser."""
    user = make_user("clerk@newsforge.example", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client = Client()
    client.force_login(user)
    return client


def addresses(rows: list[Model]) -> Iterator[str]:
    yield reverse("admin:index")
    for row in rows:
        model = type(row)
        yield address(model, "changelist")
        yield address(model, "changelist") + "?q=zz"
        yield address(model, "changelist") + f"?q={row.pk}"
        yield address(model, "change", row.pk)
        yield address(model, "history", row.pk)
        if model not in FACTS and model._meta.model_name != "webhookendpoint":
            yield address(model, "add")


def test_every_table_we_have_has_a_page_that_can_be_searched() -> None:
    assert set(OURS) - set(PAGES) == set()
    assert [model for model in OURS if not admin.site._registry[model].search_fields] == []


def test_lists_stay_narrow_and_cheap() -> None:
    for model in OURS:
        page = admin.site._registry[model]
        assert len(page.list_display) <= 7, model
        assert page.date_hierarchy is None, model
        assert page.show_full_result_count is False, model


def test_every_page_opens_for_a_superuser(desk: Client, acme: User) -> None:
    rows = [*make_one_of_each(acme), Group.objects.create(name="desk")]
    assert {type(row) for row in rows} == set(PAGES)
    answers = {page: desk.get(page).status_code for page in addresses(rows)}
    assert {page: status for page, status in answers.items() if status != 200} == {}
    assert len(answers) > 60


def test_no_page_opens_for_anybody_else(acme: User) -> None:
    pages = list(addresses([*make_one_of_each(acme), Group.objects.create(name="desk")]))
    member = Client()
    member.force_login(acme)
    for client in (Client(), member):
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 302, page
            assert answer.headers["Location"].startswith(reverse("admin:login")), page


def test_no_page_shows_a_secret(desk: Client, acme: User) -> None:
    rows = make_one_of_each(acme)
    key, token = ApiKey.objects.get(), AccessToken.objects.get()
    _, salt, digest = acme.password.split("$")  # Django's own page shows the first six characters of each
    secrets = [PROVIDER_KEY[8:-4], key.encrypted_key, token.secret_hash, "SEALED-SECRET", salt[:6], digest[:6]]
    for page in addresses(rows):
        body = desk.get(page).content.decode()
        assert [secret for secret in secrets if secret in body] == [], page


def test_pages_pass_the_content_security_policy(desk: Client, acme: User) -> None:
    for page in addresses(make_one_of_each(acme)):
        answer = desk.get(page)
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert b" style=" not in answer.content, page
        assert b"<style" not in answer.content, page
        assert b" onclick=" not in answer.content, page


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model._meta.model_name)
def test_facts_are_neither_made_nor_changed_nor_deleted(desk: Client, acme: User, model: type[Model]) -> None:
    row = next(row for row in make_one_of_each(acme) if isinstance(row, model))
    assert desk.get(address(model, "add")).status_code == 403
    assert desk.post(address(model, "add"), {}).status_code == 403
    assert desk.post(address(model, "change", row.pk), {"status": "succeeded"}).status_code == 403
    assert desk.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    everything = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    desk.post(address(model, "changelist"), everything)
    assert model._default_manager.filter(pk=row.pk).exists()


def test_a_large_table_is_counted_by_its_statistics(desk: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO system_metrics (metric_name, metric_value) SELECT 'depth', i FROM generate_series(1, 12000) i"
        )
        cursor.execute("ANALYZE system_metrics")
        with CaptureQueriesContext(connection) as asked:
            page = desk.get(address(SystemMetric, "changelist"))
        found = desk.get(address(SystemMetric, "changelist"), {"q": "depth"})
        cursor.execute("DELETE FROM system_metrics")
        cursor.execute("ANALYZE system_metrics")  # statistics outlive the test's rollback
    assert not [query for query in asked if "COUNT(*)" in query["sql"]]
    assert (page.context["cl"].result_count, found.context["cl"].result_count) == (12000, 12000)


class TestLoggingIn:
    @pytest.mark.parametrize("typed", ["staff@newsforge.example", "Staff@NewsForge.Example"])
    def test_by_address_in_any_letters(self, staff: User, typed: str) -> None:
        client = Client()
        answer = client.post(reverse("admin:login"), {"username": typed, "password": PASSWORD})
        assert (answer.status_code, client.get(reverse("admin:index")).status_code) == (302, 200)

    def test_a_wrong_password_stays_outside(self, staff: User) -> None:
        client = Client()
        answer = client.post(reverse("admin:login"), {"username": staff.email, "password": "wrong"})
        assert (answer.status_code, client.get(reverse("admin:index")).status_code) == (200, 302)


class TestUsers:
    def test_a_new_user_logs_in_with_the_address_and_has_the_tiers_quota(self, desk: Client) -> None:
        form = {
            "email": "New.Person@Acme.example",
            "username": "",
            "subscription_tier": "pro",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        assert desk.post(address(User, "add"), form).status_code == 302
        user = User.objects.get(email="New.Person@acme.example")
        assert (user.username, user.api_quota_daily, user.is_staff) == ("New.Person@acme.example", 100, False)
        assert Client().login(username="new.person@acme.example", password=PASSWORD)

    def test_the_same_address_in_other_letters_is_refused_with_a_sentence(self, desk: Client, acme: User) -> None:
        form = {"email": acme.email.upper(), "subscription_tier": "free", "usable_password": "false"}
        answer = desk.post(address(User, "add"), form)
        assert "exists already" in answer.content.decode()
        assert User.objects.filter(email__iexact=acme.email).count() == 1

    def test_a_new_password_replaces_the_old_one(self, desk: Client, acme: User) -> None:
        page = reverse("admin:auth_user_password_change", args=[acme.pk])
        form = {"usable_password": "true", "password1": "another good one", "password2": "another good one"}
        assert desk.get(page).status_code == 200
        assert desk.post(page, form).status_code == 302
        assert not Client().login(username=acme.email, password=PASSWORD)
        assert Client().login(username=acme.email, password="another good one")

    def test_saving_a_page_that_was_opened_long_ago_moves_no_counter_back(
        self, desk: Client, acme: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A conversion is reserved between reading the row for the form and writing it."""
        full_clean = User.full_clean

        def reserved_meanwhile(self: User, *args: object, **kwargs: object) -> None:
            User.objects.filter(pk=self.pk).update(api_quota_used=F("api_quota_used") + 1)
            full_clean(self)

        monkeypatch.setattr(User, "full_clean", reserved_meanwhile)
        form = user_form(acme) | {"username": "renamed"}
        assert desk.post(address(User, "change", acme.pk), form).status_code == 302
        acme.refresh_from_db()
        assert (acme.username, acme.api_quota_used) == ("renamed", 1)

    def test_a_changed_daily_quota_stands_in_the_ledger_with_its_author(
        self, desk: Client, staff: User, acme: User
    ) -> None:
        form = user_form(acme) | {"api_quota_daily": "250"}
        assert desk.post(address(User, "change", acme.pk), form).status_code == 302
        acme.refresh_from_db()
        line = QuotaEntry.objects.get(user=acme)
        assert (acme.api_quota_daily, line.kind, line.actor) == (250, "adjust", staff.email)

    def test_a_time_zone_that_does_not_exist_is_refused_with_a_sentence(self, desk: Client, acme: User) -> None:
        answer = desk.post(address(User, "change", acme.pk), user_form(acme) | {"time_zone": "Asia/Seuol"})
        assert "not the name of a time zone" in answer.content.decode()
        acme.refresh_from_db()
        assert acme.time_zone == "Asia/Seoul"

    def test_the_day_is_given_back_by_an_action(self, desk: Client, acme: User) -> None:
        User.objects.filter(pk=acme.pk).update(api_quota_used=7)
        act(desk, User, "give_day_back", acme)
        acme.refresh_from_db()
        assert acme.api_quota_used == 0
        assert QuotaEntry.objects.get(user=acme).units == -7

    def test_deleting_a_user_takes_what_is_theirs_and_leaves_the_log(self, desk: Client, acme: User) -> None:
        make_one_of_each(acme)
        assert desk.post(address(User, "delete", acme.pk), {"post": "yes"}).status_code == 302
        assert not User.objects.filter(pk=acme.pk).exists()
        assert not ApiKey.objects.exists()
        assert Conversion.objects.get().user is None

    def test_staff_cannot_make_themselves_superusers(self, clerk: Client, acme: User) -> None:
        form = user_form(acme) | {"is_superuser": "on", "is_staff": "on"}
        assert clerk.post(address(User, "change", acme.pk), form).status_code == 302
        acme.refresh_from_db()
        assert (acme.is_superuser, acme.is_staff) == (False, False)

    def test_staff_cannot_take_a_superuser_over(self, clerk: Client) -> None:
        root = make_staff("root@newsforge.example")
        password = {"usable_password": "true", "password1": "another good one", "password2": "another good one"}
        assert clerk.post(reverse("admin:auth_user_password_change", args=[root.pk]), password).status_code == 403
        assert (
            clerk.post(address(User, "change", root.pk), user_form(root) | {"email": "me@x.example"}).status_code == 403
        )
        assert clerk.post(address(User, "delete", root.pk), {"post": "yes"}).status_code == 403
        act(clerk, User, "delete_selected", root, post="yes")
        root.refresh_from_db()
        assert root.check_password(PASSWORD)


class TestProviderKeys:
    def test_a_key_is_entered_once_and_opens_only_for_the_pipeline(self, desk: Client, acme: User) -> None:
        form = {"user": acme.pk, "key_name": "desk", "provider": "anthropic", "secret": f" {SECRET} "}
        assert desk.post(address(ApiKey, "add"), form).status_code == 302
        key = ApiKey.objects.get()
        assert keys.reveal(key=key) == SECRET
        body = desk.get(address(ApiKey, "change", key.pk)).content.decode()
        assert f"{SECRET[:8]}…{SECRET[-4:]}" in body
        assert key.fingerprint in body
        assert SECRET not in body

    def test_a_refused_form_does_not_send_the_key_back(self, desk: Client, acme: User) -> None:
        form = {"user": acme.pk, "key_name": "", "provider": "openai", "secret": SECRET}
        answer = desk.post(address(ApiKey, "add"), form)
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode()

    def test_what_is_no_key_is_refused_with_a_sentence(self, desk: Client, acme: User) -> None:
        form = {"user": acme.pk, "key_name": "desk", "provider": "openai", "secret": "two words"}
        assert "one word of visible ASCII" in desk.post(address(ApiKey, "add"), form).content.decode()
        assert not ApiKey.objects.exists()

    def test_owner_and_provider_stay(self, desk: Client, acme: User, globex: User) -> None:
        key = make_key(acme)
        form = {"key_name": "renamed", "user": globex.pk, "provider": "anthropic"}
        assert desk.post(address(ApiKey, "change", key.pk), form).status_code == 302
        key.refresh_from_db()
        assert (key.key_name, key.user, key.provider, key.is_active) == ("renamed", acme, "openai", False)
        assert keys.reveal(key=key) == PROVIDER_KEY


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
        found = desk.get(address(AccessToken, "changelist"), {"q": term}).context["cl"].queryset
        assert list(found) == [token]

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


class TestConversions:
    def test_why_one_failed_stands_on_its_page(self, desk: Client, acme: User) -> None:
        conversion = make_conversion(acme, status=Status.FAILED)
        assert "The key is asked too often" in desk.get(address(Conversion, "changelist")).content.decode()
        assert "The provider is busy." in desk.get(address(Conversion, "change", conversion.pk)).content.decode()

    @pytest.mark.parametrize("column", ["pk", "batch_id", "article_id", "user_id"])
    def test_a_pasted_id_finds_it(self, desk: Client, acme: User, globex: User, column: str) -> None:
        conversion = make_conversion(acme)
        make_conversion(globex)
        page = desk.get(address(Conversion, "changelist"), {"q": str(getattr(conversion, column))})
        assert list(page.context["cl"].queryset) == [conversion]

    @pytest.mark.parametrize("query", ["within=hour", "status__exact=failed", "failure_code=rate-limited"])
    def test_filters_narrow_the_list(self, desk: Client, acme: User, query: str) -> None:
        failed = make_conversion(acme, status=Status.FAILED)
        make_conversion(acme, status=Status.SUCCEEDED, created_at=timezone.now() - timedelta(days=2))
        page = desk.get(f"{address(Conversion, 'changelist')}?{query}")
        assert list(page.context["cl"].queryset) == [failed]

    def test_a_filter_with_nonsense_shows_everything(self, desk: Client, acme: User) -> None:
        make_conversion(acme)
        page = desk.get(address(Conversion, "changelist") + "?within=century&failure_code=zz&provider=gemini")
        assert page.context["cl"].queryset.count() == 1

    def test_an_action_runs_failed_ones_again_and_says_why_not_the_others(
        self, desk: Client, staff: User, acme: User
    ) -> None:
        failed = make_conversion(acme, status=Status.FAILED)
        done = make_conversion(acme, status=Status.SUCCEEDED)
        said = act(desk, Conversion, "run_again", failed, done)
        assert "1 conversion runs again" in said
        assert "1 × This conversion is succeeded" in said
        failed.refresh_from_db()
        assert (failed.status, failed.run, failed.failure_code) == ("pending", 2, "")
        assert QuotaEntry.objects.get(conversion_id=failed.pk).actor == staff.email

    def test_an_action_cancels_and_gives_the_unit_back(self, desk: Client, acme: User) -> None:
        waiting = make_conversion(acme)
        with transaction.atomic():
            quota.reserve(user=acme, conversion_ids=[waiting.pk], actor=acme.email, now=timezone.now())
        assert "1 conversion is cancelled" in act(desk, Conversion, "cancel", waiting)
        waiting.refresh_from_db()
        acme.refresh_from_db()
        assert (waiting.status, acme.api_quota_used) == ("cancelled", 0)

    def test_staff_who_may_only_look_get_no_actions(self, db: None, acme: User) -> None:
        looker = make_user("looker@newsforge.example", is_staff=True)
        looker.user_permissions.set(Permission.objects.filter(codename="view_conversion"))
        browser = Client()
        browser.force_login(looker)
        failed = make_conversion(acme, status=Status.FAILED)
        act(browser, Conversion, "run_again", failed)
        failed.refresh_from_db()
        assert failed.status == "failed"

    def test_the_list_costs_the_same_for_one_row_and_for_fifty(
        self, desk: Client, acme: User, django_assert_max_num_queries: pytest.FixtureRequest
    ) -> None:
        for _ in range(50):
            make_conversion(acme)
        with django_assert_max_num_queries(8):  # type: ignore[operator] # the fixture is a context manager's maker
            desk.get(address(Conversion, "changelist"))


def user_form(user: User) -> dict[str, str]:
    """What the browser sends for the user's page as it stands."""
    return {
        "email": user.email,
        "username": user.username,
        "subscription_tier": user.subscription_tier,
        "api_quota_daily": str(user.api_quota_daily),
        "time_zone": user.time_zone,
        "is_active": "on",
    }


def act(client: Client, model: type[Model], action: str, *rows: Model, **more: str) -> str:
    """Run an action over rows and return what the page says then."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    return client.post(address(model, "changelist"), form, follow=True).content.decode()
