"""Each role opens what it may and nothing else: every page, form, action and view of the admin, over the registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from accounts.enums import Role
from accounts.models import User
from monitoring import roles
from monitoring.models import AuditEntry
from tests.factories import make_one_of_each, make_user
from tests.house.test_admin import others
from tests.pages import address

pytestmark = pytest.mark.django_db

NEEDED = {"changelist": "view", "change": "view", "history": "view", "add": "add", "delete": "delete"}
FORM = {"reason": "a test", "hours": "1", "minutes": "5"}
ASKS_OUTSIDE = {"test_now", "send_test"}
OPEN_TO_ALL_STAFF = {"index", "logout", "password_change", "password_change_done", "jsi18n", "autocomplete", "app_list",
                     "view_on_site", "login"}  # fmt: skip


def colleague(role: Role) -> Client:
    user = make_user(f"{role}@newsforge.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role.value))
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def names(patterns: list[URLPattern | URLResolver] | Any) -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from names(each.url_patterns)
        elif each.name:
            yield each.name


def views(rows: list[Model]) -> Iterator[tuple[str, str, str]]:
    """Every view of the site as (address, permission it needs or nothing, name)."""
    of = {f"{type(row)._meta.app_label}_{type(row)._meta.model_name}": row for row in rows}
    for name in dict.fromkeys(names(admin.site.get_urls())):
        owner = next((each for each in sorted(of, key=len, reverse=True) if name.startswith(f"{each}_")), None)
        row = of[owner] if owner else None
        args: tuple[Any, ...]
        for args in ((), (row.pk if row else 1,), ("accounts",)):
            try:
                found = reverse(f"admin:{name}", args=args)
            except NoReverseMatch:
                continue
            verb = NEEDED.get(name.removeprefix(f"{owner}_")) if owner else None
            yield found, f"{row._meta.app_label}.{verb}_{row._meta.model_name}" if row and verb else "", name
            break


@pytest.fixture
def rows(acme: User) -> list[Model]:
    return [*make_one_of_each(acme), *others(acme)]


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_it_may(role: Role, rows: list[Model], desk: Client) -> None:
    desk.raise_request_exception = False
    client, wrong, opened = colleague(role), [], 0
    for page, needed, name in views(rows):
        if name == "logout":
            continue
        all_may, answer = desk.get(page).status_code, client.get(page)
        if needed:
            expected = 200 if all_may == 200 and roles.may(role=role, permission=needed) else 403
            fits = answer.status_code == expected
        else:
            fits = answer.status_code in {200, 302, 403, 404, 405} and all_may < 500
        opened += answer.status_code == 200
        if not fits:
            wrong.append((page, answer.status_code, all_may))
    assert wrong == []
    assert opened > 40


@pytest.mark.parametrize("role", Role)
def test_no_role_sees_a_secret(role: Role, rows: list[Model], acme: User) -> None:
    client = colleague(role)
    secrets = [value for row in rows for name in ("password", "encrypted_key", "secret_hash", "encrypted_secret",
               "sealed_url") if (value := getattr(row, name, ""))]  # fmt: skip
    assert len(secrets) == 5
    for page, _needed, name in views(rows):
        if name != "logout":
            body = client.get(page).getvalue().decode(errors="replace")
            assert [secret for secret in secrets if secret in body] == [], page


def test_nobody_else_opens_anything(rows: list[Model], globex: User) -> None:
    member = Client()
    member.force_login(globex)
    for client in (Client(), member):
        for page, _needed, name in views(rows):
            answer = client.get(page)
            assert answer.status_code in {302, 403} or name in {"login", "jsi18n", "logout"}, (page, answer.status_code)
            assert b"editor@acme.example" not in answer.content, page


def actions(client: Client, rows: list[Model]) -> Iterator[tuple[Model, str]]:
    for row in rows:
        page = admin.site._registry[type(row)]
        for _function, name, _label in page._get_base_actions():  # type: ignore[attr-defined] # Django's own, without a type
            if name not in ASKS_OUTSIDE:
                yield row, name


def shown(row: Model) -> dict[str, Any]:
    now = type(row)._default_manager.get(pk=row.pk)
    return {field.attname: getattr(now, field.attname) for field in row._meta.concrete_fields}


def test_who_may_only_look_changes_nothing(rows: list[Model], globex: User) -> None:
    member = Client()
    member.force_login(globex)
    viewer = colleague(Role.VIEWER)
    for client in (viewer, member):
        before = [shown(row) for row in rows]
        entries = AuditEntry.objects.count()
        for row, name in actions(client, rows):
            form = {"action": name, "_selected_action": [str(row.pk)], "post": "yes", **FORM}
            client.post(address(type(row), "changelist"), form)
        assert [shown(row) for row in rows] == before
        assert AuditEntry.objects.count() == entries


def test_what_an_action_changes_is_in_the_audit_log(rows: list[Model], desk: Client) -> None:
    changed = 0
    for row, name in actions(desk, rows):
        if name == "delete_selected":
            continue
        before, entries = shown(row), AuditEntry.objects.filter(object_pk=str(row.pk)).count()
        form = {"action": name, "_selected_action": [str(row.pk)], **FORM}
        assert desk.post(address(type(row), "changelist"), form).status_code < 400, name
        if shown(row) != before:
            changed += 1
            assert AuditEntry.objects.filter(object_pk=str(row.pk)).count() > entries, name
    assert changed >= 5


def test_actions_need_more_than_to_look(rows: list[Model]) -> None:
    request = RequestFactory().get("/")
    request.user = make_user("v@newsforge.example", is_staff=True)
    request.user.groups.add(Group.objects.get(name="viewer"))
    offered = {name for row in rows for name in admin.site._registry[type(row)].get_actions(request)}
    assert {name for name in offered if not name.startswith("export")} == set()


class TestTheGroups:
    def test_they_come_with_the_tables_and_are_mended_by_migrating(self) -> None:
        viewer = Group.objects.get(name="viewer")
        viewer.permissions.set(Permission.objects.filter(codename="delete_user"))
        call_command("migrate", verbosity=0)
        codes = set(viewer.permissions.values_list("codename", flat=True))
        assert "view_conversion" in codes
        assert {code for code in codes if not code.startswith("view_")} == set()

    def test_nobody_may_touch_the_audit_log(self) -> None:
        codes = {"add_auditentry", "change_auditentry", "delete_auditentry"}
        assert not Group.objects.filter(permissions__codename__in=codes).exists()

    def test_a_role_is_not_edited_by_hand(self, desk: Client) -> None:
        role = Group.objects.get(name="operator")
        assert desk.post(address(Group, "change", role.pk), {"name": "gods"}).status_code == 403
        assert desk.post(address(Group, "delete", role.pk), {"post": "yes"}).status_code == 403


class TestAccounts:
    def change(self, client: Client, user: User, **wanted: Any) -> int:
        form = {"email": user.email, "username": user.username, "subscription_tier": user.subscription_tier,
                "api_quota_daily": user.api_quota_daily, "time_zone": user.time_zone, "is_active": "on"}  # fmt: skip
        return client.post(address(User, "change", user.pk), form | wanted).status_code

    def test_support_suspends_a_member_and_changes_nothing_else(self, acme: User) -> None:
        client = colleague(Role.SUPPORT)
        self.change(
            client,
            acme,
            is_active="",
            email="mine@evil.example",
            subscription_tier="business",
            is_staff="on",
            reason="a test",
        )
        acme.refresh_from_db()
        assert (acme.is_active, acme.email, acme.subscription_tier, acme.is_staff) == (
            False, "editor@acme.example", "free", False,
        )  # fmt: skip
        assert client.get(reverse("admin:auth_user_password_change", args=[acme.pk])).status_code == 403

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.OPERATOR])
    def test_no_colleague_is_within_reach_of(self, role: Role) -> None:
        other = make_user("colleague@newsforge.example", is_staff=True)
        assert self.change(colleague(role), other, is_active="") == 403

    def test_an_admin_assigns_roles_and_makes_no_superuser(self, acme: User) -> None:
        client, group = colleague(Role.ADMIN), Group.objects.get(name="viewer")
        self.change(client, acme, is_staff="on", groups=[group.pk], is_superuser="on")
        acme.refresh_from_db()
        assert (acme.is_staff, acme.is_superuser, list(acme.groups.all())) == (True, False, [group])

    def test_an_admin_takes_no_superuser_over(self, staff: User) -> None:
        client = colleague(Role.ADMIN)
        assert self.change(client, staff, is_active="") == 403
        assert client.get(reverse("admin:auth_user_password_change", args=[staff.pk])).status_code == 403
