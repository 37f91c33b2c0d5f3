"""Fill the database with people, work and trouble that never were."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from conversions.management import demo as work
from monitoring.management import demo

SMALL = work.Size(users=60, conversions=1500)
FULL = work.Size(users=50_000, conversions=1_000_000)
"""With it come 5,000,000 lines of the ledger and 200,000 of the audit log."""


class Command(BaseCommand):
    help = (
        "Add a demo set: users in Korean and English newsrooms and thirty days of what they converted. "
        "Nobody can log in as one of them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scale", nargs="?", type=_share, const=1.0, metavar="SHARE",
            help="the set to measure with, or a share: 1,000,000 conversions, 50,000 users, 5,000,000 ledger lines",
        )  # fmt: skip
        parser.add_argument("--into-production", action="store_true", help="do it although this is production")

    def handle(self, *, scale: float | None, into_production: bool, **_options: Any) -> None:
        if settings.SETTINGS_MODULE == "newsforge.settings.production" and not into_production:
            raise CommandError("This is production. If its database shall hold a demo set, say --into-production.")
        if work.is_there():
            raise CommandError("There is a demo set in this database already. Start with an empty one for another.")
        size, now = SMALL, timezone.now()
        if scale is not None:
            size = work.Size(users=max(60, round(FULL.users * scale)), conversions=round(FULL.conversions * scale))
        work.fill(size=size, now=now, tell=self._tell)
        share = scale or 0
        lines = demo.fill(incidents=max(14, round(300 * share)), entries=max(200, round(200_000 * share)), now=now)
        for line in lines:
            self._tell(line)

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _share(text: str) -> float:
    share = float(text)
    if not 0.0001 <= share <= 10:
        msg = "give a share from 0.0001 to 10"
        raise ArgumentTypeError(msg)
    return share
