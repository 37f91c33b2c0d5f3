"""Whatever the service keeps in words is told again in Korean: a sentence nobody marked cannot reach a row."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TypeGuard
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import translation

from monitoring import judging, tasks
from monitoring.models import Incident
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.retelling import PLACE, retold
from newsforge.lib.sentences import CATALOGUE
from newsforge.messages import PACKAGES, ROOT, unmarked
from tests.house.test_errors import import_everything, kinds
from tests.house.test_messages import catalogue

KEPT = {
    "Answer": (None, "error"),
    "BECAUSE": (None, "what"),
    "Condition": (None, "detail"),
    "Finding": (None, "message"),
    "Pulled": (None, "changed"),
    "Trouble": (None, "summary"),
    "_done": (2, "did"),
    "audit.note": (None, "text"),
    "_each": (4, "done"),
    "_finding": (1, "message"),
    "_give_up": (1, "reason"),
    "_keep": (2, "did"),
    "_switch": (None, "done"),
    "_tell": (3, "reason"),
    "_told": (0, "words"),
    "delivery.disable": (None, "reason"),
    "disable": (None, "reason"),
    "execution.end": (None, "reason"),
    "quota.release": (None, "reason"),
    "each": (4, "done"),
    "incidents.report": (None, "summary"),
    "incidents.resolve": (None, "how"),
    "judging.of_program": (None, "words"),
    "of_program": (None, "words"),
    "page.log_addition": (2, "message"),
    "page.log_change": (2, "message"),
    "of_conversions.log_change": (2, "message"),
    "quota.set_daily": (None, "reason"),
    "self._tell": (3, "reason"),
    "self.log_change": (2, "message"),
    "update": (None, "last_error"),
    "_note": (3, "reason"),
    "_reset": (None, "reason"),
    "run_all_again": (None, "done"),
}
"""By what a call looks like: which argument ends in a row and is read by people, by place and by name."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not {"migrations", "embedded", "demo"} & set(path.parts):
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield name, ast.parse(path.read_text("utf-8"))


def given(call: ast.Call) -> Iterator[ast.expr]:
    """What a call gives to be kept."""
    said = ast.unparse(call.func)
    place, name = KEPT.get(said, KEPT.get("update") if said.endswith(".update") else None) or (None, "")
    if place is not None and len(call.args) > place:
        yield call.args[place]
    yield from (each.value for each in call.keywords if each.arg == name)


