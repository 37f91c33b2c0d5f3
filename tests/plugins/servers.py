"""Start PostgreSQL and Valkey for the tests before Django's settings are read, and stop them after the last one.

Loaded by ``-p tests.plugins.servers``. Servers named by DATABASE_URL and REDIS_URL are used instead. A run of nothing
but server-less tests starts none. With ``-n`` each of the processes that test has servers of its own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

# Before anything of newsforge is imported: its Celery application would choose the developer's settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "newsforge.settings.test"

PREFIX = "newsforge-test-"
SERVERLESS = ("tests/pipeline", "tests/embedded")
ALONE = (
    "tests/chaos",
    "tests/embedded/test_stack.py",
    "tests/house/test_image.py",
    "tests/house/test_start_production.py",
)
"""Tests with many processes of their own: two of them at once would only wait for each other."""
HOUR = 3600


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Start what the run needs; a wrapper, because pytest-django reads the settings in this hook."""
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    sweep()
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    os.environ["NEWSFORGE_HOME"] = str(home)
    if needs_servers(early_config):
        from newsforge import embedded

        os.environ.update(stack.enter_context(embedded.running(home, durable=False)))
    return (yield)


def needs_servers(config: pytest.Config) -> bool:
    """Return whether this process runs a test that may use a server."""
    if config.known_args_namespace.numprocesses and "PYTEST_XDIST_WORKER" not in os.environ:
        return False  # it only hands tests out
    named = [str(path).split("::")[0] for path in config.known_args_namespace.file_or_dir]
    inside = [Path(path).absolute() for path in named]
    serverless = [config.rootpath / folder for folder in SERVERLESS]
    return not inside or not all(any(path.is_relative_to(folder) for folder in serverless) for path in inside)


def sweep() -> None:
    """Remove the folders of runs that were killed; their servers ended with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime > HOUR and _is_free(folder):
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            continue


def _is_free(folder: Path) -> bool:
    from newsforge.embedded.home import holder

    return holder(folder / "servers.lock") is None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let one process run each file as a whole, and one run all those that start the product and kill it."""
    for item in items:
        alone = any(item.path.is_relative_to(config.rootpath / each) for each in ALONE)
        item.add_marker(pytest.mark.xdist_group("alone" if alone else str(item.path)))
