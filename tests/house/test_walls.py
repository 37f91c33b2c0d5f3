"""Each wall between modules stands: an import that breaks it is caught, by name."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("newsforge", "accounts", "conversions", "monitoring")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]

DOWN = "Apps look down only"
TIME = "Inside conversions, file order is time order"
PLACE = "Inside the pipeline, every module has its place"
PLAIN = "The pipeline is plain Python"
DOOR = "One door out"
SETTINGS = "Only settings import settings"
SELECTORS = "Monitoring asks selectors, never the job's tables"
CYCLES = "No cycles between siblings"

BREACHES: dict[str, list[tuple[str, str]]] = {
    DOWN: [
        ("newsforge.lib.errors", "accounts.enums"),
        ("accounts.enums", "conversions.enums"),
        ("conversions.selectors", "monitoring.models"),
        ("monitoring.models", "newsforge.urls"),
    ],
    TIME: [
        ("conversions.selectors", "conversions.services"),
        ("conversions.tasks", "conversions.services"),
        ("conversions.execution", "conversions.delivery"),
        ("conversions.models.article", "conversions.tools"),
        ("conversions.api.views", "conversions.admin"),
        ("conversions.utils", ""),
    ],
    PLACE: [
        ("conversions.pipeline.fetch", "conversions.pipeline.convert"),
        ("conversions.pipeline.types", "conversions.pipeline.platforms"),
        ("conversions.pipeline.helpers", ""),
    ],
    PLAIN: [
        ("conversions.pipeline.types", "django"),
        ("conversions.pipeline.fetch", "rest_framework"),
        ("conversions.pipeline.fetch", "celery"),
        ("conversions.pipeline.fetch", "conversions.models"),
        ("conversions.pipeline.fetch", "newsforge.lib.database"),
        ("conversions.enums", "django"),
    ],
    DOOR: [
        ("conversions.tools", "httpx2"),
        ("conversions.pipeline.fetch", "httpx"),
        ("accounts.services", "requests"),
        ("monitoring.views", "urllib3"),
        ("newsforge.lib.problem", "AntiSSRF"),
    ],
    SETTINGS: [("accounts.quota", "newsforge.settings.base"), ("conversions.tools", "newsforge.env")],
    SELECTORS: [("monitoring.views", "conversions.models")],
    CYCLES: [("accounts.enums", "accounts.models")],
}
"""Who imports what against which contract; an empty import is a module that has no place at all."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources as they stand, in a folder where they may be broken."""
    folder = tmp_path_factory.mktemp("walls")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    return folder


def run(folder: Path, tool: str, *arguments: str) -> tuple[int, str]:
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_the_walls_stand(copy: Path) -> None:
    status, told = run(copy, "lint-imports", "--no-cache")
    assert status == 0, told


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_caught_by_its_contract(copy: Path, contract: str) -> None:
    with broken(copy, BREACHES[contract]):
        status, told = run(copy, "lint-imports", "--no-cache")
    assert status == 1
    assert f"{contract} BROKEN" in told
    assert [breach for breach in BREACHES[contract] if not any(each in told for each in names(*breach))] == []


@contextmanager
def broken(folder: Path, breaches: list[tuple[str, str]]) -> Iterator[None]:
    """Write the imports into the copy, and take them out again."""
    kept: dict[Path, str | None] = {}
    for importer, imported in breaches:
        path = folder / Path(*importer.split(".")).with_suffix(".py")
        before = path.read_text("utf-8") if path.exists() else None
        kept.setdefault(path, before)
        path.write_text(f"{before or ''}\nimport {imported or 'this'}\n", "utf-8")
    yield
    for path, text in kept.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text, "utf-8")


def names(importer: str, imported: str) -> tuple[str, ...]:
    """How the linter may name the breach; of a cycle it names the package."""
    cycle = f"No cycles are allowed in {importer.rpartition('.')[0]}."
    return (f"{importer} -> {imported}", cycle) if imported else (f"- {importer}",)


def test_every_contract_is_broken_on_purpose() -> None:
    assert {contract["name"] for contract in CONTRACTS} == set(BREACHES)


@pytest.mark.parametrize("line", ["import http.client", "from urllib.request import urlopen"])
def test_the_standard_library_is_no_second_door(copy: Path, line: str) -> None:
    (copy / "conversions" / "second_door.py").write_text(f"{line}\n", "utf-8")
    status, told = run(copy, "ruff", "check", "--no-cache", "--select", "TID251", ".")
    (copy / "conversions" / "second_door.py").unlink()
    assert status == 1
    assert "second_door.py" in told
