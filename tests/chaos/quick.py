"""The product with shorter waits for those that look after it: ``tests.chaos.quick:application``, ``celery -A``, sweep.

Nothing else of it is changed: the same supervisord configuration, the same processes.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsforge.settings.dev")
django.setup()

from monitoring import heartbeats, outage, recovery, sweep  # noqa: E402 - they need Django
from monitoring.management.commands import sweep as command  # noqa: E402 - as above
from newsforge.celery import app  # noqa: E402 - as above

__all__ = ["app"]

heartbeats.EVERY, heartbeats.STALE, heartbeats.STUCK = 1.0, timedelta(seconds=8), 8.0
recovery.SILENT = timedelta(seconds=60)
sweep.SOON, sweep.PATIENT, sweep.STARTING = timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=20)
outage.PATIENCE = timedelta(seconds=4)
command.SENDING = 1.0


def __getattr__(name: str) -> Any:
    """Start the web only where it is asked for."""
    if name == "application":
        from newsforge.wsgi import application

        return application
    raise AttributeError(name)


if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])
