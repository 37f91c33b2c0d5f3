"""What is said, before a channel gives it its own form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Look(StrEnum):
    """How a message looks where there are colours; the words say it too."""

    CRITICAL = "critical"
    WARNING = "warning"
    RECOVERED = "recovered"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in the reader's language.

    ``key`` is the same however often it is sent; ``thread`` joins what is about one incident. ``fields`` are label and
    value; ``facts`` are for programs, under names that stay, in plain JSON values.
    """

    key: str
    thread: str
    look: Look
    title: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    link: str = ""
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        """Return all of it but the title as plain text."""
        lines = [self.text, "", *(f"{label}: {value}" for label, value in self.fields)]
        return "\n".join([*lines, "", self.link] if self.link else lines).strip()
