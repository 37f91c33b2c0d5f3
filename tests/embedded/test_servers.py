"""The servers from the wheels: started, shared, killed, started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
import redis

from newsforge import embedded
from newsforge.embedded import errors, home, server

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from newsforge import embedded
with embedded.running(sys.argv[1], durable=False) as addresses:
    print(*addresses.values(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True, scope="module")
def _no_servers_of_others() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "REDIS_URL"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def template(_no_servers_of_others: None) -> Iterator[Path]:
    """A home that has been started once, in a folder the servers' user can reach."""
    with tempfile.TemporaryDirectory(prefix="newsforge-embedded-") as name:
        place = Path(name)
        place.chmod(0o711)
        with embedded.running(place / "template", durable=False):
            pass
        yield place / "template"


@pytest.fixture
def folder(template: Path) -> Iterator[Path]:
    """A copy of that home, so that a test need not wait for a new cluster."""
    path = template.with_name("한들 home")
    subprocess.run(["cp", "-a", template, path], check=True)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def new_folder(template: Path) -> Iterator[Path]:
    """A home nothing has started in yet."""
    path = template.with_name("new home")
    yield path
    shutil.rmtree(path, ignore_errors=True)


def hold(folder: Path) -> tuple[subprocess.Popen[str], str, str]:
    """Start another process that runs the servers of the home, and return it with their addresses."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    database, cache = process.stdout.readline().split()
    return process, database, cache


def release(process: subprocess.Popen[str]) -> None:
    with process:
        assert process.stdin
        process.stdin.close()


def servers_in(folder: Path) -> list[int]:
    """Return the ids of the processes that work in the home, zombies aside."""
    inside = (folder / "servers").resolve()
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).is_relative_to(inside):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def wait_for_silence(folder: Path, *, seconds: float) -> list[int]:
    end = time.monotonic() + seconds
    while (left := servers_in(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def test_both_servers_answer_and_are_gone_afterwards(folder: Path) -> None:
    with embedded.running(folder, durable=False) as addresses:
        assert addresses == embedded.addresses(folder)
        with psycopg.connect(addresses["DATABASE_URL"]) as connection:
            row = connection.execute(
                "select current_user, lower('É한'), rolsuper from pg_roles where rolname = current_user"
            )
            assert row.fetchone() == ("newsforge", "é한", False)
        with redis.Redis.from_url(addresses["REDIS_URL"]) as cache:
            assert cache.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert servers_in(folder)
    assert embedded.addresses(folder) is None
    assert servers_in(folder) == []


def test_nobody_else_on_the_machine_gets_in(folder: Path) -> None:
    with embedded.running(folder, durable=False) as addresses:
        database, cache = (urlsplit(addresses[name]) for name in ("DATABASE_URL", "REDIS_URL"))
        for user in ("newsforge", "postgres"):
            with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|no pg_hba.conf entry"):
                psycopg.connect(f"postgres://{user}:guess@127.0.0.1:{database.port}/newsforge")
        with redis.Redis(port=cache.port or 0) as client, pytest.raises(redis.AuthenticationError):
            client.ping()
        for password in (database.password, cache.password):
            assert password
            assert password not in " ".join(" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))
        private = [folder / "servers.json", *(folder / "secrets").iterdir()]
        assert {oct(path.stat().st_mode & 0o777) for path in private} == {"0o600"}


def test_only_what_the_environment_leaves_unset_is_started(new_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/newsforge")
    with embedded.running(new_folder) as addresses:
        assert list(addresses) == ["REDIS_URL"]
        assert not (new_folder / "servers/postgres").exists()
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    with embedded.running(new_folder) as addresses:
        assert addresses == {}


def test_a_killed_parent_takes_its_servers_along_and_loses_no_data(folder: Path) -> None:
    process, database, cache = hold(folder)
    with process, psycopg.connect(database, autocommit=True) as connection, redis.Redis.from_url(cache) as client:
        connection.execute("create table kept as select '한들' as name")
        client.set("kept", "한들")
        client.waitaof(1, 0, 3000)
        process.kill()
    assert wait_for_silence(folder, seconds=10) == []
    assert embedded.addresses(folder) is None
    with embedded.running(folder, durable=False) as addresses:
        with psycopg.connect(addresses["DATABASE_URL"]) as connection:
            assert connection.execute("select name from kept").fetchone() == ("한들",)
        with redis.Redis.from_url(addresses["REDIS_URL"]) as client:
            assert client.get("kept") == "한들".encode()


def test_a_start_right_after_a_kill_ends_the_orphans(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STOP_SECONDS", 0.2)
    process, *_ = hold(folder)
    orphans = servers_in(folder)
    for pid in orphans:
        os.kill(pid, signal.SIGSTOP)  # they cannot even notice that their parent is gone
    process.kill()
    with process, embedded.running(folder, durable=False) as addresses:
        assert addresses == embedded.addresses(folder)
        assert not set(orphans) & set(servers_in(folder))


def test_a_second_start_uses_what_runs_and_leaves_it_running(folder: Path) -> None:
    process, database, cache = hold(folder)
    with embedded.running(folder) as addresses:
        assert addresses == {"DATABASE_URL": database, "REDIS_URL": cache}
    assert embedded.addresses(folder) == {"DATABASE_URL": database, "REDIS_URL": cache}
    release(process)
    assert servers_in(folder) == []


def test_two_first_starts_at_once_share_one_pair(new_folder: Path) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", HOLD, str(new_folder)], cwd=ROOT, stdin=-1, stdout=-1, text=True)
        for _ in range(2)
    ]
    told = [process.stdout.readline() for process in starts if process.stdout]
    for process in starts:
        release(process)
    assert told[0] == told[1] != ""
    assert wait_for_silence(new_folder, seconds=10) == []


def test_a_home_is_made_once_however_many_want_it(new_folder: Path) -> None:
    for turn in range(20):
        with ThreadPoolExecutor(8) as pool:
            homes = set(pool.map(home.prepare, [new_folder / str(turn)] * 8))
        assert len(homes) == 1


def test_who_must_own_the_servers_is_told_who_holds_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PATIENCE_SECONDS", 0.1)
    process, *_ = hold(folder)
    with (
        pytest.raises(errors.HeldError, match=f"Process {process.pid} already runs"),
        embedded.running(folder, share=False),
    ):
        pass
    release(process)


def test_a_pid_file_that_names_somebody_else_is_not_in_the_way(folder: Path) -> None:
    with embedded.running(folder, durable=False):
        pass
    for name in ("postgres/postmaster.pid", "valkey/valkey.pid"):
        (folder / "servers" / name).write_text(f"{os.getppid()}\n", "utf-8")
    with embedded.running(folder, durable=False) as addresses:
        assert addresses == embedded.addresses(folder)


def test_lost_passwords_are_made_anew_and_the_data_stays(folder: Path) -> None:
    with embedded.running(folder, durable=False) as before, psycopg.connect(before["DATABASE_URL"]) as connection:
        connection.execute("create table kept as select 1 as one")
    shutil.rmtree(folder / "secrets")
    with embedded.running(folder, durable=False) as after, psycopg.connect(after["DATABASE_URL"]) as connection:
        assert urlsplit(after["DATABASE_URL"]).password != urlsplit(before["DATABASE_URL"]).password
        assert connection.execute("select one from kept").fetchone() == (1,)


def test_a_start_that_was_killed_half_way_does_not_spoil_the_next(new_folder: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(new_folder)], cwd=ROOT, stdin=-1, stdout=-1, text=True)
    draft = new_folder / "servers/postgres.part"
    while not draft.exists():
        time.sleep(0.01)
    process.kill()
    with process, embedded.running(new_folder, durable=False) as addresses:
        assert addresses == embedded.addresses(new_folder)
    assert not draft.exists()


def test_the_servers_start_in_a_folder_closed_to_other_users(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    folder = tmp_path / "home"
    try:
        for _ in range(2):
            with embedded.running(folder, durable=False) as addresses:
                assert addresses == embedded.addresses(folder)
    finally:
        shutil.rmtree((folder / "servers").resolve())  # elsewhere, when we are root
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_data_of_another_major_version_is_left_alone(new_folder: Path) -> None:
    data = new_folder / "servers/postgres"
    home.prepare(new_folder)
    data.mkdir()
    (data / "PG_VERSION").write_text("12\n", "utf-8")
    with pytest.raises(errors.OtherVersionError, match="made by PostgreSQL 12, and this release brings PostgreSQL 18"):
        embedded.running(new_folder).__enter__()
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_folder_one_may_not_write_to_is_named() -> None:
    with pytest.raises(errors.NotWritableError, match=r"may not write to /sys/newsforge. .* set NEWSFORGE_HOME"):
        embedded.running("/sys/newsforge").__enter__()  # where even root may not


def test_a_full_disk_is_called_a_full_disk(folder: Path) -> None:
    with pytest.raises(errors.DiskFullError, match="No space is left on the disk that holds"), errors.told(folder):
        Path("/dev/full").write_text("anything", "utf-8")
    place = home.prepare(folder)
    place.log("postgres").write_text('initdb: error: could not write to file: "No space left on device"\n', "utf-8")
    said = server.failure(place, name="postgres", server="PostgreSQL", log_from=0)
    assert isinstance(said, errors.DiskFullError)


def test_a_server_that_does_not_start_says_why_in_one_sentence(folder: Path) -> None:
    with embedded.running(folder, durable=False):
        pass
    (folder / "servers/postgres/postgresql.auto.conf").write_text("shared_buffers = 'plenty'\n", "utf-8")
    with pytest.raises(errors.DidNotStartError) as caught:
        embedded.running(folder, durable=False).__enter__()
    assert "PostgreSQL did not start: " in caught.value.detail
    assert "postgresql.auto.conf" in caught.value.detail
    assert caught.value.detail.count("\n") == 0
    assert servers_in(folder) == []
