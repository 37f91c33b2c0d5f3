"""docs/openapi.yaml is what the API does: schemathesis makes requests of it, good and bad, and looks at every answer.

The product answers in this process, on the real PostgreSQL and Valkey; what an example changes is taken back before the
next. A failure prints the curl that repeats it. The same requests are made in every run.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from pytest_django import Settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from accounts.models import User
from conversions import provider_keys
from conversions.enums import Status
from newsforge.embedded.home import ROOT
from tests.conversions.keys.conftest import MODELS
from tests.conversions.test_api import ARTICLE
from tests.factories import (
    PROVIDER_KEY,
    make_conversion,
    make_delivery,
    make_endpoint,
    make_key,
    make_token,
    make_version,
)
from tests.faults.server import FaultServer

UNSAYABLE = {
    "bad-span": "two dates at most a year apart: a schema knows no difference of two values",
    "empty-text": "a text has a letter or a digit of any script: a pattern cannot say so in every library",
    "invalid-cursor": "a cursor is ours and opaque",
    "unprintable": "a name has no invisible character of Unicode: as with letters",
}
"""Codes of a 400 that a request may get although the schema allows it."""

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 8,
        "generation": {"max-examples": 5, "deterministic": True, "database": "none"},
        "checks": {
            # 402, 413, 422: what is asked for can be read, and its meaning, its size or its price is refused.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "401", "402", "403", "404", "409", "413", "422", "429"]
            },
            "negative_data_rejection": {
                "expected-statuses": ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]
            },
        },
    }
)

LARGE = {"ConvertHtmlRequest": "html", "ConvertTextRequest": "text", "PatchedPostEditRequest": "content_generated"}
"""To make up 100,000 characters to 5 MB takes longer than all else; other tests send texts that are too long."""

EXAMPLES: dict[str, Any] = {
    "create_conversions": {"text": ARTICLE, "platforms": ["x"], "provider": "extractive"},
    "create_estimate": {"text": ARTICLE, "platforms": ["x"], "provider": "extractive"},
    "create_key": {"name": "newsroom", "provider": "openai", "key": PROVIDER_KEY},
    "create_webhook": {"url": "https://desk.example.com/hooks/newsforge"},
    "edit_conversion": {"content_generated": "The library is open."},
}

INSTEAD = {"cancel_conversion": "pending_id", "retry_conversion": "failed_id"}
"""Whose conversion is no use when it has succeeded."""

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


TOLD: dict[str, Any] = yaml.load((ROOT / "docs" / "openapi.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
STREAMS = [path for path, item in TOLD["paths"].items() if "text/event-stream" in str(item.get("get"))]
"""A stream has no end that can be waited for here; they have tests of their own."""

OPERATIONS = [(method, path) for path, item in TOLD["paths"].items() if path not in STREAMS for method in item]


@pytest.fixture(scope="module")
def api() -> OpenApiSchema:
    """The committed schema, and the product behind it."""
    told = deepcopy(TOLD)
    for body, name in LARGE.items():
        del told["components"]["schemas"][body]["properties"][name]["maxLength"]
    found = schemathesis.openapi.from_dict(told, config=CONFIG)
    found.app = get_wsgi_application()
    return found


@dataclass(frozen=True, slots=True)
class World:
    """Whose token asks, and the ids of what two customers have, by the name of the parameter."""

    token: str
    own: dict[str, str]
    others: dict[str, str]


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """A request gives its connection back, and with it the test's transaction; Django's own client does this too."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(
    acme: User, globex: User, settings: Settings, monkeypatch: pytest.MonkeyPatch, one_connection: None
) -> Iterator[World]:
    settings.BURST_SIZE = settings.BURST_PER_MINUTE = 1_000_000
    monkeypatch.setattr(provider_keys, "CHECKS_AT_ONCE", 1_000_000)
    User.objects.update(api_quota_daily=1_000)
    with FaultServer(MODELS) as running:
        settings.OPERATOR_PROVIDERS = {
            "openai": {"api_key": "", "base_url": f"{running.base_url}/v1", "model": "model-1", "api": "responses"},
            "anthropic": {"api_key": "", "base_url": running.base_url, "model": "model-1", "api": "messages"},
        }
        yield World(make_token(acme)[1], belongings(acme), belongings(globex))


