"""What others may ask about accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, FloatField, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce, NullIf

from accounts.enums import KeyStatus
from accounts.models import ApiKey, QuotaGrant, User


def keys_of(*, user: User) -> QuerySet[ApiKey]:
    """Return the user's provider keys, unordered."""
    return ApiKey.objects.filter(user=user)


def keys_needing_attention() -> int:
    """Return how many keys in use a person has to look at: refused by their provider, or unreadable."""
    return ApiKey.objects.filter(is_active=True, status=KeyStatus.NEEDS_ATTENTION).count()


@dataclass(frozen=True, slots=True)
class NearQuota:
    """Somebody who has nearly used up the day, grants included."""

    user_id: UUID
    email: str
    used: int
    limit: int


def near_quota(*, now: datetime, most: int) -> list[NearQuota]:
    """Return active users who have used four fifths of their day or more, the nearest to its end first."""
    grants = QuotaGrant.objects.filter(user=OuterRef("pk"), starts_at__lte=now, ends_at__gt=now).order_by()
    extra = Subquery(grants.values("user").annotate(sum=Sum("extra_daily")).values("sum"), output_field=IntegerField())
    used = User.objects.filter(is_active=True, api_quota_used__gt=0, api_quota_used__gte=F("api_quota_daily") * 0.8)
    within = used.annotate(limit=F("api_quota_daily") + Coalesce(extra, 0)).filter(api_quota_used__gte=F("limit") * 0.8)
    share = Cast(F("api_quota_used"), FloatField()) / NullIf(F("limit"), 0)
    nearest = within.order_by(share.desc(nulls_first=True), "email")[:most]
    return [NearQuota(*row) for row in nearest.values_list("pk", "email", "api_quota_used", "limit")]
