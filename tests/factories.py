"""Rows for the tests: plain functions, every value can be said, what is not said is ordinary."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts import keys, services
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
from conversions import active_prompts, prompt_versions
from conversions.enums import Payer, Platform, Provider, Status, Verdict
from conversions.models import (
    Article,
    Attempt,
    CircuitTransition,
    Conversion,
    HourlySpend,
    HourlyTally,
    PostVersion,
    PromptVersion,
    ProviderSetting,
    WebhookDelivery,
    WebhookEndpoint,
)
from conversions.pipeline.prompts import DEFAULT
from monitoring import channels
from monitoring.models import AuditEntry, BeatRun, Channel, Dependency, Heartbeat, Incident, Notification, SystemMetric

PASSWORD = "correct horse battery"
ALERT_TOKEN = "B01A2B3C4D5E6F7G8H"
PROVIDER_KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123"
TEXT = """수원시가 월요일 24시간 도서관을 열었다. 4층 건물을 짓는 데 24억 원이 들었다.
이재준 시장은 "밤에 일하는 시민과의 약속"이라고 말했다. 장서는 3만 8000권이다."""

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"

_numbers = count(1)


def make_user(email: str = "", **fields: Any) -> User:
    """A user with PASSWORD and a proven address; 100 conversions a day, so that quota is no matter in most tests."""
    fields = {"api_quota_daily": 100, "email_verified": True} | fields
    return User.objects.create_user(email or f"person{next(_numbers)}@example.com", PASSWORD, **fields)


def make_staff(email: str = "staff@newsforge.example", **fields: Any) -> User:
    """Somebody who may do everything in the admin."""
    return User.objects.create_superuser(email, PASSWORD, **fields)


def make_token(user: User, **fields: Any) -> tuple[AccessToken, str]:
    """A token's row and the token itself."""
    return services.issue_token(user=user, name=fields.pop("name", "newsroom"), **fields)


def make_key(
    user: User, *, plaintext: str = "sk-proj-abcdefghijklmnopqrstuvwxyz0123", provider: str = "openai"
) -> ApiKey:
    return keys.store_key(user=user, name="our key", provider=provider, plaintext=plaintext)


def make_article(user: User | None = None, **fields: Any) -> Article:
    """An article that was read."""
    values = {
        "url": "https://news.example/suwon",
        "title": "수원, 24시간 도서관 개관",
        "text": TEXT,
        "language": "ko",
        "site": "News Example",
        "verdict": Verdict.OK,
        "read_at": timezone.now(),
        "read_ms": 120,
    }
    return Article.objects.create(user=user, **values | fields)


def make_conversion(user: User | None = None, **fields: Any) -> Conversion:
    """A conversion: pending unless a status is given; a final one has what belongs to it."""
    article = fields.pop("article", None) or make_article(user)
    status = Status(fields.get("status", Status.PENDING))
    values: dict[str, Any] = {"source_url": article.url, "target_platform": Platform.X}
    if status == Status.FAILED:
        values |= {"failure_code": "rate-limited", "error_message": "The provider is busy.", "fault": "provider"}
    if status == Status.SUCCEEDED:
        values |= {
            "content_generated": "수원시가 24시간 도서관을 열었습니다.",
            "content_language": "ko",
            "hashtags": ["수원", "도서관"],
            "length": 38,
            "limit": 280,
            "provider": Provider.OPENAI,
            "model": "gpt-6-luna",
            "tokens_used": 960,
            "cost_usd": Decimal("0.001200"),
            "timings": {"generate": 840, "fit": 2},
            "findings": [{"kind": "number", "excerpt": "24", "message": "Check this number."}],
            "finished_at": timezone.now(),
        }
    return Conversion.objects.create(user=user, article=article, **values | fields)


def make_attempt(conversion: Conversion, **fields: Any) -> Attempt:
    values = {
        "prompt_hash": "0" * 64,
        "provider": Provider.OPENAI,
        "model": "gpt-6-luna",
        "payer": Payer.USER,
        "state": "answered",
        "reply": {"title": "", "body": "수원", "hashtags": []},
        "input_tokens": 900,
        "output_tokens": 60,
    }
    return Attempt.objects.create(conversion=conversion, **values | fields)


def make_tally(**fields: Any) -> HourlyTally:
    now = timezone.now()
    values = {"hour": now.replace(minute=0, second=0, microsecond=0), "platform": "x", "status": "succeeded"}
    return HourlyTally.objects.create(**{"count": 3, "counted_at": now} | values | fields)


def make_hourly_spend(**fields: Any) -> HourlySpend:
    now = timezone.now()
    counts = {"calls": 3, "failed": 0, "input_tokens": 900, "output_tokens": 60, "unpriced": 0}
    values = {"hour": now.replace(minute=0, second=0, microsecond=0), "provider": "openai", "payer": "user"}
    return HourlySpend.objects.create(**{"cost_usd": Decimal("0.01"), "counted_at": now} | counts | values | fields)


def make_version(conversion: Conversion, **fields: Any) -> PostVersion:
    values = {
        "number": 1,
        "text": "수원에 밤새 여는 도서관이 생겼습니다.",
        "length": 38,
        "limit": 280,
        "author": "openai",
    }
    return PostVersion.objects.create(conversion=conversion, **values | fields)


def make_grant(user: User, **fields: Any) -> QuotaGrant:
    now = timezone.now()
    values = {"extra_daily": 20, "starts_at": now, "ends_at": now + timedelta(days=3), "reason": "election week"}
    return QuotaGrant.objects.create(user=user, **values | fields)


