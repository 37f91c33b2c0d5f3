"""Bring the database up to date and see that somebody can log in: ``python -m newsforge.embedded.prepare``.

A process of its own, so that the one that watches the others never loads Django.
"""

from __future__ import annotations

import io
import secrets

import django
import psycopg
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from newsforge.embedded.home import home_path
from newsforge.embedded.login import EMAIL, Login, keep, kept

DAILY_QUOTA = 1000
"""Conversions a day for whoever runs the product on their own machine."""


def main() -> None:
    """Migrate, collect the static files, and make the staff user and its token where they are missing."""
    django.setup()
    check_servers()
    call_command("migrate", interactive=False, verbosity=1)
    call_command("collectstatic", interactive=False, verbosity=0)
    from django.contrib.auth import get_user_model

    exists = get_user_model().objects.filter(email=EMAIL).exists()
    login = kept(home_path())
    if login is not None and exists:
        return
    password = "" if exists else secrets.token_urlsafe(12)
    token = io.StringIO()
    with transaction.atomic():  # a kill before the file is written leaves no user whose password nobody knows
        if not exists:
            call_command("create_user", EMAIL, password=password, staff=True, quota=DAILY_QUOTA)
        call_command("create_token", EMAIL, name="first login", stdout=token)
        keep(home_path(), Login(email=EMAIL, password=password, token=token.getvalue().strip()))


def check_servers() -> None:
    """Connect once to the database and the cache, plainly: a pool would only say that it waited in vain."""
    psycopg.connect(**connection.get_connection_params()).close()
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5) as cache:
        cache.ping()


if __name__ == "__main__":
    main()
