"""The Python of docs/api.md, run as it stands against a real server with a real worker."""

from __future__ import annotations

import http.server
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from conversions import tools
from newsforge.celery import app
from newsforge.embedded.home import ROOT
from tests.factories import make_token

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SITE, DESK = "https://news.example", "https://desk.example.com/hooks/newsforge"
PATIENCE = 90

pytestmark = pytest.mark.timeout(300)


class Inbox(http.server.BaseHTTPRequestHandler):
    """A customer's server, which keeps what it was sent."""

    received: queue.Queue[tuple[Message, bytes]] = queue.Queue()

    def do_POST(self) -> None:
        self.received.put((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def desk(settings: Settings) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Inbox) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings.FETCH_ALLOW = f"127.0.0.1:{server.server_address[1]}"
        tools.http_policy.cache_clear()
        yield settings.FETCH_ALLOW
        tools.http_policy.cache_clear()
        server.shutdown()
        thread.join()


@pytest.fixture
def worker(transactional_db: None, desk: str) -> Iterator[None]:
    """A worker of the product for all it does here."""
    url = urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}")),
        "NEWSFORGE_FETCH_ALLOW": desk,
    }
    app.control.purge()
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "newsforge",
        "worker",
        "--queues",
        "reading,writing",
        "--pool",
        "threads",
    ]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        app.control.purge()


def test_the_page_runs_as_it_stands(
    acme: User, live_server: LiveServer, desk: str, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = make_token(acme)
    monkeypatch.setenv("NEWSFORGE_TOKEN", token)
    names: dict[str, Any] = {}
    for block in BLOCKS:
        code = block.replace(SITE, live_server.url).replace(DESK, f"http://{desk}/hook")
        exec(compile(code, "docs/api.md", "exec"), names)  # noqa: S102 - our own page
    secret = names["endpoint"]["secret"]
    kinds: set[str] = set()
    while "endpoint.test" not in kinds:  # the second post may end, and be told of, before
        headers, body = Inbox.received.get(timeout=PATIENCE)
        kinds.add(names["verified"](headers, body, secret)["type"])
    assert kinds <= {"endpoint.test", "conversion.succeeded"}
    for wrong in (body + b" ", b"{" + body):
        with pytest.raises(ValueError, match="not from NewsForge"):
            names["verified"](headers, wrong, secret)
    posts = {post["target_platform"]: post["content_generated"] for post in names["batch"]["conversions"]}
    assert set(posts) == {"x", "linkedin"}
    assert all(posts.values())


def test_every_address_on_the_page_is_one_of_ours() -> None:
    schema = (ROOT / "docs" / "openapi.yaml").read_text("utf-8")
    named = {each.split("?")[0] for each in re.findall(r"`(?:GET|POST|PATCH|DELETE) (/[^`]+)`", PAGE)}
    assert len(named) >= 5
    known = {re.sub(r"\{\w+\}", "{id}", each) for each in re.findall(r"^  /api/v1(/\S+):$", schema, re.MULTILINE)}
    assert named - known == set()
