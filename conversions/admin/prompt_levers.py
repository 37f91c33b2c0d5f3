"""What staff do with one version of the prompt."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversions import prompt_versions
from conversions.enums import PromptState
from conversions.models import PromptVersion
from newsforge.lib.levers import Hand, Lever, Pulled, ReasonForm
from newsforge.lib.sentences import stored

ACTIVATED = stored("activated")
RETIRED_FOR = stored("retired for %(version)s")
ACTIVATED_AGAIN = stored("activated again: rolled back from %(version)s")
ROLLED_BACK_TO = stored("rolled back to %(version)s")
RETIRED = stored("retired")
COPIED_FROM = stored("copied from %(version)s")


def _activate(version: PromptVersion, hand: Hand) -> Pulled[PromptVersion]:
    retired = prompt_versions.activate(version=version, actor=hand.actor, now=hand.now)
    changed = [(version, ACTIVATED), *((each, RETIRED_FOR % {"version": version}) for each in retired)]
    said = gettext("Version %(version)s is active: posts begun from now on are written with it.")
    return Pulled(said=said % {"version": version}, changed=changed)


def _roll_back(version: PromptVersion, hand: Hand) -> Pulled[PromptVersion]:
    before = prompt_versions.roll_back(version=version, actor=hand.actor, now=hand.now)
    changed = [
        (before, ACTIVATED_AGAIN % {"version": version}),
        (version, ROLLED_BACK_TO % {"version": before}),
    ]
    return Pulled(said=gettext("Version %(version)s is active again.") % {"version": before}, changed=changed)


def _retire(version: PromptVersion, hand: Hand) -> Pulled[PromptVersion]:  # noqa: ARG001 - the signature is a lever's
    prompt_versions.retire(version=version)
    said = gettext("Version %(version)s is retired: the more general version is in force in its place.")
    return Pulled(said=said % {"version": version}, changed=[(version, RETIRED)])


def _copy(version: PromptVersion, hand: Hand) -> Pulled[PromptVersion]:
    draft = prompt_versions.copy(version=version, actor=hand.actor, now=hand.now)
    said = gettext("Version %(draft)s is a new draft with the words of %(version)s; it can be edited.")
    return Pulled(
        said=said % {"draft": draft, "version": version},
        changed=[(draft, COPIED_FROM % {"version": version})],
    )


LEVERS: tuple[Lever[PromptVersion], ...] = (
    Lever(
        name="activate", label=_("Activate"), pull=_activate, form=ReasonForm,
        warning=_("Posts begun from now on are written with it, within 3 seconds in every process; what is being "
                  "written goes on with the words it began with. From then on the version stays as it is."),
        offered=lambda version: version.state != PromptState.ACTIVE,
    ),
    Lever(
        name="roll-back", label=_("Roll back"), pull=_roll_back,
        offered=lambda version: version.state == PromptState.ACTIVE and getattr(version, "has_before", True),
    ),
    Lever(
        name="retire", label=_("Retire"), pull=_retire, form=ReasonForm,
        warning=_("The version for fewer platforms and languages steps back for the more general one."),
        offered=lambda version: version.state == PromptState.ACTIVE and bool(version.platform or version.language),
    ),
    Lever(name="copy", label=_("Copy to a new draft"), pull=_copy),
)  # fmt: skip
