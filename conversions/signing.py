"""Endpoints' secrets (Standard Webhooks 1.0): made here, stored sealed to their row, opened only to sign."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook

from accounts import keys
from conversions.models import WebhookEndpoint

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The standard asks for 24 to 64 random bytes; HMAC-SHA256 gains nothing from more than its 32."""


def new_secret() -> str:
    """Return a fresh secret in the form in which customers keep it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal(*, endpoint: WebhookEndpoint, secret: str) -> str:
    """Return the secret encrypted so that it opens in this endpoint's row only."""
    return keys.ring().encrypt(plaintext=secret, bound_to=endpoint.sealed_for)


def headers(*, endpoint: WebhookEndpoint, message_id: str, body: str, now: datetime) -> dict[str, str]:
    """Return the headers that prove to the receiver who sent this body, and when.

    During a rotation the old secret signs too, and the receiver takes whichever signature it can check.

    :raises newsforge.lib.crypto.CannotDecrypt: if a secret does not open in this row.
    """
    now = now.astimezone(UTC)  # the library takes the hands of the clock for UTC, whatever the zone
    signatures = [
        Webhook(secret).sign(msg_id=message_id, timestamp=now, data=body)
        for secret in opened(endpoint=endpoint, now=now)
    ]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def opened(*, endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """Return the secrets that sign now, newest first.

    :raises newsforge.lib.crypto.CannotDecrypt: if one does not open in this row.
    """
    sealed = [endpoint.encrypted_secret]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > now:
        sealed.append(endpoint.previous_secret)
    ring = keys.ring()
    return [ring.decrypt(ciphertext=each, bound_to=endpoint.sealed_for) for each in sealed]
