"""What staff do to a provider: let nobody ask it for a while, take that back, switch it off and on, move it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from conversions import gate, lineup
from conversions.models import ProviderSetting
from newsforge.lib.errors import Fault, PermanentError


class NoReason(PermanentError):
    """Whoever finds a provider stopped must be able to read why."""

    code = "no-reason"
    status_code = 400
    title = "A reason is needed"
    sentence = "Say why: whoever finds the provider stopped reads it."
    fault = Fault.REQUEST


class NoSuchPlace(PermanentError):
    """The provider is the first already, or the last."""

    code = "no-such-place"
    status_code = 409
    title = "Not possible now"
    sentence = "The provider stands at the end of the line already. Reload the page to see the order."
    fault = Fault.REQUEST


def pause(*, setting: ProviderSetting, until: datetime, reason: str, actor: str, now: datetime) -> None:
    """Let nobody ask the provider until a moment; then one call may try.

    The row holds it if Redis forgets; Redis holds it at once for all processes.

    :raises NoReason: if none is given.
    """
    why = _said(reason)
    _write(setting, forced_open_until=until, reason=why)
    seconds = (until - now).total_seconds()
    gate.circuits().force_open(circuit=_circuit(setting), seconds=seconds, reason=why, actor=actor)


def reset(*, setting: ProviderSetting, reason: str, actor: str) -> None:
    """Let everybody ask the provider again, and forget its failures and what was said of the operator's key.

    :raises NoReason: if none is given.
    """
    why = _said(reason)
    _write(setting, forced_open_until=None, reason="")
    place = lineup.place_of(provider=setting.provider)
    gate.rests().end(subject=gate.subject_of(key=None, provider=place.provider))
    gate.circuits().reset(circuit=place.circuit, reason=why, actor=actor)


def disable(*, setting: ProviderSetting, reason: str) -> None:
    """Switch the provider off until somebody switches it on: it is not asked, and who names it is told.

    :raises NoReason: if none is given.
    """
    _write(setting, is_enabled=False, reason=_said(reason))


def enable(*, setting: ProviderSetting, reason: str) -> None:
    """Switch the provider on.

    :raises NoReason: if none is given.
    """
    _said(reason)
    _write(setting, is_enabled=True, reason="")


def move(*, setting: ProviderSetting, by: int) -> list[ProviderSetting]:
    """Ask the provider so many places later, earlier below zero; return those whose position changed.

    :raises NoSuchPlace: if the line is not so long.
    """
    with transaction.atomic():
        line = list(ProviderSetting.objects.select_for_update().order_by("position", "provider"))
        place = next(index for index, row in enumerate(line) if row.pk == setting.pk)
        if not 0 <= place + by < len(line):
            raise NoSuchPlace
        line.insert(place + by, line.pop(place))
        moved = [(row, position) for position, row in enumerate(line, 1) if row.position != position]
        for row, position in moved:
            _write(row, position=position)
    lineup.forget()
    return [row for row, _ in moved]


def _said(reason: str) -> str:
    why = " ".join(reason.split())[:300]
    if not why:
        raise NoReason
    return why


def _circuit(setting: ProviderSetting) -> str:
    return lineup.place_of(provider=setting.provider).circuit


def _write(setting: ProviderSetting, **fields: object) -> None:
    for name, value in fields.items():
        setattr(setting, name, value)
    setting.save(update_fields=[*fields, "updated_at"])
    lineup.forget()
