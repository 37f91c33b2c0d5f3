"""Which tables leave an entry in the audit log whenever a row of them is saved or deleted, and which do not."""

from __future__ import annotations

from typing import NamedTuple

from auditlog.registry import auditlog
from django.apps import apps
from django.db.models import Model

from newsforge.lib.audit import is_secret


class Watch(NamedTuple):
    """What is not worth an entry of a model, and what is joined to its rows."""

    without: frozenset[str] = frozenset()
    """Columns the service itself moves as it runs."""
    joined: frozenset[str] = frozenset()


WATCHED = {
    "auth.Group": Watch(joined=frozenset({"permissions"})),
    "accounts.User": Watch(
        without=frozenset({"api_quota_used", "last_quota_reset", "updated_at"}),
        joined=frozenset({"groups", "user_permissions"}),
    ),
    "mfa.Authenticator": Watch(without=frozenset({"data", "last_used_at"})),
    "accounts.ApiKey": Watch(without=frozenset({"last_used", "usage_count", "fingerprint"})),
    "accounts.AccessToken": Watch(without=frozenset({"last_used"})),
    "accounts.QuotaGrant": Watch(),
    "conversions.PromptVersion": Watch(),
    "conversions.ProviderSetting": Watch(without=frozenset({"updated_at"})),
    "conversions.WebhookEndpoint": Watch(),
    "monitoring.Channel": Watch(without=frozenset({"digest", "last_sent_at", "last_error", "last_error_at"})),
}

LEFT_OUT = frozenset(
    {
        "accounts.IdempotencyRecord", "accounts.LoginSession", "accounts.MonthlySpend", "accounts.QuotaEntry",
        "conversions.Article", "conversions.Attempt", "conversions.CircuitTransition", "conversions.Conversion",
        "conversions.HourlySpend", "conversions.HourlyTally", "conversions.PostVersion", "conversions.WebhookDelivery",
        "monitoring.AuditEntry", "monitoring.BeatRun", "monitoring.Dependency", "monitoring.Heartbeat",
        "monitoring.Incident", "monitoring.Notification", "monitoring.SystemMetric",
    }
)  # fmt: skip
"""Written by the service as it runs; what staff do with a row of them is noted by the admin."""


def register() -> None:
    """Watch the tables; call it once, when every model is loaded."""
    for label, watch in WATCHED.items():
        model: type[Model] = apps.get_model(label)
        names = [field.name for field in model._meta.concrete_fields if field.name not in watch.without]
        auditlog.register(
            model,
            include_fields=names,
            mask_fields=[name for name in names if is_secret(model=model, name=name)],
            m2m_fields=watch.joined,
        )
