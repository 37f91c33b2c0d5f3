"""What staff do with versions of the prompt: copy one to a draft, make it active, take that back. Each says why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from conversions import active_prompts
from conversions.enums import PromptState
from conversions.models import PromptVersion
from newsforge.lib.errors import Fault, PermanentError

MOST_COPIES = 1000


class AlreadyActive(PermanentError):
    """There is nothing to activate."""

    code = "prompt-already-active"
    status_code = 409
    title = "Active already"
    sentence = "Version %(version)s is active already."
    fault = Fault.REQUEST


class NothingBefore(PermanentError):
    """No other version was active for the same platform and language."""

    code = "no-prompt-before"
    status_code = 409
    title = "Nothing to roll back to"
    sentence = "No other version was active here before %(version)s. Activate another one, or retire this one."
    fault = Fault.REQUEST


class StillNeeded(PermanentError):
    """Only a version that is active, and stands before a more general one, can be retired."""

    code = "prompt-still-needed"
    status_code = 409
    title = "Cannot be retired"
    sentence = (
        "Version %(version)s cannot be retired: it is not active, or it is the one for all platforms and languages, "
        "which only another one can replace."
    )
    fault = Fault.REQUEST


def copy(*, version: PromptVersion, actor: str, now: datetime) -> PromptVersion:
    """Return a new draft with the same words, named by the day."""
    return PromptVersion.objects.create(
        platform=version.platform,
        language=version.language,
        version=free_name(now=now),
        system_template=version.system_template,
        user_template=version.user_template,
        created_by=actor,
        created_at=now,
    )


def free_name(*, now: datetime) -> str:
    """Return the day, with a number when a version has its name already."""
    day = f"{timezone.localtime(now):%Y-%m-%d}"
    taken = set(PromptVersion.objects.filter(version__startswith=day).values_list("version", flat=True))
    return next(name for name in (day, *(f"{day}.{n}" for n in range(2, MOST_COPIES))) if name not in taken)


def activate(*, version: PromptVersion, actor: str, now: datetime) -> list[PromptVersion]:
    """Let conversions that begin from now on be written with it; return the one it took the place of, if any.

    :raises AlreadyActive: if it is active.
    :raises conversions.pipeline.prompts.PromptTemplateInvalid: if it cannot be filled.
    """
    with transaction.atomic():
        held = _held(version)
        row = next(each for each in held if each.pk == version.pk)
        if row.state == PromptState.ACTIVE:
            raise AlreadyActive(version=row.version)
        row.template().check()
        replaced = [each for each in held if each.state == PromptState.ACTIVE]
        for other in replaced:
            _write(other, state=PromptState.RETIRED)
        _write(row, state=PromptState.ACTIVE, activated_by=actor, activated_at=now)
    version.refresh_from_db()
    return replaced


def roll_back(*, version: PromptVersion, actor: str, now: datetime) -> PromptVersion:
    """Activate the version that was active in this one's place before, and return it.

    :raises NothingBefore: if there was none.
    """
    with transaction.atomic():
        before = [each for each in _held(version) if each.state == PromptState.RETIRED and each.pk != version.pk]
        if not before or version.state != PromptState.ACTIVE:
            raise NothingBefore(version=version.version)
        last = max(before, key=lambda each: each.activated_at or each.created_at)
        activate(version=last, actor=actor, now=now)
    version.refresh_from_db()
    return last


def retire(*, version: PromptVersion) -> None:
    """Let the more general version take over.

    :raises StillNeeded: if it is not active, or there is no more general one.
    """
    with transaction.atomic():
        row = next(each for each in _held(version) if each.pk == version.pk)
        if row.state != PromptState.ACTIVE or not (row.platform or row.language):
            raise StillNeeded(version=row.version)
        _write(row, state=PromptState.RETIRED)
    version.refresh_from_db()


def _held(version: PromptVersion) -> list[PromptVersion]:
    """Return all versions for the same platform and language, locked until the transaction ends."""
    same = PromptVersion.objects.filter(platform=version.platform, language=version.language)
    return list(same.select_for_update().order_by("pk"))


def _write(version: PromptVersion, **fields: object) -> None:
    for name, value in fields.items():
        setattr(version, name, value)
    version.save(update_fields=list(fields))
    transaction.on_commit(active_prompts.forget)
