"""The Korean catalogue: everything people read is in it, whole, and its two files agree."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from newsforge.messages import PACKAGES, ROOT, unmarked

FOLDER = ROOT / "locale" / "ko" / "LC_MESSAGES"
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
STRING = r'"(?:[^"\\]|\\.)*"'
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def catalogue() -> dict[str, str]:
    with (FOLDER / "django.mo").open("rb") as file:
        entries = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined] # the module offers no listing
    return {key[0] if isinstance(key, tuple) else key: text for key, text in entries.items() if key != ""}


def written() -> dict[str, str]:
    """The entries of the .po file."""
    text = (FOLDER / "django.po").read_text("utf-8")
    entry = re.compile(
        rf"^msgid ((?:{STRING}\n)+)(?:msgid_plural (?:{STRING}\n)+)?msgstr(?:\[0\])? ((?:{STRING}\n)+)", re.MULTILINE
    )
    pairs = {_joined(found[1]): _joined(found[2]) for found in entry.finditer(text)}
    return {key: value for key, value in pairs.items() if key}


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(each) for each in re.findall(STRING, lines))


def marked() -> Iterator[str]:
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        yield from _in_python(path.read_text("utf-8"))
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]:
        for found in re.finditer(r"gettext\(u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", _as_python(path)):
            yield str(ast.literal_eval(found[1]))


def _as_python(path: Path) -> str:
    return templatize(path.read_text("utf-8"), origin=str(path))


def _in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_everything_people_read_is_in_korean_too() -> None:
    known = catalogue()
    found = {*marked(), *unmarked()}
    assert len(found) > 300
    assert sorted(found - set(known)) == [], "run: python -m newsforge.messages, and translate what is new"


def test_nothing_is_lost_in_translation() -> None:
    differ = [
        message
        for message, translation in catalogue().items()
        if set(PLACEHOLDER.findall(message)) != set(PLACEHOLDER.findall(translation))
    ]
    assert differ == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert written() == catalogue()
    assert "fuzzy" not in (FOLDER / "django.po").read_text("utf-8")
