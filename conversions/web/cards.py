"""What a card of the batch page shows: one platform's newest conversion, where it stands, and its post."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversions.editing import Measure, measure
from conversions.enums import FINAL, Platform, Provider, Status
from conversions.models import Conversion
from conversions.pipeline.platforms import RULES
from conversions.selectors import stage_of
from conversions.web.names import PLATFORM_NAMES, PROVIDER_NAMES
from newsforge.lib.problem import title_of
from newsforge.lib.retelling import retold

STAGES: dict[str, str | Promise] = {
    "queued": gettext_lazy("Waiting for a free worker"),
    "reading": gettext_lazy("Reading the article"),
    "writing": gettext_lazy("Writing the post"),
    "checking": gettext_lazy("Checking it against the article"),
    "succeeded": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Cancelled"),
}
STEPS = ("queued", "reading", "writing", "checking")


@dataclass(frozen=True)
class Card:
    """One platform of a request. ``earlier`` are conversions it replaces, the newest first."""

    conversion: Conversion
    is_answered: bool = False
    """Whether a provider has answered while it is still worked on."""
    earlier: tuple[Conversion, ...] = ()

    @property
    def platform(self) -> Platform:
        """Return the platform."""
        return Platform(self.conversion.target_platform)

    @property
    def name(self) -> str:
        """Return the platform's name."""
        return _(PLATFORM_NAMES[self.platform])

    @cached_property
    def stage(self) -> str:
        """Return where the conversion stands, a key of ``STAGES``."""
        return stage_of(conversion=self.conversion, is_answered=self.is_answered)

    @property
    def words(self) -> str:
        """Return the stage in words."""
        if self.stage == "queued" and self.conversion.started_at:
            return _("Waiting to try again")
        return str(STAGES[self.stage])

    @property
    def is_final(self) -> bool:
        """Tell whether nothing more happens by itself."""
        return self.conversion.status in FINAL

    @property
    def mark(self) -> str:
        """Return what changes when the card does."""
        return f"{self.conversion.pk}:{self.stage}"

    @property
    def once(self) -> UUID:
        """Return what makes a form of the card that is sent twice one wish."""
        return uuid4()

    @property
    def step(self) -> int:
        """Return how many of ``STEPS`` lie behind."""
        return STEPS.index(self.stage) if self.stage in STEPS else len(STEPS)

    @cached_property
    def measure(self) -> Measure:
        """Return how the post stands with its platform's limit."""
        row = self.conversion
        return measure(platform=self.platform, text=row.content_generated, title=row.title)

    @property
    def has_title(self) -> bool:
        """Tell whether the platform's posts have a title."""
        return RULES[self.platform].max_title is not None

    @property
    def shown(self) -> str:
        """Return what a feed shows before "more"."""
        fold = RULES[self.platform].fold
        text = self.conversion.content_generated
        return text if fold is None or len(text) <= fold else text[:fold].rstrip()

    @property
    def hidden(self) -> str:
        """Return what a feed hides."""
        return self.conversion.content_generated[len(self.shown) :]

    @property
    def writer(self) -> str:
        """Return who wrote the post."""
        row = self.conversion
        name = str(PROVIDER_NAMES[Provider(row.provider)]) if row.provider else ""
        return f"{name} · {row.model}" if row.model else name

    @property
    def why(self) -> str:
        """Return the failure's title in the reader's language."""
        return title_of(code=self.conversion.failure_code)

    @property
    def what(self) -> str:
        """Return what went wrong and what to do, in the reader's language."""
        return retold(self.conversion.error_message)

    @property
    def composer(self) -> str:
        """Return the address of the platform's own composer, the post in it where it takes one."""
        article = self.conversion.article
        address = (article.canonical_url or article.url) if article else self.conversion.source_url
        template = RULES[self.platform].composer_url
        if "{url}" in template and not address:
            return template.partition("?")[0]
        return template.format(text=quote(self.conversion.content_generated, safe=""), url=quote(address, safe=""))


def cards_of(conversions: Iterable[Conversion], *, answered: Container[UUID] = ()) -> list[Card]:
    """Return one card for each platform, in the order asked for, with the newest conversion on top."""
    by_platform: dict[str, list[Conversion]] = {}
    for row in sorted(conversions, key=lambda row: (row.position, row.created_at)):
        by_platform.setdefault(row.target_platform, []).insert(0, row)
    return [
        Card(conversion=rows[0], is_answered=rows[0].pk in answered, earlier=tuple(rows[1:]))
        for rows in by_platform.values()
    ]


def progress_of(cards: list[Card]) -> dict[str, Any]:
    """Return how far a request is, for the line that is read aloud."""
    done = [card for card in cards if card.is_final]
    written = sum(card.conversion.status == Status.SUCCEEDED for card in done)
    return {"total": len(cards), "done": len(done), "written": written, "open": len(cards) - len(done)}
