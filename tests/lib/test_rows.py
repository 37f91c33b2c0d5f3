"""Rows written and read by plain SQL are the rows the ORM would have written and read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from accounts.models import QuotaEntry, User
from conversions.models import Attempt, Conversion
from newsforge.lib import rows
from tests.factories import make_attempt, make_conversion

pytestmark = pytest.mark.django_db


def test_rows_get_their_keys_in_the_order_they_were_given(acme: User) -> None:
    entries = [QuotaEntry(user=acme, kind="adjust", units=units) for units in (3, 1, 2)]
    rows.insert(rows=entries, fields=("user", "kind", "units"))
    assert [QuotaEntry.objects.get(pk=entry.pk).units for entry in entries] == [3, 1, 2]
    assert QuotaEntry.objects.get(pk=entries[0].pk).actor == "system"


def test_an_update_finds_its_row_once_and_keeps_every_kind_of_value(acme: User) -> None:
    attempt = make_attempt(make_conversion(acme), state="open", reply=None)
    values = {"state": "answered", "reply": {"body": "수원 'x' 50 %"}, "cost_usd": Decimal("0.000120")}
    where = {"pk": attempt.pk, "state": "open"}
    assert rows.update(model=Attempt, where=where, values=values) == 1
    assert rows.update(model=Attempt, where=where, values=values) == 0
    attempt.refresh_from_db()
    assert (attempt.reply, attempt.cost_usd) == ({"body": "수원 'x' 50 %"}, Decimal("0.000120"))


def test_a_row_an_outer_join_missed_is_none(acme: User) -> None:
    orphan = make_conversion(None)
    for wanted, owner in ((make_conversion(acme), acme), (orphan, None)):
        with connection.cursor() as cursor:
            columns = f"{rows.columns(Conversion, 'taken')}, {rows.columns(User, 'owner')}"
            joined = "conversion_logs taken LEFT JOIN users owner ON owner.id = taken.user_id"
            cursor.execute(f"SELECT {columns} FROM {joined} WHERE taken.id = %s", [wanted.pk])  # noqa: S608 - names of ours
            found = cursor.fetchone()
        assert list(rows.read(found, Conversion, User)) == [wanted, owner]
