"""What must be right before anything starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from newsforge.lib.crypto import KeyRing, MalformedKeyRing


@register()
def encryption_keys(**_: Any) -> list[Error]:
    """Report encryption keys that could seal nothing."""
    try:
        KeyRing(settings.ENCRYPTION_KEYS)
    except MalformedKeyRing as exc:
        return [Error(exc.detail, id="accounts.E001")]
    return []
