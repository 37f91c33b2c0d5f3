"""Renew the Korean catalogue: ``python -m newsforge.messages`` (needs GNU gettext).

Django finds what is marked for translation. Some kinds of text are not marked, because the code that holds them
knows no Django: the sentences that are kept (``stored``) and those of errors, the values of closed sets, and the
names of platforms. They are collected here. Both files are committed, so that nothing needs gettext where the product
runs.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("newsforge", "accounts", "conversions", "monitoring")
NOT_OURS = [".venv", "var", "tests", "bench", "deploy"]
COLLECTED = ROOT / "newsforge" / "unmarked_messages.py"
"""Lives only while the catalogue is made."""


SHOWN_SETS = frozenset(
    {
        "AttemptState",
        "ChannelSource",
        "CircuitState",
        "DeliveryState",
        "Fault",
        "IncidentKind",
        "KeyVerdict",
        "NotificationKind",
        "NotificationState",
        "Payer",
        "Platform",
        "PromptState",
        "QuotaKind",
        "Severity",
        "State",
        "Status",
        "Tier",
        "Tone",
        "Unit",
        "Verdict",
    }
)
"""Closed sets whose values people read in a page; the others are codes."""


MENDED = frozenset(
    {
        *("Select %s to view", "Select %s to change", "View %s", " By %(filter_title)s "),
        *("MFA", "authenticator", "authenticators", "created at", "last used at", "TOTP Authenticator", "WebAuthn"),
        "Bad Token",
        "Invalid or expired key.",
        "Incorrect code.",
        "Incorrect password.",
        "Invalid token.",
        "Authenticator secret",
        "You can store this secret and use it to reinstall your authenticator app at a later time.",
        "An authenticator app is not active.",
        "Authentication using an authenticator app is active.",
        "Authenticator app activated.",
        "Authenticator app deactivated.",
        "Authenticator App Activated",
        "Authenticator App Deactivated",
        "New Recovery Codes Generated",
        "A new security key has been added.",
        "Security Key Added",
        "Security Key Removed",
        "Security Keys",
        "Security key added.",
        "Security key removed.",
        "No security keys have been added.",
        "Add Security Key",
        "Remove Security Key",
        "Are you sure you want to remove this security key?",
        "Are you sure?",
        "Use a security key",
        "Use authenticator app or code",
        "Use your password",
        "Enter your password:",
        "Enter an authenticator code:",
        "Your account is protected by two-factor authentication. Please enter an authenticator code:",
        "You have confirmed %(email)s.",
        "Confirmation email sent to %(email)s.",
        "Removed email address %(email)s.",
        "Successfully signed in as %(name)s.",
        "You must type the same password each time.",
        "This functionality requires JavaScript.",
        "Your password has been reset.",
        "Unable to confirm %(email)s because it is already confirmed by a different account.",
        "Your email has been changed from %(from_email)s to %(to_email)s.",
    }
)
"""Texts of Django's admin and of django-allauth whose Korean reads badly or is missing; ours comes first."""


def unmarked() -> list[str]:
    """Return the texts people read that carry no mark, sorted."""
    found: set[str] = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "embedded" in path.parts:
                continue  # speaks to a terminal before Django is there
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    found.update(_of_call(node))
                if isinstance(node, ast.ClassDef):
                    found.update(_of_class(node))
                elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "PLATFORM_NAMES":
                    found.update(_constants(node.value))
    return sorted(found - {""} | MENDED)


def main() -> None:
    """Write ``locale/ko/LC_MESSAGES/django.po`` and ``django.mo``."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsforge.settings.dev"
    os.chdir(ROOT)
    import django
    from django.core.management import call_command

    django.setup()
    COLLECTED.write_text(
        "".join(f"gettext_noop({json.dumps(text, ensure_ascii=False)})\n" for text in unmarked()), "utf-8"
    )
    try:
        options = {"no_location": True, "no_wrap": True, "no_obsolete": True, "ignore_patterns": NOT_OURS}
        call_command("makemessages", locale=["ko"], **options)
    finally:
        COLLECTED.unlink()
    call_command("compilemessages", locale=["ko"], ignore_patterns=NOT_OURS)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if not isinstance(line, ast.Assign | ast.AnnAssign):
            continue
        name = ast.unparse(line.target if isinstance(line, ast.AnnAssign) else line.targets[0])
        if name in {"sentence", "title"}:
            yield from _constants(line.value)
        elif node.name in SHOWN_SETS:
            yield from (value.replace("_", " ") for value in _constants(line.value))


def _of_call(node: ast.Call) -> Iterator[str]:
    if ast.unparse(node.func) == "stored":
        yield from _constants(node.args[0])


def _constants(node: ast.expr | None) -> Iterator[str]:
    values = node.values if isinstance(node, ast.Dict) else [node]
    yield from (each.value for each in values if isinstance(each, ast.Constant) and isinstance(each.value, str))


if __name__ == "__main__":
    main()
