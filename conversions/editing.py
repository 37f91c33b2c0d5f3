"""People's changes to a written post: each is counted and checked again like the first text, and none is lost."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from conversions.enums import Platform, Provider, Status
from conversions.models import Conversion, PostVersion
from conversions.pipeline.grounding import ground
from conversions.pipeline.platforms import check, count, hashtags_in, limit_of
from conversions.pipeline.types import Finding, Post
from conversions.services import CannotChange
from newsforge.lib.errors import Fault, PermanentError
from newsforge.lib.sentences import stored

OVER_LONG = stored("The post is over %(most)s characters long.")

BINDING = frozenset({"length", "title", "hashtag"})
"""Kinds of findings a platform refuses a post for; the others point a person to the words."""

LONGEST = 100_000
"""Characters of an edited text, for platforms that name no limit."""


class PostDoesNotFit(PermanentError):
    """The edited post is more than its platform takes."""

    code = "post-does-not-fit"
    status_code = 422
    title = "The platform would refuse this post"
    sentence = "Nothing was saved. %(problem)s"
    fault = Fault.REQUEST


class EditedMeanwhile(PermanentError):
    """Somebody else has changed the post since it was read."""

    code = "edited-meanwhile"
    status_code = 409
    title = "Somebody else has edited this post"
    sentence = (
        "The post is at version %(now)d; you edited version %(seen)d. Load it again and make your change once more."
    )
    fault = Fault.REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How a text stands with its platform; lengths in the platform's own unit, ``limit`` None where there is none."""

    length: int
    limit: int | None
    problems: tuple[Finding, ...]

    @property
    def remaining(self) -> int | None:
        """Return what is left, negative when it is too much."""
        return None if self.limit is None else self.limit - self.length

    @property
    def refused(self) -> tuple[Finding, ...]:
        """Return what the platform would not take."""
        return tuple(each for each in self.problems if each.kind in BINDING)


def measure(*, platform: Platform, text: str, title: str = "") -> Measure:
    """Count a text as its platform does, and return what is wrong with it."""
    own = settings.PLATFORM_LIMITS.get(platform)
    text = normal(text)
    return Measure(
        length=count(platform=platform, text=text),
        limit=limit_of(platform=platform, limit=own),
        problems=check(platform=platform, text=text, title=title, limit=own),
    )


def edit_post(
    *, conversion: Conversion, text: str, title: str | None, seen: int | None, actor: str, now: datetime
) -> Conversion:
    """Store another text for a written post, counted and checked against the article; the text before it is kept.

    ``seen`` is the version the change was made to, None to change whatever is there. A text that changes nothing makes
    no version.

    :raises CannotChange: if there is no post: not written yet, failed, or removed by retention.
    :raises EditedMeanwhile: if ``seen`` is not the newest version.
    :raises PostDoesNotFit: if the platform would refuse the post.
    """
    text = normal(text)
    with transaction.atomic():
        locked = Conversion.objects.select_for_update().get(pk=conversion.pk)
        if locked.status != Status.SUCCEEDED or locked.purged_at is not None:
            raise CannotChange(status=locked.status, wish="edited")
        if seen is not None and seen != locked.version:
            raise EditedMeanwhile(now=locked.version, seen=seen)
        title = locked.title if title is None else normal(title)
        if (text, title) != (locked.content_generated, locked.title):
            _store(locked, text, title, actor, now)
    locked.refresh_from_db()
    return locked


def restore_version(*, version: PostVersion, seen: int | None, actor: str, now: datetime) -> Conversion:
    """Make an older text the newest version again.

    :raises PermanentError: as ``edit_post`` does.
    """
    return edit_post(
        conversion=version.conversion, text=version.text, title=version.title, seen=seen, actor=actor, now=now
    )


def normal(text: str) -> str:
    """Return the text in NFC, with single line ends and no white space around it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _store(conversion: Conversion, text: str, title: str, actor: str, now: datetime) -> None:
    platform = Platform(conversion.target_platform)
    if len(text) > LONGEST:
        raise PostDoesNotFit(problem=OVER_LONG % {"most": f"{LONGEST:,}"})
    found = measure(platform=platform, text=text, title=title)
    if found.refused:
        raise PostDoesNotFit(problem=found.refused[0].message)
    if conversion.version == 1:
        _keep(conversion, author=conversion.provider, at=conversion.finished_at or now)
    conversion.content_generated, conversion.title = text, title
    conversion.length, conversion.limit = found.length, found.limit
    conversion.hashtags = list(dict.fromkeys(hashtags_in(text)))
    conversion.findings = [asdict(each) for each in (*found.problems, *_facts(conversion))]
    conversion.version += 1
    conversion.save(
        update_fields=[
            *("content_generated", "title", "length", "limit", "hashtags", "findings", "version", "updated_at")
        ]
    )
    _keep(conversion, author=actor, at=now)


def _keep(conversion: Conversion, *, author: str, at: datetime) -> None:
    state: dict[str, Any] = {
        name: getattr(conversion, name) for name in ("title", "hashtags", "length", "limit", "findings")
    }
    PostVersion.objects.create(
        conversion=conversion,
        number=conversion.version,
        text=conversion.content_generated,
        author=author,
        created_at=at,
        **state,
    )


def _facts(conversion: Conversion) -> tuple[Finding, ...]:
    """Return what does not stand in the article; nothing can be said once retention has removed it."""
    if conversion.article is None or not conversion.article.text:
        return ()
    post = Post(
        text=conversion.content_generated,
        title=conversion.title,
        platform=Platform(conversion.target_platform),
        language=conversion.content_language,
        length=conversion.length or 0,
        limit=conversion.limit,
        provider=Provider(conversion.provider),
    )
    return ground(post=post, article=conversion.article.value())
