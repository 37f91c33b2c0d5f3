"""What others may ask about accounts."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from accounts.enums import KeyStatus
from accounts.models import ApiKey, User


def keys_of(*, user: User) -> QuerySet[ApiKey]:
    """Return the user's provider keys, unordered."""
    return ApiKey.objects.filter(user=user)


def keys_needing_attention() -> int:
    """Return how many keys in use a person has to look at: refused by their provider, or unreadable."""
    return ApiKey.objects.filter(is_active=True, status=KeyStatus.NEEDS_ATTENTION).count()


def keys_in_trouble(*, provider: str) -> list[tuple[str, int]]:
    """Return what is wrong with keys in use at a provider, as codes, and with how many; the most frequent first."""
    keys = ApiKey.objects.filter(is_active=True, status=KeyStatus.NEEDS_ATTENTION, provider=provider)
    counted = keys.values_list("status_reason").annotate(count=Count("pk"))
    return list(counted.order_by("-count", "status_reason"))
