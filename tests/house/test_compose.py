"""compose.yaml against what it stands on: the entry, production's settings, the secrets, the files it mounts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsforge.env import ROOT, SECRETS, TABLE
from tests.house.test_production import SAID, started

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("newsforge:")}


def test_every_container_of_ours_runs_a_command_the_entry_knows(commands: set[str]) -> None:
    given = {name: service["command"] for name, service in OURS.items()}
    assert all(len(words) == 1 and words[0] in commands for words in given.values()), given
    assert {"web", "worker-reading", "worker-writing", "beat", "sweep", "migrate"} == set(given)


@pytest.mark.parametrize("service", OURS.values(), ids=OURS)
def test_every_container_of_ours_is_told_what_production_needs_and_secrets_by_file(service: dict[str, Any]) -> None:
    said = {name.removesuffix("_FILE") for name in service["environment"]}
    assert set(SAID) <= said <= set(TABLE)
    for name in set(SAID) & SECRETS:
        path = Path(service["environment"][f"{name}_FILE"])
        assert path.parent == Path("/run/secrets")
        assert path.name in service["secrets"]
    assert service["read_only"]


def test_whoever_waits_for_health_waits_for_something_that_tells() -> None:
    for name, service in SERVICES.items():
        needs = service.get("depends_on", {})
        for needed in needs:
            assert needed in SERVICES
            condition = needs[needed]["condition"] if isinstance(needs, dict) else "service_started"
            if condition == "service_healthy":
                tells = "test" in SERVICES[needed].get("healthcheck", {}) or SERVICES[needed] is SERVICES["web"]
                assert tells, f"{name} waits for {needed}"
            if condition == "service_completed_successfully":
                assert SERVICES[needed]["command"] == ["migrate"]
    assert all({"migrate", "valkey"} <= set(OURS[name]["depends_on"]) for name in OURS if name != "migrate")


def test_what_is_mounted_and_named_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            made = source == "./deploy/compose/secrets/tls"  # by the script, and filled by the person
            assert made or (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]


def test_the_secrets_are_made_once_and_production_starts_on_them(tmp_path: Path) -> None:
    script = shutil.copy(ROOT / "deploy/compose/make-secrets.sh", tmp_path)
    folder = tmp_path / "secrets"
    contents = []
    for _ in range(2):
        subprocess.run(["sh", script], check=True, stdout=subprocess.DEVNULL)
        contents.append({path.name: path.read_text("utf-8") for path in folder.iterdir() if path.is_file()})
    assert contents[0] == contents[1]
    assert set(contents[0]) == {Path(each["file"]).name for each in COMPOSE["secrets"].values()}
    assert folder.stat().st_mode & 0o777 == 0o700
    said = {
        name: value.replace("/run/secrets", str(folder))
        for name, value in OURS["web"]["environment"].items()
        if name.endswith("_FILE")
    }
    code = (
        "from newsforge.settings import production as p;"
        "print(p.DATABASES['default']['HOST'], p.REDIS_URL.split('@')[1], len(p.SECRET_KEY) > 50, p.ENCRYPTION_KEYS)"
    )
    ended = started(tmp_path, code, ALLOWED_HOSTS="news.example", **said)
    keys = contents[0]["encryption_keys"]
    assert ended.stdout.strip() == f"postgres valkey:6379/0 True ['{keys}']", ended.stderr