def loose(value: ast.expr) -> Iterator[str]:
    """What is written into a sentence where it is given, and not where it is marked."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod):
        yield from loose(value.left)  # what fills its places is no sentence, or one by itself
    elif isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and value.value not in ("", None)):
        yield ast.unparse(value)
    elif isinstance(value, ast.IfExp):
        yield from (*loose(value.body), *loose(value.orelse))
    elif isinstance(value, ast.BinOp | ast.List | ast.Tuple | ast.BoolOp):
        for each in ast.iter_child_nodes(value):
            yield from loose(each) if isinstance(each, ast.expr) else ()
    elif isinstance(value, ast.ListComp):
        yield from loose(value.elt)


def names_in(function: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name of a function, or a module, is set to."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                found.setdefault(ast.unparse(target), []).append(node.value)
    return found


def producers() -> Iterator[tuple[str, ast.expr]]:
    """Every expression whose text is kept, with what the names in it were set to."""
    for module, tree in modules():
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            known = names_in(function)
            for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
                for value in given(call):
                    yield f"{module}:{call.lineno}", value
                    if isinstance(value, ast.Name):
                        yield from ((f"{module}:{call.lineno}", each) for each in known.get(value.id, ()))


def test_nothing_is_kept_that_was_not_marked() -> None:
    found = list(producers())
    assert len(found) > 80
    assert {place: text for place, value in found for text in loose(value)} == {}


def test_a_sentence_written_where_it_is_kept_is_seen() -> None:
    for line in ('Finding(kind="name", message=f"{name} is new.")', 'each(page, request, rows, service, "mended")'):
        call = ast.parse(line, mode="eval").body
        assert isinstance(call, ast.Call)
        assert [text for value in given(call) for text in loose(value)] != []


def test_sentences_are_marked_whole_and_when_their_module_is_loaded() -> None:
    """One that is marked while it is told is not known to the process that shows it."""
    late, put_together = [], []
    for module, tree in modules():
        calls = {id(call): call for call in ast.walk(tree) if is_mark(call)}
        functions = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))
        within = {id(call) for function in functions for call in ast.walk(function)}
        for key, call in calls.items():
            if isinstance(call.args[0], ast.Constant):
                late += [f"{module}:{call.lineno}"] if key in within else []
            elif not module.startswith("newsforge.lib.errors"):
                put_together.append(f"{module}:{call.lineno}")
    assert (late, put_together) == ([], [])


def is_mark(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "stored"


def shown() -> set[str]:
    """Every sentence that can reach a row: not those of doors and of what speaks to a terminal."""
    import_everything()
    elsewhere = {
        text
        for kind in kinds(NewsforgeError)
        if {"embedded", "management", "isolate", "api", "web", "admin"} & set(kind.__module__.split("."))
        for text in (kind.sentence, kind.title)
    }
    return {sentence for sentence in CATALOGUE if PLACE.sub("", sentence)} & set(unmarked()) - elsewhere  # no test's


def test_every_sentence_is_told_in_korean_and_none_is_taken_for_another() -> None:
    korean = catalogue()
    assert sorted(shown() - set(korean)) == []
    for sentence in shown():
        places = dict.fromkeys(PLACE.findall(sentence), "7")
        kept = filled(sentence, places)
        with translation.override("ko"):
            assert retold(kept) == filled(korean[sentence], places), sentence
        with translation.override("en"):
            assert retold(kept) == kept


def filled(sentence: str, places: dict[str, str]) -> str:
    return PLACE.sub(r"%(\1)s", sentence) % places if places else sentence


def test_places_are_told_too_and_what_is_no_sentence_stays() -> None:
    with translation.override("ko"):
        assert retold("Redis does not answer: Unable to connect to Redis: Timeout.") == (
            "Redis가 응답하지 않습니다: Redis에 연결할 수 없습니다: 시간이 초과되었습니다."
        )
        assert retold("suspended: sends spam: twice") == "정지됨: sends spam: twice"
        assert retold("Nothing was saved. The post is 300 weighted characters long; x takes 280.").endswith(
            "게시글 길이는 300(가중 글자)이고, X의 한도는 280입니다."
        )
        assert retold("Somebody wrote this by hand.") == "Somebody wrote this by hand."


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_sends_in_place_of_the_sweep_knows_what_the_sweep_keeps() -> None:
    program = (
        "from newsforge.celery import app; app.loader.import_default_modules()\n"
        "from monitoring.tasks import watch_sweep; watch_sweep()\n"
        "from newsforge.lib.sentences import CATALOGUE\nprint(*CATALOGUE, sep='\\0')"
    )
    ours = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    as_started = os.environ | {"DATABASE_URL": ours, "CELERY_SKIP_CHECKS": "true"}  # the checks import every page
    command = [sys.executable, "-c", program]
    seen = subprocess.run(command, cwd=ROOT, env=as_started, capture_output=True, text=True, check=True)
    assert {judging.STALLED, judging.STILL_DOWN} <= set(seen.stdout.removesuffix("\n").split("\0"))
    assert Incident.objects.get().summary == tasks.NO_SWEEP


def test_every_process_knows_them_all() -> None:
    """What one keeps is shown by another, of the web or of alerts, which loads its own modules and no others."""
    program = (
        "import django; django.setup(); import newsforge.urls\n"
        "from newsforge.lib.sentences import CATALOGUE\nprint(*CATALOGUE, sep='\\0')"
    )
    seen = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert sorted(shown() - set(seen.stdout.removesuffix("\n").split("\0"))) == []
