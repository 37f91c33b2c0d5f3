from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from drf_spectacular.validation import validate_schema

COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    schema: dict[str, Any] = yaml.safe_load(COMMITTED.read_text("utf-8"))
    return schema


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_committed_schema_is_what_the_code_says_in_every_language(tmp_path: Path, language: str) -> None:
    fresh = tmp_path / "openapi.yaml"
    with translation.override(language):
        call_command("spectacular", "--file", str(fresh), "--validate", "--fail-on-warn", skip_checks=True)
    assert fresh.read_text("utf-8") == COMMITTED.read_text("utf-8"), (
        "run: manage.py spectacular --file docs/openapi.yaml"
    )


def test_it_is_valid_openapi_3_1(committed: dict[str, Any]) -> None:
    assert committed["openapi"] == "3.1.0"
    validate_schema(committed)  # type: ignore[no-untyped-call] # drf-spectacular has no types here


def test_every_operation_needs_a_token_and_documents_its_problems(committed: dict[str, Any]) -> None:
    operations = [operation for item in committed["paths"].values() for operation in item.values()]
    assert len(operations) >= 6
    for operation in operations:
        assert operation["security"] == [{"accessToken": []}]
        for status, told in operation["responses"].items():
            name = told.get("$ref", "").rpartition("/")[2]
            answer = committed["components"]["responses"][name] if name else told
            kinds = [] if status == "204" else ["application/json" if status < "300" else "application/problem+json"]
            kinds = ["text/event-stream"] if (operation["operationId"], status) == ("follow_batch", "200") else kinds
            assert list(answer.get("content", {})) == kinds, (operation["operationId"], status)


def test_the_documentation_page_needs_nothing_from_elsewhere() -> None:
    page = Client().get("/api/docs/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "//" not in html
    assert "<style" not in html
    assert html.count("<script src=") == html.count("<script") == 3
    script = Client().get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert '"validatorUrl": null' in script.content.decode()
    assert Client().get("/api/schema/").status_code == 200
