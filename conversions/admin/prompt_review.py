"""One version beside the one in force, the prompt it makes of a bundled article, and a post written with it."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversions import prompt_trials
from conversions.active_prompts import in_force
from conversions.enums import PAID, Language, Platform, PromptState
from conversions.models import PromptVersion
from conversions.pipeline import pricing
from conversions.pipeline.prompts import PromptTemplateInvalid
from newsforge.lib.database import choices
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.levers import ReasonForm
from newsforge.lib.problem import told
from newsforge.lib.sentences import stored

TRIED = stored("tried at %(provider)s: %(platform)s %(language)s, %(count)s calls")

LANGUAGES = {Language.KOREAN: _("Korean"), Language.ENGLISH: _("English")}


class SampleForm(forms.Form):
    """Which post the version is tried with, within what it was made for."""

    sample = forms.ChoiceField(label=_("Article"))
    platform = forms.ChoiceField(label=_("Platform"))
    language = forms.ChoiceField(label=_("Language of the post"))

    def __init__(self, version: PromptVersion, data: Any) -> None:
        """Offer what the version is for."""
        first = {"sample": version.language or "ko", "platform": version.platform or "x",
                 "language": version.language or "ko"}  # fmt: skip
        super().__init__({name: data.get(name) or value for name, value in first.items()})
        names = choices(Platform)
        languages = [(each.value, str(name)) for each, name in LANGUAGES.items()]
        self.fields["sample"].choices = languages  # type: ignore[attr-defined] # a choice field
        self.fields["platform"].choices = [each for each in names if version.platform in {"", each[0]}]  # type: ignore[attr-defined] # as above
        self.fields["language"].choices = [each for each in languages if version.language in {"", each[0]}]  # type: ignore[attr-defined] # as above


def review(page: admin.ModelAdmin[PromptVersion], request: HttpRequest, pk: int) -> HttpResponse:
    """Show the comparison and the prompt; a POST has the post written, for what the operator's key costs."""
    version = page.get_object(request, str(pk))
    if version is None:
        raise Http404
    may_operate = request.user.has_perm("conversions.change_promptversion")
    if not page.has_view_permission(request, version) or (request.method == "POST" and not may_operate):
        raise PermissionDenied
    choice = SampleForm(version, request.POST if request.method == "POST" else request.GET)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts, "title": gettext("Compare and try: %(version)s") % {"version": version}, "version": version,
        "choice": choice, "may_operate": may_operate, "may_activate": version.state != PromptState.ACTIVE,
        "reason": ReasonForm(), **_compared(version),
    }  # fmt: skip
    if choice.is_valid():
        task = prompt_trials.Task(
            version=version,
            sample=choice.cleaned_data["sample"],
            platform=Platform(choice.cleaned_data["platform"]),
            language=Language(choice.cleaned_data["language"]),
        )
        context |= _previewed(task)
        if request.method == "POST" and "prompt" in context and request.POST.get("provider") in PAID:
            context |= _written(page, request, task, request.POST["provider"])
    return TemplateResponse(request, "admin/conversions/promptversion/review.html", context)


def _compared(version: PromptVersion) -> dict[str, Any]:
    rival = in_force().choose(platform=version.platform, language=version.language)
    mine = version.template()
    return {
        "rival": rival.version,
        "is_rival": rival.version == version.version,
        "parts": [(_("System"), difference(rival.system, mine.system)), (_("Task"), difference(rival.user, mine.user))],
    }


def difference(old: str, new: str) -> SafeString | None:
    """Return the lines of both texts with what was taken out and put in marked in words and signs; None if equal."""
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return None
    lines: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [(" ", line) for line in after[c:d]]
        else:
            lines += [("-", line) for line in before[a:b]] + [("+", line) for line in after[c:d]]
    drawn = (
        (format_html("<{}>{} {}</{}>", TAGS[sign], sign, line, TAGS[sign]) if sign in TAGS
         else format_html("<span>{} {}</span>", sign, line),)
        for sign, line in lines
    )  # fmt: skip
    return format_html('<pre class="diff">{}</pre>', format_html_join("\n", "{}", drawn))


TAGS = {"-": "del", "+": "ins"}


def _previewed(task: prompt_trials.Task) -> dict[str, Any]:
    try:
        prompt = prompt_trials.prompt_of(task=task)
    except PromptTemplateInvalid as wrong:
        return {"wrong": told(wrong)}
    return {
        "prompt": prompt,
        "tokens": pricing.tokens_of(prompt.system + prompt.user),
        "output_tokens": pricing.TYPICAL_OUTPUT_TOKENS,
        "prices": prompt_trials.prices(prompt=prompt),
    }


def _written(
    page: admin.ModelAdmin[PromptVersion], request: HttpRequest, task: prompt_trials.Task, provider: str
) -> dict[str, Any]:
    try:
        trial = prompt_trials.write(task=task, provider=provider)
    except NewsforgeError as failure:
        return {"trial_failure": told(failure)}
    page.log_change(
        request,
        task.version,
        TRIED % {"provider": provider, "platform": task.platform, "language": task.language, "count": trial.calls},
    )
    return {"trial": trial, "trial_failure": told(trial.failure) if trial.failure else ""}
