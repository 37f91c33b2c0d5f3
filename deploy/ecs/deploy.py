"""Bring a release to ECS: ``python3 deploy/ecs/deploy.py IMAGE``; ``… IMAGE --show PROGRAM`` prints what it would say.

task.json is what every container has, service.json what every service has, programs.json what each adds to them; names
after a $ come from the environment. It registers them, migrates in a task of its own, points the services at the new
definitions, waits until all are stable and the site accepts work, and points them back when that does not happen.
Needs the aws command and nothing but Python itself. docs/operations.md says what has to be there before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from string import Template
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
NEEDED = (
    "ALLOWED_HOSTS", "AWS_REGION", "ECS_CLUSTER", "ECS_EXECUTION_ROLE", "ECS_SECRET", "ECS_SECURITY_GROUPS",
    "ECS_SUBNETS", "ECS_TARGET_GROUP", "NEWSFORGE_TRUSTED_PROXIES", "SITE_URL",
)  # fmt: skip
LISTS = ("ECS_SECURITY_GROUPS", "ECS_SUBNETS")
"""Several ids, split at commas."""
MORE_SECRETS = "ECS_MORE_SECRETS"
"""Names of variables that the secret holds beyond the four which production needs; split at commas or spaces."""
KEPT = ("cluster", "healthCheckGracePeriodSeconds", "deploymentConfiguration", "networkConfiguration")
"""What an update says again; how many tasks there are is decided where they run."""
TRIES = 30
"""Times the site is asked whether it accepts work, each two seconds after the last."""

PROGRAMS: dict[str, dict[str, Any]] = json.loads((HERE / "programs.json").read_text("utf-8"))
SERVICES = [program for program in PROGRAMS if "service" in PROGRAMS[program]]


class NotDeployed(Exception):
    """What ends the way to the new release, as a sentence."""


def main(arguments: list[str]) -> None:
    """Do it, or end with the sentence of what is missing."""
    said = variables(image=arguments[0] if arguments else "")
    if arguments[1:2] == ["--show"]:
        print(json.dumps({"task": task(arguments[2], said), "service": service(arguments[2], said)}, indent=2))
        return
    try:
        deploy(said)
    except NotDeployed as error:
        sys.exit(f"\n{error}")


def deploy(said: dict[str, str]) -> None:
    """Register, migrate, roll out and wait; undo what a service that fails, or a site that is not ready, has begun.

    :raises NotDeployed: if the new release does not run in the end.
    """
    before = {program: current(program, said) for program in SERVICES}
    registered = {program: register(program, said) for program in PROGRAMS}
    migrate(registered["migrate"], said)
    try:
        for program in SERVICES:
            point(program, registered[program], said, exists=before[program] is not None)
        settle(registered, said)
        wait_until_ready(said["SITE_URL"])
    except NotDeployed as error:
        raise NotDeployed(f"{error}\n{roll_back(before, said)}") from error
    print(f"{said['IMAGE']} runs and accepts work.")


def variables(*, image: str) -> dict[str, str]:
    """Return what the files' names after a $ stand for, or end with the names of those nobody has said."""
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing or not image:
        sys.exit(f"Name an image, and set: {', '.join(missing) or 'nothing more'}. docs/operations.md explains each.")
    return {name: os.environ[name] for name in NEEDED} | {"IMAGE": image}


def filled(name: str, program: str, said: dict[str, str]) -> Any:
    """Return a file of this folder with every name after a $ replaced."""
    values = {key: json.dumps(value)[1:-1] for key, value in said.items()} | {"PROGRAM": program}
    for key in LISTS:
        values[key] = '", "'.join(each.strip() for each in values[key].split(","))
    return json.loads(Template((HERE / name).read_text("utf-8")).substitute(values))


def task(program: str, said: dict[str, str]) -> dict[str, Any]:
    """Return the task definition of a program."""
    own = filled("programs.json", program, said)[program]
    whole: dict[str, Any] = filled("task.json", program, said) | own["task"]
    whole["containerDefinitions"][0] |= own["container"]
    for name in os.environ.get(MORE_SECRETS, "").replace(",", " ").split():
        more = {"name": name, "valueFrom": f"{said['ECS_SECRET']}:{name}::"}
        whole["containerDefinitions"][0]["secrets"].append(more)
    return whole


def service(program: str, said: dict[str, str]) -> dict[str, Any]:
    """Return what the service of a program is made with, {} for one that only runs once."""
    own: dict[str, Any] = filled("programs.json", program, said)[program]
    return filled("service.json", program, said) | own["service"] if "service" in own else {}


def register(program: str, said: dict[str, str]) -> str:
    """Register the task definition of a program, and return its ARN."""
    answer = ecs(said, "register-task-definition", "--cli-input-json", json.dumps(task(program, said)))
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def current(program: str, said: dict[str, str]) -> str | None:
    """Return the task definition a service runs, None where there is no such service yet."""
    return next((found["taskDefinition"] for found in described([program], said) if found["status"] == "ACTIVE"), None)


