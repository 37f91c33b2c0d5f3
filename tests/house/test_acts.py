"""Looking changes nothing; whatever changes something is a POST with its form's token and leaves an audit entry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from accounts.models import User
from monitoring.models import AuditEntry
from newsforge.lib.levers import Lever, LeverAdmin
from tests.factories import make_one_of_each
from tests.house.test_admin import others
from tests.house.test_roles import FORM, shown, views
from tests.pages import address

pytestmark = pytest.mark.django_db

ASKS_OUTSIDE = {"probe"}
"""Levers that ask a provider."""


@pytest.fixture
def rows(acme: User) -> list[Model]:
    return [*make_one_of_each(acme), *others(acme)]


def levers(rows: list[Model]) -> Iterator[tuple[Model, Lever[Model], str]]:
    """Every lever of every row, and its address."""
    for row in rows:
        page = admin.site._registry[type(row)]
        if isinstance(page, LeverAdmin):
            for lever in page.levers:
                yield row, lever, address(type(row), "lever", row.pk, lever.name)


def test_looking_changes_nothing(rows: list[Model], desk: Client) -> None:
    before, entries = [shown(row) for row in rows], AuditEntry.objects.count()
    for page, _needed, name in views(rows):
        if name != "logout":
            desk.get(page)
            assert ([shown(row) for row in rows], AuditEntry.objects.count()) == (before, entries), page
    for row, lever, page in levers(rows):
        assert desk.get(page).status_code == (405 if lever.form is None else 200), (row, lever.name)
    assert ([shown(row) for row in rows], AuditEntry.objects.count()) == (before, entries)


def test_nothing_is_posted_without_the_token_of_its_form(rows: list[Model], staff: User) -> None:
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(staff)
    pages = [page for page, _needed, _name in views(rows)] + [page for _row, _lever, page in levers(rows)]
    answers = {page: stranger.post(page, {"post": "yes", **FORM}).status_code for page in pages}
    assert {page: status for page, status in answers.items() if status not in {403, 405}} == {}


def test_what_a_lever_changes_is_in_the_audit_log(rows: list[Model], desk: Client) -> None:
    changed = 0
    for row, lever, page in levers(rows):
        if lever.name in ASKS_OUTSIDE:
            continue
        before, entries = shown(row), AuditEntry.objects.filter(object_pk=str(row.pk)).count()
        desk.post(page, FORM)
        if type(row)._default_manager.filter(pk=row.pk).exists() and shown(row) != before:
            changed += 1
            assert AuditEntry.objects.filter(object_pk=str(row.pk)).count() > entries, lever.name
    assert changed >= 3
