"""What a process imports stays in its memory: workers and beat go without the pages they never show."""

from __future__ import annotations

import os
import subprocess
import sys

from newsforge.embedded.home import ROOT

PAGES = {"accounts.admin", "conversions.admin", "monitoring.admin", "newsforge.urls", "fido2", "health_check"}

READERS = {"lxml", "trafilatura"}
"""What the children that read pages import with their first one."""

OF_WORKER = """
import sys
from newsforge.celery import app
app.loader.import_default_modules()
print(*sorted(sys.modules))
"""

OF_WEB = """
import sys
import django
django.setup()
import newsforge.urls
print(*sorted(sys.modules))
"""

CHECKED = """
import django
django.setup()
from django.contrib import admin
from django.core import checks
from accounts.models import User
assert not admin.site._registry
found = checks.run_checks(tags=["admin"])
type(admin.site._registry[User]).ordering = ("no_such_column",)
print(len(found), *(each.id for each in checks.run_checks(tags=["admin"])))
"""

COMMANDS = """
import django
django.setup()
from django.core.management import get_commands, load_command_class
ours = {name: app for name, app in get_commands().items() if app in {"accounts", "conversions", "monitoring"}}
print(*(name for name, app in ours.items() if load_command_class(app, name)))
"""


def test_worker_imports_no_page_and_its_programs_say_so() -> None:
    assert "conversions.tasks" in (names := set(said(OF_WORKER)))
    assert names & (PAGES | READERS) == set()
    shipped = (ROOT / "deploy/supervisor/newsforge.conf").read_text("utf-8")
    assert shipped.count(" -A newsforge --skip-checks ") == shipped.count(" -A newsforge ")


def test_web_imports_nothing_that_reads_pages() -> None:
    assert "newsforge.urls" in (names := set(said(OF_WEB)))
    assert names & READERS == set()


def test_checks_of_pages_still_see_them() -> None:
    assert said(CHECKED) == ["0", "admin.E033"]


def test_every_command_loads_by_itself() -> None:
    files = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    assert set(said(COMMANDS)) == files >= {"seed_demo", "sweep", "backup"}


def said(program: str) -> list[str]:
    """Return the words a fresh process prints, started as supervisor starts workers."""
    environment = os.environ | {"CELERY_SKIP_CHECKS": "true"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
