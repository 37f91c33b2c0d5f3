"""``manage.py rotate_keys``: seal every stored secret anew with the newest key of NEWSFORGE_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import keys, rotation
from accounts.models import ApiKey
from newsforge.lib.crypto import KeyRing


class Command(BaseCommand):
    """Rotate while the product runs; may be interrupted and run again at any time."""

    help = (
        "Seal every stored secret (provider keys, webhooks' secrets, addresses of alert channels, second factors) anew "
        "with the newest key of NEWSFORGE_ENCRYPTION_KEYS. Runs beside the product; run it again to go on after an "
        "interruption. "
        "Ends with 1 when a secret cannot be read, or an older key is still needed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch-size", type=int, default=200, help="Rows in one transaction (default 200).")

    def handle(self, *_: Any, **options: Any) -> None:
        size = options["batch_size"]
        if size < 1:
            raise CommandError("--batch-size must be 1 or more.")
        ring = keys.ring()
        found = [self._rotate(column, ring, size) for column in rotation.columns()]
        found.append((self._rotate_factors(ring), 0))
        unreadable, left = (sum(each) for each in zip(*found, strict=True))
        if unreadable or left:
            raise CommandError(
                f"{unreadable} secrets cannot be read, and {left} are not under the key {ring.newest}. Keep the older "
                "keys in NEWSFORGE_ENCRYPTION_KEYS; see docs/security.md, or run this again if somebody stored a key "
                "meanwhile."
            )
        self.stdout.write(f"Every secret is sealed with the key {ring.newest}. The older keys can be removed.")

    def _rotate(self, column: rotation.Column, ring: KeyRing, size: int) -> tuple[int, int]:
        """Return how many could not be read, and how many are not under the newest key in the end."""
        read = resealed = unreadable = 0
        for batch in rotation.rotate(column=column, ring=ring, batch_size=size):
            read += len(batch.opened) + len(batch.unreadable)
            resealed += batch.resealed
            keys.note_readable(ids=[row.pk for row in batch.opened if isinstance(row, ApiKey)])
            for row, failure in batch.unreadable:
                unreadable += 1
                self.stderr.write(f"{column} of {row.pk}: {failure.detail}")
                if isinstance(row, ApiKey):
                    keys.note_refusal(key=row, code=failure.code, now=timezone.now())
            self.stdout.write(f"{column}: {read} read, {resealed} sealed anew, {unreadable} unreadable")
        return unreadable, rotation.left(column=column, ring=ring)

    def _rotate_factors(self, ring: KeyRing) -> int:
        """Return how many second factors could not be read."""
        resealed, unreadable = rotation.reseal_factors(ring=ring)
        for factor, failure in unreadable:
            self.stderr.write(f"second factor {factor.pk}: {failure.detail}")
        self.stdout.write(f"second factors: {resealed} sealed anew, {len(unreadable)} unreadable")
        return len(unreadable)
