"""``manage.py restore``: a backup into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from newsforge.embedded import archive
from newsforge.embedded.errors import EmbeddedError


class Command(BaseCommand):
    help = "Write what `manage.py backup` made into the database of DATABASE_URL, which must be empty: all or nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **_options: Any) -> None:
        if tables := connection.introspection.table_names():
            raise CommandError(
                f"The database {connection.settings_dict['NAME']} has {len(tables)} tables. Nothing was changed: "
                "create an empty one, and name it in DATABASE_URL."
            )
        connection.close()
        try:
            archive.restore(database=connection.settings_dict, path=file)
        except EmbeddedError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"The database holds what {file} held. Run `manage.py migrate` before you start the rest.")