def described(programs: list[str], said: dict[str, str]) -> list[dict[str, Any]]:
    """Return what ECS knows about the services of some programs."""
    names = [f"newsforge-{program}" for program in programs]
    found: list[dict[str, Any]] = ecs(said, "describe-services", *at(said), "--services", *names)["services"]
    return found


def migrate(definition: str, said: dict[str, str]) -> None:
    """Run the migrations to their end.

    :raises NotDeployed: if they do not start, or do not end with 0.
    """
    print("Migrating")
    network = json.dumps(service("web", said)["networkConfiguration"])
    answer = ecs(
        said, "run-task", *at(said), "--launch-type", "FARGATE", "--task-definition", definition,
        "--network-configuration", network,
    )  # fmt: skip
    if not answer["tasks"]:
        raise NotDeployed(f"The migration was not started: {answer['failures']}. Nothing was deployed.")
    arn = answer["tasks"][0]["taskArn"]
    ecs(said, "wait", "tasks-stopped", *at(said), "--tasks", arn)
    (ended,) = ecs(said, "describe-tasks", *at(said), "--tasks", arn)["tasks"]
    code = next((each.get("exitCode") for each in ended["containers"]), None)
    if code != 0:
        how = "was not started" if code is None else f"ended with {code}"
        raise NotDeployed(
            f"The migration {how} ({ended.get('stoppedReason') or 'ECS gives no reason'}); nothing was deployed, the "
            f"release before still runs. What it said: aws logs tail /newsforge --log-stream-name-prefix migrate"
        )


def point(program: str, definition: str, said: dict[str, str], *, exists: bool) -> None:
    """Let a service run a task definition from now on; make it where there is none."""
    print(f"{program}: {definition}")
    wanted = service(program, said)
    if exists:
        wanted = {key: wanted[key] for key in KEPT if key in wanted} | {"service": wanted["serviceName"]}
    verb = "update-service" if exists else "create-service"
    ecs(said, verb, "--cli-input-json", json.dumps(wanted | {"taskDefinition": definition}))


def settle(definitions: dict[str, str], said: dict[str, str]) -> None:
    """Wait until every service is stable on its definition.

    :raises NotDeployed: if one is not in ten minutes, or ECS has put it back itself.
    """
    print("Waiting until every service is stable")
    ecs(said, "wait", "services-stable", *at(said), "--services", *(f"newsforge-{each}" for each in SERVICES))
    for found in described(SERVICES, said):
        program = found["serviceName"].removeprefix("newsforge-")
        if found["taskDefinition"] != definitions[program]:
            raise NotDeployed(f"ECS has rolled {program} back: its new tasks did not stay up. Its events say why.")


def wait_until_ready(site: str) -> None:
    """Ask the site whether it accepts work until it does.

    :raises NotDeployed: if it does not in a minute.
    """
    address = f"{site.rstrip('/')}/health/ready/"
    answer = "nothing"
    for attempt in range(TRIES):
        time.sleep(2 if attempt else 0)
        try:
            with urlopen(address, timeout=10) as reply:  # noqa: S310 - the person's own https://
                if reply.status == 200:
                    return
        except HTTPError as error:
            answer = str(error.code)
        except (URLError, OSError) as error:
            answer = str(error)
    raise NotDeployed(f"{address} does not say that the site accepts work; it answered: {answer}.")


def roll_back(before: dict[str, str | None], said: dict[str, str]) -> str:
    """Point every service that was there at what it ran before, and return the sentence about it."""
    print("Rolling back")
    there = {program: definition for program, definition in before.items() if definition is not None}
    if not there:
        return "There was no release before this one to go back to."
    try:
        for program, definition in there.items():
            point(program, definition, said, exists=True)
        names = [f"newsforge-{each}" for each in there]
        ecs(said, "wait", "services-stable", *at(said), "--services", *names)
    except NotDeployed as error:
        return f"Going back to the release before did not succeed either, and needs a person now: {error}"
    return "Every service runs the release before again; its migrations stay, and the old code runs on them."


def at(said: dict[str, str]) -> tuple[str, str]:
    """Return where."""
    return "--cluster", said["ECS_CLUSTER"]


def ecs(said: dict[str, str], *words: str) -> Any:
    """Return what ``aws ecs`` answers.

    :raises NotDeployed: if it refuses.
    """
    command = ["aws", "ecs", *words, "--region", said["AWS_REGION"], "--output", "json"]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise NotDeployed(f"aws ecs {' '.join(words[:2])} did not succeed: {ended.stderr.strip()}")
    return json.loads(ended.stdout or "{}")


if __name__ == "__main__":
    main(sys.argv[1:])
