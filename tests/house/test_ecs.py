"""deploy/ecs against what it stands on: compose.yaml, the entry, the settings, AWS's own description of ECS."""

from __future__ import annotations

import importlib.util
import json
import re
from configparser import RawConfigParser
from types import ModuleType
from typing import Any

import pytest
import yaml
from botocore.session import get_session
from botocore.validate import ParamValidator

from newsforge.env import ROOT, SECRETS, TABLE
from tests.house import dockerfile
from tests.house.test_compose import OURS
from tests.house.test_production import SAID

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/deliver.yml").read_text("utf-8"))

FARGATE_WAITS = 120
"""Seconds at most, whatever a task asks for."""


def script() -> ModuleType:
    """Return deploy/ecs/deploy.py, which stands outside every package."""
    found = importlib.util.spec_from_file_location("deploy", ROOT / "deploy/ecs/deploy.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


DEPLOY = script()
GIVEN = {name: f"{name.lower()}-1,{name.lower()}-2" if name in DEPLOY.LISTS else name.lower() for name in DEPLOY.NEEDED}
GIVEN |= {"IMAGE": "registry.example/newsforge@sha256:0"}
TASKS: dict[str, dict[str, Any]] = {program: DEPLOY.task(program, GIVEN) for program in DEPLOY.PROGRAMS}
SERVICES: dict[str, dict[str, Any]] = {program: DEPLOY.service(program, GIVEN) for program in DEPLOY.SERVICES}


def container(program: str) -> dict[str, Any]:
    (only,) = TASKS[program]["containerDefinitions"]
    assert isinstance(only, dict)
    return only


def seconds(said: str) -> int:
    return int(said.removesuffix("s"))


def test_ecs_runs_what_compose_runs_as_often_and_leaves_it_the_same_time_to_stop(
    commands: set[str], supervised: RawConfigParser
) -> None:
    assert {program: container(program)["command"] for program in TASKS} == {
        name: service["command"] for name, service in OURS.items()
    }
    assert all(set(container(program)["command"]) <= commands for program in TASKS)
    for program, service in SERVICES.items():
        assert service["desiredCount"] == OURS[program].get("deploy", {}).get("replicas", 1)
        longest = container(program)["stopTimeout"]
        assert longest == min(seconds(OURS[program]["stop_grace_period"]), FARGATE_WAITS)
        assert supervised.getint(f"program:{program}", "stopwaitsecs") <= longest
    assert set(TASKS) - set(SERVICES) == {"migrate"}


@pytest.mark.parametrize("program", TASKS)
def test_every_task_is_told_what_production_needs_and_secrets_by_arn(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEPLOY.MORE_SECRETS, "OPENAI_API_KEY, ANTHROPIC_API_KEY")
    (it,) = DEPLOY.task(program, GIVEN)["containerDefinitions"]
    plain = {each["name"] for each in it["environment"]}
    secret = {each["name"]: each["valueFrom"] for each in it["secrets"]}
    assert set(SAID) | {"OPENAI_API_KEY", "ANTHROPIC_API_KEY"} <= plain | set(secret) <= set(TABLE)
    assert set(secret) <= SECRETS
    assert not plain & SECRETS
    assert secret == {name: f"{GIVEN['ECS_SECRET']}:{name}::" for name in secret}


@pytest.mark.parametrize("program", TASKS)
def test_every_task_writes_only_where_the_image_has_room_for_it(program: str) -> None:
    it = container(program)
    assert it["readonlyRootFilesystem"]
    mounted = [each["containerPath"] for each in it["mountPoints"]]
    assert sorted(mounted) == sorted(each.split(":")[0] for each in OURS[program]["tmpfs"])
    assert set(mounted) <= set(dockerfile.only("VOLUME").words), "else the folder is root's on Fargate"
    assert {each["sourceVolume"] for each in it["mountPoints"]} == {each["name"] for each in TASKS[program]["volumes"]}


def test_the_web_is_asked_as_the_image_asks_itself_and_is_reached_at_its_port() -> None:
    asked = dockerfile.Step("CMD", dockerfile.only("HEALTHCHECK").rest.split("CMD ")[1]).words
    assert container("web")["healthCheck"]["command"] == ["CMD", *asked]
    (reached,) = SERVICES["web"]["loadBalancers"]
    (opened,) = container("web")["portMappings"]
    assert reached["containerPort"] == opened["containerPort"] == int(dockerfile.environment()["PORT"])
    assert reached["containerName"] == container("web")["name"]


@pytest.mark.parametrize("program", TASKS)
def test_ecs_takes_what_it_is_told(program: str) -> None:
    told = [("RegisterTaskDefinition", TASKS[program])]
    if program in SERVICES:
        told.append(("CreateService", SERVICES[program] | {"taskDefinition": "arn"}))
    model = get_session().get_service_model("ecs")
    for name, parameters in told:
        report = ParamValidator().validate(parameters, model.operation_model(name).input_shape)
        assert not report.has_errors(), report.generate_report()
    assert "$" not in json.dumps(told)


@pytest.mark.parametrize("program", SERVICES)
def test_a_release_that_does_not_stay_up_never_takes_the_place_of_the_one_before(program: str) -> None:
    deployment = SERVICES[program]["deploymentConfiguration"]
    assert deployment["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert deployment["minimumHealthyPercent"] == 100
    assert deployment["maximumPercent"] >= 200


def test_the_workflow_and_the_paper_name_every_variable_that_is_needed() -> None:
    deploy = WORKFLOW["jobs"]["deploy"]
    (step,) = (each for each in deploy["steps"] if "deploy.py" in each.get("run", ""))
    given = set(WORKFLOW["env"]) | set(step["env"])
    assert {*DEPLOY.NEEDED, DEPLOY.MORE_SECRETS} <= given
    paper = (ROOT / "docs/operations.md").read_text("utf-8")
    variables = set(re.findall(r"vars\.(\w+)", json.dumps(WORKFLOW)))
    assert {name for name in variables if f"`{name}`" not in paper} == set()
    assert len(variables) > 10


def test_the_workflow_of_the_tests_runs_what_a_person_runs() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))["jobs"]
    made = [step["run"] for step in jobs["test"]["steps"] if step.get("run", "").startswith("make ")]
    assert made == ["make check", "make test"]
    assert all(f"step {each}\n" in (ROOT / ".ci/run").read_text("utf-8") for each in made)