def belongings(user: User) -> dict[str, str]:
    """Give a user one of each thing that has an address of its own; return their ids."""
    canary = f"Words of {user.email}"
    conversion = make_conversion(user, status=Status.SUCCEEDED, content_generated=canary, version=2)
    for number in (1, 2):
        make_version(conversion, number=number, text=canary)
    key, endpoint = make_key(user), make_endpoint(user, description=canary)
    delivery = make_delivery(endpoint, conversion=conversion)
    failed, pending = (make_conversion(user, status=each) for each in (Status.FAILED, Status.PENDING))
    ids = {
        "failed": failed.pk,
        "pending": pending.pk,
        "conversion": conversion.pk,
        "batch": conversion.batch_id,
        "key": key.pk,
        "endpoint": endpoint.pk,
    }
    return {f"{name}_id": str(each) for name, each in {**ids, "delivery": delivery.pk}.items()}


def plant(case: Any, world: World) -> bool:
    """Put an id that exists in the place of one that was made up; tell whether it is somebody else's."""
    strange = False
    for name, made_up in (case.path_parameters or {}).items():
        try:
            number = uuid.UUID(str(made_up)).int
        except ValueError:
            continue
        strange = bool(number % 2)
        case.path_parameters[name] = (world.others if strange else world.own)[name]
    return strange


@schemathesis.check
def accepted(ctx: Any, response: Any, case: Any) -> bool | None:
    """A request the schema allows is taken, or refused for its meaning."""
    if response.status_code == 400:
        told = response.json()
        codes = {each["code"] for each in told.get("errors", [told])}
        if codes <= UNSAYABLE.keys():
            return None
    return positive_data_acceptance(ctx, response, case)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_a_customer_sends_is_answered_as_the_schema_says(
    api: OpenApiSchema, world: World, method: str, path: str
) -> None:
    headers = {"Authorization": f"Bearer {world.token}"}

    @hypothesis.settings(deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    def send(case: Any) -> None:
        strange = plant(case, world)
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        case.validate_response(response, headers=headers, excluded_checks=[positive_data_acceptance])
        assert not strange or 400 <= response.status_code < 500, response.text
        assert "globex" not in response.text
        for name, hidden in world.others.items():
            assert hidden not in response.text.replace(case.formatted_path, ""), name

    project = api.config
    asked = HypothesisTestConfig(
        project=project,
        modes=list(HypothesisTestMode),
        settings=project.get_hypothesis_settings(phase="fuzzing"),
        explicit_setting_names=project.explicit_hypothesis_settings(phase="fuzzing"),
        seed=project.seed,
    )
    create_test(operation=api[path][method], test_func=send, config=asked)()


def one_of_each(api: OpenApiSchema, world: World) -> Iterator[Any]:
    """A sound request for each operation."""
    for method, path in OPERATIONS:
        operation = api[path][method]
        name = operation.definition.raw["operationId"]
        ids = {each.name: world.own[INSTEAD.get(name, each.name)] for each in operation.path_parameters}
        body = EXAMPLES.get(name, {}) if operation.body else NOT_SET
        yield operation.Case(path_parameters=ids, body=body, media_type="application/json")


def test_nobody_is_answered_nothing(api: OpenApiSchema, world: World) -> None:
    for case in one_of_each(api, world):
        response = case.call()
        assert response.status_code == 401, case.operation.label
        case.validate_response(response)


def test_who_asks_too_fast_is_told_when_to_come_back(api: OpenApiSchema, world: World, settings: Settings) -> None:
    settings.BURST_SIZE = settings.BURST_PER_MINUTE = 1
    headers = {"Authorization": f"Bearer {world.token}"}
    next(one_of_each(api, world)).call(headers=headers)
    for case in one_of_each(api, world):
        response = case.call(headers=headers)
        assert response.status_code == 429, case.operation.label
        case.validate_response(response, headers=headers, excluded_checks=[positive_data_acceptance])


def test_every_sound_request_goes_well(api: OpenApiSchema, world: World) -> None:
    """Or the other tests might see nothing but refusals."""
    headers = {"Authorization": f"Bearer {world.token}"}
    for case in one_of_each(api, world):
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        assert response.status_code < 300, (case.operation.label, response.text)
        case.validate_response(response, headers=headers)
