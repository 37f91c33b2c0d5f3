"""The image without an engine: what its last stage says, and every command of it started in a folder laid out by it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from newsforge.embedded.stack import take_port
from newsforge.env import ROOT
from tests.house import dockerfile
from tests.house.test_production import SAID

PATIENCE = 120.0
PROCESSES = ("database", "migrations", "redis", "celery_worker", "celery_beat", "sweep")
DATABASE = "image"


def test_the_image_runs_as_nobody_in_particular_with_nothing_to_compile_with() -> None:
    user, group = dockerfile.only("USER").rest.split(":")
    assert int(user) > 0
    assert int(group) > 0
    installed = [step.rest for step in dockerfile.last_stage() if "apt-get install" in step.rest]
    assert len(installed) == 1
    assert installed[0].split("install", 1)[1].split("&&")[0].split() == ["--yes", "--no-install-recommends", "tini"]
    assert dockerfile.environment()["NEWSFORGE_HOME"] in dockerfile.only("VOLUME").words


def test_everything_the_image_starts_goes_through_the_entry() -> None:
    entry = ["python", "newsforge/embedded/entry.py"]
    assert dockerfile.only("ENTRYPOINT").words == ["tini", "--", *entry]
    assert dockerfile.only("CMD").words == ["web"]
    assert dockerfile.Step("CMD", dockerfile.only("HEALTHCHECK").rest.split("CMD ")[1]).words == [*entry, "ready"]


def test_the_image_holds_the_product_and_the_context_what_it_copies() -> None:
    product = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert product <= set(dockerfile.copied())
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert sorted(let_in) == sorted([*dockerfile.copied(), "requirements/base.txt"])
    assert "*" in lines


class Image:
    """A folder as the last stage leaves it, and containers of it: processes, each with a home of its own."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.app = folder / "app"
        self.opened = opened
        self.homes = folder
        self.said = dockerfile.lay_out(self.app) | SAID | addresses()
        self.said |= {
            "NEWSFORGE_DB_POOL": "3",
            "NEWSFORGE_HOST": "127.0.0.1",
            "PORT": str(take_port(opened, "127.0.0.1", "")),
        }
        self.before = self.files()

    def files(self) -> set[tuple[Path, int]]:
        return {(path, path.stat().st_mtime_ns) for path in self.app.rglob("*")}

    def start(self, command: str, **said: str) -> subprocess.Popen[bytes]:
        home = self.homes / command
        home.mkdir(mode=0o700, exist_ok=True)
        log = self.opened.enter_context((self.homes / f"{command}.log").open("ab"))
        process = subprocess.Popen(
            [*dockerfile.only("ENTRYPOINT").words[2:], command],
            cwd=self.app, env=self.said | {"NEWSFORGE_HOME": str(home)} | said,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.opened.callback(end, process)
        return process

    def ran(self, command: str, **said: str) -> tuple[int, str]:
        """Return the exit code of a command that ends, and everything it has said."""
        code = self.start(command, **said).wait(PATIENCE)
        return code, self.log(command)

    def ended(self, command: str, process: subprocess.Popen[bytes]) -> int:
        """Wait until it has ended, or show what it was about."""
        try:
            return end(process)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{command} did not end:\n{self.log(command)[-3000:]}")

    def log(self, command: str) -> str:
        return (self.homes / f"{command}.log").read_text("utf-8")

    def wait_until_all_live(self, *running: str, since: float) -> None:
        """Wait until the web accepts work and has heard, after ``since``, of every process."""
        waited = time.monotonic() + PATIENCE
        while not (self.ready() and heard_of(since) >= {"web", "worker", "beat", "sweep"} and self.all_healthy()):
            if time.monotonic() > waited:
                pytest.fail("\n".join(f"=== {name}\n{self.log(name)[-3000:]}" for name in running))
            time.sleep(0.2)

    def ready(self) -> bool:
        return self.start("ready").wait(PATIENCE) == 0

    def all_healthy(self) -> bool:
        """Ask as nginx does: TLS ends there."""
        connection = HTTPConnection("127.0.0.1", int(self.said["PORT"]), timeout=10)
        try:
            connection.request("GET", "/health/", headers={"Host": "news.example", "X-Forwarded-Proto": "https"})
            found = json.loads(connection.getresponse().read())["dependencies"]
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        return all(found[name]["status"] == "healthy" for name in PROCESSES)


def addresses() -> dict[str, str]:
    """Return the tests' servers, with a database and a numbered cache of the image's own."""
    database, cache = (urlsplit(os.environ[name]) for name in ("DATABASE_URL", "REDIS_URL"))
    return {
        "DATABASE_URL": urlunsplit(database._replace(path=f"/{DATABASE}")),
        "REDIS_URL": urlunsplit(cache._replace(path="/9")),
    }


def heard_of(since: float) -> set[str]:
    """Return the kinds of process that have said after ``since`` that they live."""
    with psycopg.connect(addresses()["DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT kind FROM heartbeats WHERE seen_at > to_timestamp(%s)", [since])
        return {kind for (kind,) in rows}


def end(process: subprocess.Popen[bytes]) -> int:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(45)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@contextmanager
def clean_host() -> Iterator[tuple[Path, ExitStack]]:
    """An empty folder, a database nobody has migrated (``addresses``), and a stack of what ends before them."""
    with (
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database,
        tempfile.TemporaryDirectory(prefix="newsforge-host-") as folder,
        ExitStack() as opened,
    ):
        database.execute(f"CREATE DATABASE {DATABASE}")
        opened.callback(database.execute, f"DROP DATABASE {DATABASE} WITH (FORCE)")
        yield Path(folder), opened


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with clean_host() as (folder, opened):
        yield Image(folder, opened)


def test_the_entry_refuses_what_it_does_not_know(image: Image) -> None:
    code, said = image.ran("worker-writing-9")
    assert code == 1
    assert "Name one of: web, worker-reading, worker-writing-1, worker-writing-2, beat, sweep, all, worker" in said
    assert image.start("ready").wait(PATIENCE) == 1, "nothing listens"


def test_a_container_without_its_secrets_says_which_it_misses(image: Image) -> None:
    code, said = image.ran("migrate", SECRET_KEY="")
    assert code != 0
    assert "SECRET_KEY is not set" in said


@pytest.mark.timeout(600)
def test_every_command_starts_works_and_stops(image: Image) -> None:
    code, said = image.ran("migrate")
    assert code == 0, said
    for commands in (("web", "worker", "beat", "sweep"), ("all",)):
        began = time.time()
        running = {command: image.start(command) for command in commands}
        image.wait_until_all_live(*running, since=began)
        assert all(process.poll() is None for process in running.values())
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        ended = {command: image.ended(command, process) for command, process in running.items()}
        assert set(ended.values()) == {0}, (ended, {name: image.log(name)[-2000:] for name in ended})
    assert image.files() == image.before, "the root file system is read-only"
