"""What others may ask about accounts."""

from __future__ import annotations

import hashlib

from django.db.models import Q, QuerySet

from accounts.enums import KeyStatus
from accounts.models import ApiKey, User


def keys_of(*, user: User) -> QuerySet[ApiKey]:
    """Return the user's provider keys, unordered."""
    return ApiKey.objects.filter(user=user)


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
