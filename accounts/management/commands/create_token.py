"""Issue an access token from the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import issue_token
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told


class Command(BaseCommand):
    help = "Issue an access token and print it, alone, this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whose token it is")
        parser.add_argument("--name", metavar="N", default="command line", help="what people know the token by")

    def handle(self, *_: Any, **options: Any) -> None:
        email = options["email"].strip()
        user = User.objects.at(email=email).first()
        if user is None:
            msg = f"There is no account with the e-mail address {email}. Make it first: manage.py create_user {email}"
            raise CommandError(msg)
        if not user.is_active:
            msg = (
                f"The account {email} is not active, so its tokens would open nothing. Activate it in the admin first."
            )
            raise CommandError(msg)
        try:
            issued = issue_token(user=user, name=options["name"])
        except NewsforgeError as exc:
            raise CommandError(told(exc)) from exc
        self.stdout.write(issued[1])
