"""What would have been sent to Sentry, kept in memory by a transport of ours."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from newsforge import sentry


class Kept(Transport):
    """Keeps the bytes of every envelope."""

    sent: list[bytes] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize())


@contextlib.contextmanager
def reporting() -> Iterator[list[bytes]]:
    """Report to a list until the block ends."""
    Kept.sent = []
    sentry.start(dsn="http://public@sentry.invalid/1", release="newsforge@test", environment="test", transport=Kept)
    try:
        yield Kept.sent
    finally:
        sentry.start(dsn="", release="", environment="")


def event_of(envelope: bytes) -> dict[str, Any]:
    """Return the event in an envelope: its third line."""
    event: dict[str, Any] = json.loads(envelope.splitlines()[2])
    return event
