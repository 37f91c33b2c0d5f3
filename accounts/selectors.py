"""What others may ask about accounts."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.enums import KeyStatus
from accounts.models import ApiKey, User


def keys_of(*, user: User) -> QuerySet[ApiKey]:
    """Return the user's provider keys, unordered."""
    return ApiKey.objects.filter(user=user)


def keys_needing_attention() -> int:
    """Return how many keys in use a person has to look at: refused by their provider, or unreadable."""
    return ApiKey.objects.filter(is_active=True, status=KeyStatus.NEEDS_ATTENTION).count()
