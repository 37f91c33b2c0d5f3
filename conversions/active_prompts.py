"""The words models are asked with now: what staff made active in the admin, over what comes with the product."""

from __future__ import annotations

from conversions.enums import PromptState
from conversions.models import PromptVersion
from conversions.pipeline.prompts import Prompts
from newsforge.lib.fresh import Fresh

FRESH = 3.0
"""Seconds a process goes by what it read last, as with providers: a conversion costs no query of its own."""


def in_force() -> Prompts:
    """Return the active templates; a conversion that holds them is not touched by what is activated later."""
    return _active.value()


def forget() -> None:
    """Read the rows anew with the next question: they were changed in this process."""
    _active.forget()


def _read() -> Prompts:
    rows = PromptVersion.objects.filter(state=PromptState.ACTIVE)
    return Prompts(templates={(row.platform, row.language): row.template() for row in rows})


_active = Fresh(_read, seconds=FRESH)
