"""What a killed master leaves behind: nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from newsforge.embedded.leash import Streams, start, stop
from newsforge.embedded.server import answers, free_port

LEASH = Path(__file__).resolve().parents[2] / "newsforge/embedded/leash.py"
APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"here"]
"""
FORKING = """
import multiprocessing, signal, sys, time
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: None)  # as granian's master only notes it
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    child.start()
    print(child.pid, sys.argv[1], flush=True)
    child.join()
"""


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(done: object, *, seconds: float = 10.0) -> bool:
    assert callable(done)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.05)
    return False


def test_a_forked_child_ends_with_its_killed_parent(tmp_path: Path) -> None:
    (tmp_path / "forking.py").write_text(FORKING, "utf-8")
    command = [sys.executable, str(LEASH), "forking", "an argument"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pid, argument = process.stdout.readline().split(maxsplit=1)
        assert argument == "an argument\n"
        assert is_alive(int(pid))
        process.kill()
    assert wait_until(lambda: not is_alive(int(pid)))


def test_the_port_of_a_killed_web_server_is_free_again(tmp_path: Path) -> None:
    (tmp_path / "site_under_test.py").write_text(APPLICATION, "utf-8")
    port = free_port()
    command = [sys.executable, str(LEASH), "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2"]
    with (tmp_path / "log").open("wb") as log:
        master = start(
            [*command, "--respawn-failed-workers", "site_under_test:application"],
            folder=tmp_path,
            streams=Streams(output=log),
            environment={},
        )
    assert wait_until(lambda: answers(port, b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.0 200 OK"), seconds=30)
    workers = [child.pid for child in psutil.Process(master.pid).children(recursive=True)]
    assert len(workers) >= 2
    stop(master, signals=[signal.SIGKILL], seconds=5)
    assert wait_until(lambda: not any(is_alive(pid) for pid in workers))
    assert not answers(port)


@pytest.mark.parametrize("deaf", [False, True])
def test_a_process_is_stopped_even_if_it_does_not_listen(tmp_path: Path, *, deaf: bool) -> None:
    script = "import signal, time\n" + ("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if deaf else "")
    script += "print('ready', flush=True)\ntime.sleep(60)\n"
    process = start(
        [sys.executable, "-c", script], folder=tmp_path, streams=Streams(output=subprocess.PIPE), environment={}
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        stop(process, signals=[signal.SIGTERM], seconds=0.0 if deaf else 10.0)
        assert process.returncode == (-signal.SIGKILL if deaf else -signal.SIGTERM)
