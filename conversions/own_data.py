"""Everything stored about one person, table by table: what the export hands over and a deletion takes away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from auditlog import get_logentry_model
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, F, Model, Q, QuerySet, When

from accounts.models import (
    AccessToken,
    ApiKey,
    IdempotencyRecord,
    LoginSession,
    MonthlySpend,
    QuotaEntry,
    QuotaGrant,
    User,
)
from conversions.models import Article, Attempt, Conversion, PostVersion, WebhookDelivery, WebhookEndpoint
from newsforge.lib.audit import is_secret

CHUNK = 500
"""Rows held at once while they are written."""

INTERNAL = frozenset(
    {"fingerprint", "claim", "lease_until", "woken_at", "prompt_hash", "request_hash", "locked_until", "html"}
)
"""Columns of how the service works, and what is left of secrets."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table and which of its rows are somebody's."""

    name: str
    model: type[Model]
    mine: Callable[[User], Q]
    without: frozenset[str] = frozenset()


def _owned(user: User) -> Q:
    return Q(user=user)


TABLES = (
    Table("profile", User, lambda user: Q(pk=user.pk)),
    Table("addresses", EmailAddress, _owned),
    Table("second_factors", Authenticator, _owned, frozenset({"data"})),
    Table("logins", LoginSession, _owned, frozenset({"session"})),
    Table("provider_keys", ApiKey, _owned),
    Table("access_tokens", AccessToken, _owned),
    Table("quota_grants", QuotaGrant, _owned, frozenset({"granted_by"})),
    Table("quota_entries", QuotaEntry, _owned, frozenset({"actor"})),
    Table("monthly_spends", MonthlySpend, _owned),
    Table("idempotency_records", IdempotencyRecord, _owned),
    Table("articles", Article, _owned),
    Table("conversions", Conversion, _owned, frozenset({"flag_note", "flagged_at"})),
    Table("post_versions", PostVersion, lambda user: Q(conversion__user=user)),
    Table("attempts", Attempt, lambda user: Q(conversion__user=user)),
    Table("webhook_endpoints", WebhookEndpoint, _owned),
    Table("webhook_deliveries", WebhookDelivery, lambda user: Q(endpoint__user=user)),
)


def export(*, user: User, now: datetime) -> Iterator[str]:
    """Yield one JSON document of all of it, written row by row; secrets are left out, keys are told by their ends."""
    yield f'{{"made_at": {_json(now)}'
    for table in TABLES:
        rows: QuerySet[Model] = QuerySet(table.model).filter(table.mine(user)).order_by("pk")
        yield from _listed(table.name, rows.values(*_columns(table)))
    yield from _listed("audit_entries", _audited(user))
    yield "}\n"


def _columns(table: Table) -> list[str]:
    fields = (field.name for field in table.model._meta.concrete_fields)
    hidden = INTERNAL | table.without
    return [name for name in fields if name not in hidden and not is_secret(model=table.model, name=name)]


def _audited(user: User) -> QuerySet[Any, dict[str, Any]]:
    """Return what was done to the account and by it; which of the staff acted, and where from, is not told."""
    about = Q(content_type=ContentType.objects.get_for_model(User), object_pk=str(user.pk))
    entries = get_logentry_model().objects.filter(about | Q(actor_id=user.pk)).order_by("pk")
    entries = entries.annotate(connected_from=Case(When(actor_id=user.pk, then=F("remote_addr"))))
    found: QuerySet[Any, dict[str, Any]] = entries.values(
        "timestamp", "action", "content_type__model", "object_pk", "changes", "connected_from"
    )
    return found


def _listed(name: str, rows: QuerySet[Any, dict[str, Any]]) -> Iterator[str]:
    yield f",\n{_json(name)}: ["
    for place, row in enumerate(rows.iterator(chunk_size=CHUNK)):
        yield ("," if place else "") + "\n  " + _json(row)
    yield "]"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
