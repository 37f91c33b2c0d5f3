"""The words models are asked with: drafts are edited, compared and tried; what was active is only read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversions import active_prompts, prompt_versions, selectors
from conversions.admin.prompt_levers import LEVERS
from conversions.admin.prompt_review import review
from conversions.enums import PromptState
from conversions.models import PromptVersion
from conversions.pipeline.prompts import NAMES, PromptTemplate, PromptTemplateInvalid
from newsforge.lib.admin import badge
from newsforge.lib.levers import LeverAdmin
from newsforge.lib.problem import told

COLOURS = {PromptState.DRAFT: "busy", PromptState.ACTIVE: "good", PromptState.RETIRED: "idle"}

WORDS = ("system_template", "user_template")
JOURNAL = ("created_by", "created_at", "activated_by", "activated_at")


class PromptForm(forms.ModelForm[PromptVersion]):
    """A draft; what cannot be filled is refused here already."""

    class Meta:
        model = PromptVersion
        fields = ("version", "platform", "language", "note", *WORDS)
        widgets = {name: forms.Textarea(attrs={"rows": 20, "cols": 100}) for name in WORDS}
        help_texts = {
            "version": _("Conversions name it by this; it stays its own for good."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what the task may name."""
        super().__init__(*args, **kwargs)
        if "user_template" in self.fields:
            names = ", ".join(f"${name}" for name in NAMES[1:])
            text = gettext("Must name $article. May name %(names)s. A dollar sign is written $$.")
            self.fields["user_template"].help_text = text % {"names": names}

    def clean(self) -> dict[str, Any]:
        """See that the words can be filled."""
        data = super().clean() or {}
        words = PromptTemplate(version=data.get("version", ""), system="", user=data.get("user_template", ""))
        try:
            words.check()
        except PromptTemplateInvalid as wrong:
            if "user_template" in data:
                self.add_error("user_template", told(wrong))
        return data


@admin.register(PromptVersion)
class PromptVersionAdmin(LeverAdmin[PromptVersion]):
    """Versions of the prompt."""

    form = PromptForm
    levers = LEVERS
    list_display = ("shown", "version", "row_buttons", "platform", "language", "used", "activated_at")
    list_display_links = ("shown", "version")
    list_filter = ("state", "platform")
    actions = None
    search_fields = ("version", "note")
    id_fields = ()
    ordering = ("state", "platform", "language", "-id")
    readonly_fields = ("shown", "used", "buttons", "compared", *JOURNAL)
    add_fields = ("version", "platform", "language", "note", *WORDS)
    fieldsets = (
        (None, {"fields": ("shown", "compared", "buttons", "used")}),
        (_("Words"), {"fields": add_fields}),
        (_("When"), {"fields": JOURNAL}),
    )

    @admin.display(description=_("state"), ordering="state")
    def shown(self, version: PromptVersion) -> SafeString:
        """Return where it stands."""
        return badge(text=version.state, state=COLOURS[PromptState(version.state)])

    @admin.display(description=_("used by"))
    def used(self, version: PromptVersion) -> str:
        """Return how many conversions were written with it, counted up to a bound."""
        uses: int = getattr(version, "uses", 0)
        return f"> {selectors.MOST_USES}" if uses > selectors.MOST_USES else str(uses)

    @admin.display(description=_("compare and try"))
    def compared(self, version: PromptVersion) -> SafeString:
        """Return the way to what it changes."""
        page = reverse("admin:conversions_promptversion_review", args=[version.pk])
        return format_html('<a href="{}">{}</a>', page, gettext("Compare with the active one, preview, write a sample"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptVersion]:
        """Return versions with their uses, all in one statement."""
        return selectors.prompt_versions()

    def get_urls(self) -> list[Any]:
        """Add the page that compares and tries."""
        view = self.admin_site.admin_view(lambda request, pk: review(self, request, pk))
        return [path("<int:pk>/review/", view, name="conversions_promptversion_review"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: PromptVersion | None = None) -> Any:
        """Ask only for the words of a new one."""
        return [(None, {"fields": self.add_fields})] if obj is None else super().get_fieldsets(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new one with the words in force for all."""
        words = active_prompts.in_force().choose(platform="", language="")
        name = prompt_versions.free_name(now=timezone.now())
        return {"version": name, "system_template": words.system, "user_template": words.user}

    def has_change_permission(self, request: HttpRequest, obj: PromptVersion | None = None) -> bool:
        """Refuse for all but drafts."""
        return super().has_change_permission(request, obj) and (obj is None or obj.state == PromptState.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: PromptVersion | None = None) -> bool:
        """Refuse for all but drafts."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.state == PromptState.DRAFT)

    def save_model(
        self, request: HttpRequest, obj: PromptVersion, form: forms.ModelForm[PromptVersion], change: bool
    ) -> None:
        """Note who made it."""
        if not change:
            obj.created_by = str(request.user)
        super().save_model(request, obj, form, change)
