"""Who changed what is written down: by saving, by acting, and never with a secret; and nobody takes it back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import keys
from accounts.models import AccessToken, ApiKey, User
from conversions import subscriptions
from conversions.models import Conversion
from monitoring.auditing import LEFT_OUT, WATCHED
from monitoring.models import AuditEntry, Channel, Incident
from newsforge.lib import client_address
from tests.factories import (
    ALERT_TOKEN,
    PASSWORD,
    PROVIDER_KEY,
    make_channel,
    make_conversion,
    make_endpoint,
    make_grant,
    make_incident,
    make_key,
    make_one_of_each,
    make_provider,
    make_token,
)
from tests.pages import act, address, pull

pytestmark = pytest.mark.django_db

APPS = ("accounts", "conversions", "monitoring")
OURS = {model._meta.label for app in APPS for model in apps.get_app_config(app).get_models()}


def last(row: Any) -> AuditEntry:
    entries = AuditEntry.objects.filter(object_pk=str(row.pk), content_type__model=row._meta.model_name)
    entry: AuditEntry = entries.latest("id")
    return entry


def everything() -> str:
    return json.dumps(list(AuditEntry.objects.values()), default=str)


def test_every_table_is_watched_or_written_by_the_service_itself() -> None:
    assert OURS - {*WATCHED, *LEFT_OUT} == set()
    assert {*WATCHED} & LEFT_OUT == set()


class TestSaving:
    def test_a_form_tells_who_from_where_and_before_and_after(self, desk: Client, staff: User, acme: User) -> None:
        page = desk.get(address(User, "change", acme.pk))
        form = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
        form |= {
            "api_quota_daily": "250",
            "subscription_tier": "pro",
            "reason": "a test",
            "groups": [],
            "user_permissions": [],
        }
        desk.post(address(User, "change", acme.pk), form, REMOTE_ADDR="203.0.113.7")
        acme.refresh_from_db()
        entries = AuditEntry.objects.filter(object_pk=str(acme.pk), actor_email=staff.email)
        changes = {name: pair for entry in entries for name, pair in entry.changes.items()}
        assert changes["api_quota_daily"] == ["100", "250"]
        assert changes["subscription_tier"] == ["free", "pro"]
        assert {entry.remote_addr for entry in entries} == {"203.0.113.7"}
        assert {entry.actor_id for entry in entries} == {staff.pk}

    def test_a_group_given_and_taken_is_told(self, acme: User) -> None:
        group = Group.objects.create(name="desk")
        acme.groups.add(group)
        assert last(acme).changes == {"groups": {"type": "m2m", "operation": "add", "objects": ["desk"]}}

    def test_what_the_service_does_by_itself_has_no_author(self, acme: User) -> None:
        grant = make_grant(acme)
        entry = last(grant)
        assert (entry.action, entry.actor_email, entry.remote_addr) == (AuditEntry.Action.CREATE, "", None)
        assert entry.changes["reason"] == ["None", "election week"]

    def test_a_deletion_keeps_what_was_there(self, desk: Client, staff: User, acme: User) -> None:
        channel = make_channel(name="night desk")
        desk.post(address(Channel, "delete", channel.pk), {"post": "yes"})
        entry = last(channel)
        assert (entry.action, entry.object_repr, entry.actor_email) == (2, str(channel), staff.email)


class TestActing:
    def test_an_action_tells_what_it_changed_and_why(self, desk: Client, staff: User, acme: User) -> None:
        row = make_conversion(acme)
        act(desk, Conversion, "cancel", row)
        entry = last(row)
        assert (entry.actor_email, entry.remote_addr) == (staff.email, "127.0.0.1")
        assert entry.additional_data == {"did": "cancelled"}
        assert entry.changes["status"] == ["pending", "cancelled"]
        assert entry.cid

    def test_a_reason_is_kept_with_the_act(self, desk: Client) -> None:
        setting = make_provider()
        pull(desk, setting, "disable", reason="they ask us to")
        entries = AuditEntry.objects.filter(object_pk=str(setting.pk)).order_by("-id")[:2]
        assert entries[0].additional_data == {"did": "disabled: they ask us to"}
        assert entries[1].changes["is_enabled"] == ["True", "False"]

    def test_what_a_saved_row_tells_is_not_told_twice(self, desk: Client, acme: User) -> None:
        token = make_token(acme)[0]
        act(desk, AccessToken, "revoke", token)
        told = [entry.changes for entry in AuditEntry.objects.filter(object_pk=str(token.pk)).order_by("-id")[:2]]
        assert told[0] == {}
        assert told[1]["revoked_at"][0] == "None"

    def test_an_incident_tells_what_was_done_about_it(self, desk: Client) -> None:
        incident = make_incident()
        act(desk, Incident, "acknowledge", incident, reason="on it")
        assert last(incident).changes["acknowledged_by"] == ["", "staff@newsforge.example"]

    def test_giving_the_day_back_tells_how_much_was_used(self, desk: Client, acme: User) -> None:
        User.objects.filter(pk=acme.pk).update(api_quota_used=7)
        act(desk, User, "give_day_back", acme, reason="a test")
        assert last(acme).changes["api_quota_used"] == ["7", "0"]

    def test_a_secret_typed_into_a_reason_is_taken_out(self, desk: Client) -> None:
        setting = make_provider()
        pull(desk, setting, "disable", reason=f"leaked: {PROVIDER_KEY}")
        assert PROVIDER_KEY not in everything()


def test_no_entry_holds_a_secret(desk: Client, acme: User) -> None:
    acme.set_password("another good pass phrase")
    acme.save()
    make_one_of_each(acme)
    key, (token, plaintext) = make_key(acme), make_token(acme)
    endpoint, secret = make_endpoint(acme), ""
    for _ in range(2):  # the second time there is an old secret too
        endpoint, secret = subscriptions.rotate_secret(endpoint=endpoint, now=endpoint.created_at)
    act(desk, AccessToken, "revoke", token)
    channel = Channel.objects.get()
    canaries = [
        PASSWORD, acme.password, PROVIDER_KEY, key.encrypted_key, key.fingerprint, plaintext, token.secret_hash,
        secret, endpoint.encrypted_secret, endpoint.previous_secret, ALERT_TOKEN, channel.sealed_url, channel.digest,
        "SEALED-SECRET",
    ]  # fmt: skip
    for row in (key, token, endpoint, channel, acme):
        row.delete()
    told = everything()
    assert [canary for canary in canaries if canary in told] == []
    assert keys.reveal(key=make_key(acme_again())) == PROVIDER_KEY  # the canary is what is stored
    assert {"password", "encrypted_key", "secret_hash", "encrypted_secret", "sealed_url"} <= {
        name for changes in AuditEntry.objects.values_list("changes", flat=True) for name in changes
    }


def acme_again() -> User:
    return User.objects.create_user("again@acme.example", PASSWORD, email_verified=True)


class TestOnlyAdded:
    @pytest.mark.parametrize(
        "statement",
        ["UPDATE audit_entries SET actor_email = ''", "DELETE FROM audit_entries", "TRUNCATE audit_entries"],
    )
    def test_the_database_refuses_anything_but_another_entry(self, acme: User, statement: str) -> None:
        count = AuditEntry.objects.count()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL newsforge.audit_truncate = 'off'")
            with pytest.raises(Error, match="only added to"), transaction.atomic():
                cursor.execute(statement)
        assert AuditEntry.objects.count() == count > 0

    def test_a_model_refuses_too(self, acme: User) -> None:
        entry = last(acme)
        with pytest.raises(TypeError, match="neither changed nor removed"):
            entry.save()
        with pytest.raises(TypeError, match="neither changed nor removed"):
            entry.delete()

    def test_an_account_that_goes_leaves_what_it_did(self, desk: Client, staff: User, acme: User) -> None:
        row = make_conversion(acme)
        act(desk, Conversion, "cancel", row)
        User.objects.filter(pk=staff.pk).delete()
        assert last(row).actor_email == "staff@newsforge.example"

    def test_the_tables_of_the_package_itself_are_not_made(self) -> None:
        assert "auditlog_logentry" not in connection.introspection.table_names()


class TestReading:
    def test_the_history_of_a_row_shows_it_in_one_click(self, desk: Client, acme: User) -> None:
        row = make_conversion(acme)
        act(desk, Conversion, "cancel", row)
        page = desk.get(address(Conversion, "history", row.pk)).content.decode()
        for told in ("staff@newsforge.example", "127.0.0.1", "cancelled", "<del>pending</del>"):
            assert told in page

    def test_entries_are_found_by_a_pasted_id_a_request_and_an_address(self, desk: Client, acme: User) -> None:
        row = make_conversion(acme)
        act(desk, Conversion, "cancel", row)
        entry = last(row)
        for term in (str(row.pk), str(entry.cid), entry.actor_email):
            found = desk.get(address(AuditEntry, "changelist"), {"q": term}).context["cl"].result_list
            assert entry in found, term
        filters = {"who": entry.actor_email, "kind": "conversions.conversion", "action__exact": "1"}
        assert list(desk.get(address(AuditEntry, "changelist"), filters).context["cl"].result_list) == [entry]

    def test_a_page_of_many_is_cheap(self, desk: Client, acme: User) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_entries (content_type_id, object_pk, object_repr, action, changes)"
                " SELECT content_type_id, i::text, object_repr, action, changes"
                " FROM audit_entries CROSS JOIN generate_series(1, 200) i WHERE object_pk = %s LIMIT 200",
                [str(acme.pk)],
            )
        with CaptureQueriesContext(connection) as asked:
            desk.get(address(AuditEntry, "changelist"))
        assert len(asked) <= 12


def test_the_door_asks_nothing_more_for_being_audited(acme: User) -> None:
    """Saving a conversion, its quota and its article leaves no entry, and the request looks nobody up."""
    before = AuditEntry.objects.count()
    plaintext = make_token(acme)[1]
    body = {"text": "수원시가 24시간 도서관을 열었다. " * 20, "platforms": ["x", "threads"]}
    made = Client().post(
        "/api/v1/conversions", body, "application/json", headers={"Authorization": f"Bearer {plaintext}"}
    )
    assert made.status_code == 202
    assert AuditEntry.objects.count() == before + 1  # the token's own
    assert ApiKey.objects.count() == 0


class TestWhere:
    @pytest.mark.parametrize(
        ("connected", "named", "expected"),
        [
            ("203.0.113.7", "", "203.0.113.7"),
            ("203.0.113.7", "198.51.100.9", "203.0.113.7"),  # no proxy of ours: what it says counts for nothing
            ("127.0.0.1", "198.51.100.9", "198.51.100.9"),
            ("127.0.0.1", "10.9.9.9, 198.51.100.9", "198.51.100.9"),  # the first was written by the client
            ("127.0.0.1", "198.51.100.9, 10.1.2.3", "198.51.100.9"),
            ("127.0.0.1", "rubbish", "127.0.0.1"),
            ("::ffff:127.0.0.1", "2001:db8::7", "2001:db8::7"),
            ("", "", None),
        ],
    )
    def test_only_a_proxy_of_ours_is_believed(
        self, settings: Settings, connected: str, named: str, expected: str | None
    ) -> None:
        settings.TRUSTED_PROXIES = ["127.0.0.1", "10.1.0.0/16"]
        request = RequestFactory().get("/", REMOTE_ADDR=connected, HTTP_X_FORWARDED_FOR=named)
        assert client_address.of(request) == expected


def test_commands_leave_entries_too() -> None:
    call_command("create_user", "new@acme.example", password="correct horse battery")
    assert last(User.objects.get(email="new@acme.example")).action == AuditEntry.Action.CREATE