def make_entry(user: User, **fields: Any) -> QuotaEntry:
    return QuotaEntry.objects.create(
        user=user, **{"kind": "reserve", "units": 1, "conversion_id": uuid.uuid4()} | fields
    )


def make_spend(user: User | None, **fields: Any) -> MonthlySpend:
    month = timezone.now().date().replace(day=1)
    return MonthlySpend.objects.create(user=user, **{"month": month, "spent_usd": Decimal("1.25")} | fields)


def make_idempotency_record(user: User, **fields: Any) -> IdempotencyRecord:
    values = {"key": str(uuid.uuid4()), "request_hash": "0" * 64, "status_code": 202, "body": "{}"}
    return IdempotencyRecord.objects.create(user=user, **values | fields)


def make_login(user: User, **fields: Any) -> LoginSession:
    """A browser the user is logged in with, and its session."""
    browser = Client(headers={"user-agent": USER_AGENT})
    browser.force_login(user)
    row = LoginSession.objects.get(session_id=browser.session.session_key)
    LoginSession.objects.filter(pk=row.pk).update(**{"user_agent": USER_AGENT} | fields)
    row.refresh_from_db()
    return row


def make_endpoint(user: User, **fields: Any) -> WebhookEndpoint:
    values = {"url": "https://client.example/hook", "encrypted_secret": "v1.k1.SEALED-SECRET"}
    return WebhookEndpoint.objects.create(user=user, **values | fields)


def make_delivery(endpoint: WebhookEndpoint, **fields: Any) -> WebhookDelivery:
    return WebhookDelivery.objects.create(
        endpoint=endpoint, **{"event": "conversion.succeeded", "payload": {"id": "1"}} | fields
    )


def make_metric(**fields: Any) -> SystemMetric:
    return SystemMetric.objects.create(**{"metric_name": "queue_depth", "metric_value": Decimal(3)} | fields)


def make_heartbeat(**fields: Any) -> Heartbeat:
    return Heartbeat.objects.create(**{"name": "beat@host", "kind": "beat"} | fields)


def make_beat_run(**fields: Any) -> BeatRun:
    return BeatRun.objects.create(**{"task": "conversions.reap_stuck", "took_ms": 12} | fields)


def make_dependency(**fields: Any) -> Dependency:
    return Dependency.objects.create(**{"name": "redis", "status": "healthy"} | fields)


def make_provider(provider: str = "openai", **fields: Any) -> ProviderSetting:
    """The row a migration made, changed; or a new one where a test's clean-up took it."""
    row, _ = ProviderSetting.objects.update_or_create(provider=provider, defaults=fields)
    return row


def make_prompt(**fields: Any) -> PromptVersion:
    """A draft with the shipped words."""
    values = {"version": f"draft-{next(_numbers)}", "system_template": DEFAULT.system, "user_template": DEFAULT.user}
    return PromptVersion.objects.create(**values | fields)


def make_default_prompt() -> PromptVersion:
    """The row a migration made; or a new one where a test's clean-up took it."""
    found = PromptVersion.objects.filter(version=DEFAULT.version).first()
    return found or activate_prompt(version=DEFAULT.version)


def activate_prompt(**fields: Any) -> PromptVersion:
    """A version that every conversion from now on is asked with."""
    version = make_prompt(**fields)
    prompt_versions.activate(version=version, actor="staff", now=timezone.now())
    active_prompts.forget()
    return version


def make_transition(**fields: Any) -> CircuitTransition:
    values = {"circuit": "openai", "from_state": "closed", "to_state": "open", "reason": "3 failures in 60 s"}
    return CircuitTransition.objects.create(**values | fields)


def make_channel(**fields: Any) -> Channel:
    """A channel whose address is sealed."""
    channel = Channel(**{"name": "desk", "shown": "json https://hooks.example.com:443/…"} | fields)
    if not channel.digest:
        channels.seal(channel=channel, url=f"jsons://hooks.example.com/{ALERT_TOKEN}/{channel.pk}")
    channel.save(force_insert=True)
    return channel


def make_incident(**fields: Any) -> Incident:
    values = {
        "kind": "redis",
        "fingerprint": "sweep/redis/redis",
        "severity": "critical",
        "summary": "Redis does not answer",
        "critical_since": timezone.now(),
    }
    return Incident.objects.create(**values | fields)


def make_notification(incident: Incident, channel: Channel, **fields: Any) -> Notification:
    now = timezone.now()
    values = {
        "channel_name": channel.name,
        "kind": "alert",
        "severity": incident.severity,
        "due_at": now,
        "give_up_at": now + timedelta(days=1),
    }
    return Notification.objects.create(incident=incident, channel=channel, **values | fields)


def make_one_of_each(user: User) -> list[Model]:
    """One row of every table we have, all the user's."""
    conversion = make_conversion(user, status=Status.SUCCEEDED)
    endpoint = make_endpoint(user)
    channel, incident = make_channel(), make_incident()
    return [
        user,
        make_key(user),
        make_token(user)[0],
        make_grant(user),
        make_entry(user),
        make_spend(user),
        make_idempotency_record(user),
        make_login(user),
        conversion.article or make_article(user),
        conversion,
        make_attempt(conversion),
        make_tally(),
        make_hourly_spend(),
        make_version(conversion),
        endpoint,
        make_delivery(endpoint, conversion=conversion),
        make_provider(),
        make_prompt(),
        make_transition(),
        make_metric(),
        make_heartbeat(),
        make_beat_run(),
        make_dependency(),
        channel,
        incident,
        make_notification(incident, channel),
        AuditEntry.objects.all()[0],
    ]
