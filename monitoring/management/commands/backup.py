"""``manage.py backup``: the whole database in one file, while the product runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from newsforge.embedded import archive
from newsforge.embedded.errors import EmbeddedError


class Command(BaseCommand):
    help = (
        "Write the whole database, as it is at one moment, into FILE while the product runs. The encryption keys are "
        "not in it: keep them elsewhere. docs/operations.md says how to restore it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="replaced if it exists, by a whole one only")

    def handle(self, *, file: Path, **_options: Any) -> None:
        try:
            archive.write(database=connection.settings_dict, path=file)
        except EmbeddedError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{file} holds the database, {file.stat().st_size:,} bytes.")
