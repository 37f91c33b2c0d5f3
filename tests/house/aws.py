"""As much of ``aws ecs`` as a release needs, with its state in the file $AWS_STATE: a program, run by its path."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main(words: list[str]) -> None:
    file = Path(os.environ["AWS_STATE"])
    state = json.loads(file.read_text("utf-8"))
    _, verb, *rest = words
    state["calls"].append(verb if verb != "wait" else f"wait {rest[0]}")
    answer = ANSWERS[verb](state, rest)
    file.write_text(json.dumps(state), "utf-8")
    sys.stdout.write(json.dumps(answer))


def told(rest: list[str]) -> Any:
    return json.loads(rest[rest.index("--cli-input-json") + 1])


def register(state: dict[str, Any], rest: list[str]) -> object:
    family = told(rest)["family"]
    state["revisions"][family] = state["revisions"].get(family, 0) + 1
    return {"taskDefinition": {"taskDefinitionArn": f"{family}:{state['revisions'][family]}"}}


def describe_services(state: dict[str, Any], rest: list[str]) -> object:
    there = state["services"]
    return {
        "services": [
            {"serviceName": name, "status": "ACTIVE", "taskDefinition": there[name]} for name in rest if name in there
        ]
    }


def change(state: dict[str, Any], rest: list[str]) -> object:
    """Take the new definition, or keep the old one as ECS does when the new tasks do not stay up."""
    name = told(rest).get("service") or told(rest)["serviceName"]
    if name != state["breaks"]:
        state["services"][name] = told(rest)["taskDefinition"]
    return {}


def create(state: dict[str, Any], rest: list[str]) -> object:
    assert told(rest)["serviceName"] not in state["services"]
    return change(state, rest)


def update(state: dict[str, Any], rest: list[str]) -> object:
    assert told(rest)["service"] in state["services"]
    return change(state, rest)


ANSWERS: dict[str, Callable[[dict[str, Any], list[str]], object]] = {
    "register-task-definition": register,
    "describe-services": describe_services,
    "create-service": create,
    "update-service": update,
    "run-task": lambda state, rest: {"tasks": [{"taskArn": "task"}], "failures": []},
    "describe-tasks": lambda state, rest: {
        "tasks": [{"containers": [{"exitCode": state["exit"]}], "stoppedReason": "Essential container exited"}]
    },
    "wait": lambda state, rest: {},
}

if __name__ == "__main__":
    main(sys.argv[1:])
