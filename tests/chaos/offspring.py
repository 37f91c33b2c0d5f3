"""What a process forked from the one that has imported everything does. Nothing of the product is imported here."""

from __future__ import annotations

import importlib
import os
import sys

from newsforge.embedded.leash import tie_forks

APPLICATION = "tests.chaos.worker"
IMPORTED_ONCE = [
    APPLICATION,
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
    "celery.worker.consumer",
    "django.core.management",
    "genai_prices",
    "kombu.transport.redis",
    "openai.resources.responses",
]
"""By the process that forks the others, so that a worker is up in a moment whenever one was killed."""


def celery(arguments: list[str], log: str) -> None:
    """Be a Celery worker or beat, as from its command line; end with the process that forked us."""
    tie_forks()
    write_to(log)
    sys.argv = ["celery", "-A", APPLICATION, "--skip-checks", *arguments]
    from celery.__main__ import main

    main()


def migrate(log: str) -> None:
    """See that workers can start, and bring the database up to date."""
    tie_forks()
    write_to(log)
    importlib.import_module(APPLICATION)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def write_to(log: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.setsid()
