"""Create a user from the command line."""

from __future__ import annotations

import argparse
import secrets
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.enums import Tier
from accounts.services import create_user
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told


class Command(BaseCommand):
    help = "Create a user. Without --password a random one is made and printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address the user signs in with")
        parser.add_argument("--password", metavar="P", help="the password; without it a random one is printed")
        parser.add_argument("--tier", metavar="T", choices=[tier.value for tier in Tier], default=Tier.FREE.value)
        parser.add_argument("--quota", metavar="N", type=_count, help="conversions a day; without it the tier's own")
        parser.add_argument("--staff", action="store_true", help="may do everything in the admin")

    def handle(self, *_: Any, **options: Any) -> None:
        given: str | None = options["password"]
        password = secrets.token_urlsafe(12) if given is None else given
        try:
            user = create_user(
                email=options["email"],
                password=password,
                tier=Tier(options["tier"]),
                quota=options["quota"],
                staff=options["staff"],
            )
        except NewsforgeError as exc:
            raise CommandError(told(exc)) from exc
        kind = "staff user" if user.is_staff else "user"
        self.stdout.write(
            f"Created the {kind} {user.email}: {user.subscription_tier}, {user.api_quota_daily} conversions a day."
        )
        if given is None:
            self.stdout.write(f"Password: {password}")
        else:
            self._warn_of_weakness(given)

    def _warn_of_weakness(self, password: str) -> None:
        """Leave the choice to the operator, and say what it is worth."""
        try:
            validate_password(password)
        except ValidationError as exc:
            self.stderr.write(self.style.WARNING("The password is weak. " + " ".join(exc.messages)))


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
    if number < 0:
        msg = "give a number from 0 to 999999999"
        raise argparse.ArgumentTypeError(msg)
    return number
