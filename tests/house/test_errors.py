"""Every failure the house knows has a code, a status, a title and a sentence a person can act on."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator

import pytest

import accounts
import conversions
import monitoring
import newsforge
from conversions.enums import FailureCode, Provider
from conversions.pipeline.providers.errors import ProviderFailure, Receipt
from newsforge.lib.errors import Fault, NewsforgeError, PermanentError, TransientError

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")

ENDS_CONVERSIONS = (
    "conversions.pipeline",
    "conversions.execution",
    "conversions.reading",
    "conversions.gate",
    "conversions.route",
    "conversions.tools",
    "accounts.budget",
    "newsforge.lib.http",
)
"""Where the failures come from that a conversion can end with."""

SHARED = {"not-found", "bad-line", *(code.value for code in FailureCode)}
"""Codes several places may tell; a client reads the code, a person the sentence."""


STARTS_SOMETHING = ("__main__", ".wsgi", ".asgi")
"""Modules that are run: those of the web say from then on that a web worker lives."""


def import_everything() -> None:
    for package in (newsforge, accounts, conversions, monitoring):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".settings" not in module.name and not module.name.endswith(STARTS_SOMETHING):
                importlib.import_module(module.name)


def kinds(kind: type[NewsforgeError]) -> Iterator[type[NewsforgeError]]:
    for below in kind.__subclasses__():
        if below.__module__.split(".")[0] in {"newsforge", "accounts", "conversions", "monitoring"}:
            yield below
        yield from kinds(below)


def is_concrete(kind: type[NewsforgeError]) -> bool:
    """Leaves are raised; what has others below it is raised too if it, or what it derives from, has a code."""
    return not kind.__subclasses__() or kind.code != NewsforgeError.code


import_everything()
CONCRETE = sorted(filter(is_concrete, set(kinds(NewsforgeError))), key=lambda kind: kind.__qualname__)


def example(kind: type[NewsforgeError]) -> NewsforgeError:
    if issubclass(kind, ProviderFailure):
        return kind(receipt=Receipt(provider=Provider.OPENAI, model="gpt-6-luna", reason="no"))
    return kind(**dict.fromkeys(PLACEHOLDER.findall(kind.sentence), 7))


@pytest.mark.parametrize("kind", CONCRETE, ids=lambda kind: kind.__qualname__)
class TestEveryError:
    def test_tells_a_person_what_to_do(self, kind: type[NewsforgeError]) -> None:
        assert "%" not in PLACEHOLDER.sub("", kind.sentence), "only %(name)s and %(name)d stand in a sentence"
        told = str(example(kind))
        assert told[0].isupper() or told[0].isdigit()
        assert told[-1] in ".!?…" or kind.sentence.endswith(")s"), "a sentence, or one that a filled-in sentence ends"
        assert 0 < len(kind.title) <= 60
        assert not kind.title.endswith(".")

    def test_says_whether_to_try_again_and_whose_fault_it_is(self, kind: type[NewsforgeError]) -> None:
        assert issubclass(kind, PermanentError) != issubclass(kind, TransientError)
        assert isinstance(kind.fault, Fault)
        assert 400 <= kind.status_code <= 599

    def test_has_a_code_of_its_own_that_fits_its_column(self, kind: type[NewsforgeError]) -> None:
        assert kind.code != NewsforgeError.code or "code" in vars(kind), "internal-error is said on purpose"
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.code)
        assert len(kind.code) <= 40

    def test_crosses_process_borders_whole(self, kind: type[NewsforgeError]) -> None:
        error = example(kind)
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        assert (type(copy), str(copy), copy.params) == (kind, str(error), error.params)


def test_a_code_means_one_thing() -> None:
    said = Counter(kind.code for kind in CONCRETE if "code" in vars(kind))
    assert {str(code) for code, times in said.items() if times > 1} - SHARED == set()


def test_whatever_ends_a_conversion_has_a_code_the_database_takes() -> None:
    known = {code.value for code in FailureCode}
    strangers = {
        f"{kind.__module__}.{kind.__qualname__}: {kind.code}"
        for kind in CONCRETE
        if kind.__module__.startswith(ENDS_CONVERSIONS) and kind.code not in known
    }
    assert strangers == set()


def test_no_failure_code_is_one_nobody_raises() -> None:
    raised = {kind.code for kind in CONCRETE} | {NewsforgeError.code}
    assert {code.value for code in FailureCode} - raised == set()
