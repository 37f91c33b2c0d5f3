"""The levers of a provider: its turn, one free question, a pause and its end, off and on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from conversions import lineup, operating, provider_keys
from conversions.enums import KeyVerdict, Provider
from conversions.models import ProviderSetting
from conversions.pipeline.providers.errors import NAMES
from newsforge.lib.levers import Hand, Lever, Pulled, ReasonForm
from newsforge.lib.problem import told
from newsforge.lib.sentences import stored

PAUSED = stored("paused")
RESET = stored("reset")
DISABLED = stored("disabled")
ENABLED = stored("enabled")
ASKED_AS_NUMBER = stored("asked as number %(position)s")
PROBED = stored("probed: %(verdict)s in %(ms)s ms")

USUAL_MINUTES = 60

MOST_MINUTES = 30 * 24 * 60


class PauseForm(ReasonForm):
    """Why, and for how long."""

    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MOST_MINUTES, initial=USUAL_MINUTES)


def _done(setting: ProviderSetting, sentence: str, did: str) -> Pulled[ProviderSetting]:
    return Pulled(said=gettext(sentence) % {"provider": name_of(setting)}, changed=[(setting, did)])


def _pause(setting: ProviderSetting, hand: Hand) -> Pulled[ProviderSetting]:
    until = hand.now + timedelta(minutes=hand.given["minutes"])
    operating.pause(setting=setting, until=until, reason=hand.reason, actor=hand.actor, now=hand.now)
    return _done(setting, gettext_noop("%(provider)s is paused."), PAUSED)


def _reset(setting: ProviderSetting, hand: Hand) -> Pulled[ProviderSetting]:
    operating.reset(setting=setting, reason=hand.reason, actor=hand.actor)
    return _done(setting, gettext_noop("%(provider)s is reset: it is asked again."), RESET)


def _disable(setting: ProviderSetting, hand: Hand) -> Pulled[ProviderSetting]:
    operating.disable(setting=setting, reason=hand.reason)
    return _done(setting, gettext_noop("%(provider)s is disabled."), DISABLED)


def _enable(setting: ProviderSetting, hand: Hand) -> Pulled[ProviderSetting]:
    operating.enable(setting=setting, reason=hand.reason)
    return _done(setting, gettext_noop("%(provider)s is enabled."), ENABLED)


def _moving(by: int) -> Callable[[ProviderSetting, Hand], Pulled[ProviderSetting]]:
    def move(setting: ProviderSetting, hand: Hand) -> Pulled[ProviderSetting]:  # noqa: ARG001 - a lever's signature
        changed = operating.move(setting=setting, by=by)
        line = " → ".join(NAMES[place.provider] for place in lineup.lineup())
        said = gettext("The order is now %(line)s.") % {"line": line}
        return Pulled(
            said=said,
            changed=[(each, ASKED_AS_NUMBER % {"position": each.position}) for each in changed],
        )

    return move


def _probe(setting: ProviderSetting, hand: Hand) -> Pulled[ProviderSetting]:  # noqa: ARG001 - a lever's signature
    found = provider_keys.probe(provider=setting.provider)
    if found is None:
        said = gettext("Nobody has a key for %(provider)s, so it was not asked.") % {"provider": name_of(setting)}
        return Pulled(said=said, changed=[], level=messages.WARNING)
    sentence, level = ANSWERS[found.verdict]
    facts = {"provider": name_of(setting), "ms": found.latency_ms, "why": told(found.failure) if found.failure else ""}
    did = PROBED % {"verdict": found.verdict.value, "ms": found.latency_ms}
    return Pulled(said=gettext(sentence) % facts, changed=[(setting, did)], level=level)


ANSWERS = {
    KeyVerdict.ACCEPTED: (gettext_noop("%(provider)s answered in %(ms)s ms."), messages.SUCCESS),
    KeyVerdict.REFUSED: (
        gettext_noop("%(provider)s answered in %(ms)s ms, but refused the operator's key: %(why)s"), messages.WARNING,
    ),
    KeyVerdict.UNTESTED: (gettext_noop("%(provider)s failed after %(ms)s ms: %(why)s"), messages.ERROR),
}  # fmt: skip


def name_of(setting: ProviderSetting) -> str:
    """Return the provider's own name."""
    return NAMES[Provider(setting.provider)]


def _is_stopped(setting: ProviderSetting) -> bool:
    return setting.forced_open_until is not None and setting.forced_open_until > timezone.now()


LEVERS: tuple[Lever[ProviderSetting], ...] = (
    Lever(name="probe", label=_("Probe now"), pull=_probe),
    Lever(
        name="earlier", label=_("Ask earlier"), pull=_moving(-1),
        offered=lambda setting: lineup.lineup()[0].provider != setting.provider,
    ),
    Lever(
        name="later", label=_("Ask later"), pull=_moving(1),
        offered=lambda setting: lineup.lineup()[-1].provider != setting.provider,
    ),
    Lever(
        name="pause", label=_("Pause"), pull=_pause, form=PauseForm, offered=lambda setting: not _is_stopped(setting),
        warning=_("The circuit is forced open: nobody asks the provider for so many minutes, then one call may try."),
    ),
    Lever(
        name="reset", label=_("Reset"), pull=_reset, form=ReasonForm,
        warning=_("The circuit is closed: everybody asks the provider again, its failures and a pause are forgotten."),
    ),
    Lever(
        name="disable", label=_("Disable"), pull=_disable, form=ReasonForm, offered=lambda setting: setting.is_enabled,
        warning=_("It is passed over until somebody enables it; requests that name it fail and say so."),
    ),
    Lever(
        name="enable", label=_("Enable"), pull=_enable, form=ReasonForm, offered=lambda setting: not setting.is_enabled,
        warning=_("It is asked again, in its turn."),
    ),
)  # fmt: skip
