"""Renew the configuration page: ``python -m newsforge.configuration`` writes what ``env.py`` says."""

from __future__ import annotations

from newsforge.env import ROOT, SECRETS, TABLE, Variable

PAGE = ROOT / "docs" / "configuration.md"

HEAD = """# Configuration

Made from `newsforge/env.py` by `python -m newsforge.configuration`; change it there, not here.

● marks secrets; they better come as `NAME_FILE`, the path of a file that holds the value. Lists are split at commas.
An empty value counts as unset, and a malformed one stops the start with a sentence.

| variable | type | without it | what it is for |
|---|---|---|---|
"""
TYPES = {str: "text", int: "number", bool: "yes or no", list: "list"}


def page() -> str:
    """Return the page: one row for each variable, in the order of the table."""
    return HEAD + "".join(_row(name, variable) for name, variable in TABLE.items())


def main() -> None:
    """Write ``docs/configuration.md``."""
    PAGE.write_text(page(), "utf-8")


def _row(name: str, variable: Variable) -> str:
    mark = " ●" if name in SECRETS else ""
    meaning = variable.meaning.replace("|", "\\|")
    return f"| `{name}`{mark} | {TYPES[variable.cast]} | {_default(variable)} | {meaning} |\n"


def _default(variable: Variable) -> str:
    value = variable.default
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ",".join(value)
    shown = str(value).replace(f"{ROOT}/", "")
    return f"`{shown}`" if shown else ""


if __name__ == "__main__":
    main()
