"""A release goes to ECS in order, and what does not become ready goes back: the script, and aws.py in place of AWS."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from tests.house import aws
from tests.house.test_ecs import DEPLOY, GIVEN


class Site(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/health/ready/" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Cluster:
    """What ECS knows: nothing before the first release."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.let(calls=[], revisions={}, services={}, breaks="", exit=0)

    def let(self, **values: object) -> None:
        before = json.loads(self.file.read_text("utf-8")) if self.file.exists() else {}
        self.file.write_text(json.dumps(before | values), "utf-8")

    def __getattr__(self, name: str) -> Any:
        return json.loads(self.file.read_text("utf-8"))[name]

    def revisions_that_run(self) -> set[str]:
        return {definition.rsplit(":")[1] for definition in self.services.values()}


@pytest.fixture
def cluster(tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    command = tmp_path / "bin/aws"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{aws.__file__}" "$@"\n', "utf-8")
    command.chmod(0o700)
    for name, value in {
        **GIVEN,
        "SITE_URL": site,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "AWS_STATE": str(tmp_path / "state.json"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(DEPLOY, "TRIES", 1)
    return Cluster(tmp_path / "state.json")


def deploy() -> None:
    DEPLOY.main([GIVEN["IMAGE"]])


def refused() -> str:
    with pytest.raises(SystemExit) as ended:
        deploy()
    assert isinstance(ended.value.code, str)
    return ended.value.code


def test_the_first_release_makes_the_services_and_the_next_takes_their_place(cluster: Cluster) -> None:
    deploy()
    assert set(cluster.services) == {f"newsforge-{program}" for program in DEPLOY.SERVICES}
    deploy()
    assert cluster.revisions_that_run() == {"2"}
    second = cluster.calls[len(cluster.calls) // 2 :]
    order = ["register-task-definition", "run-task", "wait tasks-stopped", "update-service", "wait services-stable"]
    assert [second.index(verb) for verb in order] == sorted(second.index(verb) for verb in order)


def test_nothing_is_deployed_when_the_migration_fails(cluster: Cluster) -> None:
    deploy()
    cluster.let(exit=3)
    said = refused()
    assert "The migration ended with 3 (Essential container exited)" in said
    assert "the release before still runs" in said
    assert cluster.revisions_that_run() == {"1"}
    assert "update-service" not in cluster.calls


def test_all_go_back_when_ecs_has_rolled_one_back(cluster: Cluster) -> None:
    deploy()
    cluster.let(breaks="newsforge-beat")
    assert "ECS has rolled beat back" in refused()
    assert cluster.revisions_that_run() == {"1"}


def test_all_go_back_when_the_site_does_not_accept_work(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy()
    monkeypatch.setattr(Site, "status", 503)
    said = refused()
    assert "/health/ready/ does not say that the site accepts work; it answered: 503" in said
    assert "Every service runs the release before again" in said
    assert cluster.revisions_that_run() == {"1"}


def test_a_first_release_that_fails_says_that_there_is_none_before_it(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Site, "status", 503)
    assert "no release before this one" in refused()


def test_what_nobody_has_said_is_named(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECS_SUBNETS")
    monkeypatch.setenv("SITE_URL", "")
    assert "set: ECS_SUBNETS, SITE_URL." in refused()
    assert cluster.calls == []
