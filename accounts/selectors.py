"""What others may ask about accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from accounts import quota
from accounts.enums import KeyStatus
from accounts.models import AccessToken, ApiKey, QuotaGrant, User

MOST_PEOPLE = 50
"""Users one typed text may stand for."""


def keys_of(*, user: User) -> QuerySet[ApiKey]:
    """Return the user's provider keys, unordered."""
    return ApiKey.objects.filter(user=user)


def tokens_of(*, user: User) -> QuerySet[AccessToken]:
    """Return the user's access tokens, ended ones too, unordered."""
    return AccessToken.objects.filter(user=user)


def valid_at(*, now: datetime) -> Q:
    """Return the condition of access tokens that open the door at a moment."""
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))


def pasted_keys(*, term: str) -> Q:
    """Return the condition of provider keys somebody pasted: whole, by their ends as shown, or by a beginning."""
    term = term.strip()
    prefix, dots, last_four = term.partition("…")
    if dots:
        return Q(prefix=prefix, last_four=last_four)
    digest = hashlib.sha256(term.encode()).hexdigest()
    return Q(fingerprint__in=(term, digest)) | (Q(prefix__startswith=term) if term else Q())


def keys_needing_attention() -> int:
    """Return how many keys in use a person has to look at: refused by their provider, or unreadable."""
    return ApiKey.objects.filter(is_active=True, status=KeyStatus.NEEDS_ATTENTION).count()


def people_like(*, text: str) -> list[UUID]:
    """Return the ids of users with this id, or whose e-mail address has this text in it; the 50 oldest at most."""
    text = text.strip()
    try:
        return [UUID(text)]
    except ValueError:
        found = User.objects.filter(email__icontains=text).order_by("created_at")
        return list(found.values_list("pk", flat=True)[:MOST_PEOPLE])


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is left of one user's day."""

    user: User
    left: int


def shares_of(*, users: Collection[UUID], now: datetime) -> dict[UUID, Share]:
    """Return what is left of each user's day, of all of them in two queries."""
    grants = QuotaGrant.objects.filter(user__in=users, starts_at__lte=now, ends_at__gt=now)
    extra = dict(grants.values("user").annotate(extra=Sum("extra_daily")).values_list("user", "extra"))
    shares = {}
    for user in User.objects.filter(pk__in=users):
        limit = user.api_quota_daily + extra.get(user.pk, 0)
        shares[user.pk] = Share(user=user, left=max(0, limit - quota.used_today(user=user, now=now)))
    return shares


def keys_in_trouble(*, provider: str) -> list[tuple[str, int]]:
    """Return what is wrong with keys in use at a provider, as codes, and with how many; the most frequent first."""
    keys = ApiKey.objects.filter(is_active=True, status=KeyStatus.NEEDS_ATTENTION, provider=provider)
    counted = keys.values_list("status_reason").annotate(count=Count("pk"))
    return list(counted.order_by("-count", "status_reason"))


def granted(*, now: datetime) -> Coalesce:
    """Return the expression for what running grants give a user a day."""
    running = QuotaGrant.objects.filter(user=OuterRef("pk"), starts_at__lte=now, ends_at__gt=now).order_by()
    given = running.values("user").annotate(sum=Sum("extra_daily")).values("sum")
    return Coalesce(Subquery(given, output_field=IntegerField()), Value(0))


@dataclass(frozen=True, slots=True)
class NearQuota:
    """Somebody who has nearly used up the day, grants included."""

    user_id: UUID
    email: str
    used: int
    limit: int


def near_quota(*, now: datetime, most: int) -> list[NearQuota]:
    """Return active users who have used four fifths of their day or more, the nearest to its end first."""
    used = User.objects.filter(is_active=True, api_quota_used__gt=0, api_quota_used__gte=F("api_quota_daily") * 0.8)
    within = used.annotate(limit=F("api_quota_daily") + granted(now=now)).filter(api_quota_used__gte=F("limit") * 0.8)
    share = Cast(F("api_quota_used"), FloatField()) / NullIf(F("limit"), 0)
    nearest = within.order_by(share.desc(nulls_first=True), "email")[:most]
    return [NearQuota(*row) for row in nearest.values_list("pk", "email", "api_quota_used", "limit")]
