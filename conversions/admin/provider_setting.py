"""Providers: how their circuits stand, in which order and for which model they are asked, and the levers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from conversions import gate, lineup
from conversions.admin.provider_actions import ReasonForm, disable, enable, pause, reset
from conversions.enums import Provider
from conversions.models import CircuitTransition, ProviderSetting
from newsforge.lib.admin import HouseAdmin, badge
from newsforge.lib.breaker import CircuitState, View

COLOURS = {CircuitState.CLOSED: "good", CircuitState.HALF_OPEN: "busy", CircuitState.OPEN: "bad"}

SHOWN_MOVES = 20


class ProviderForm(forms.ModelForm[ProviderSetting]):
    """Where empty, the environment's value is in force; it stands beside the field."""

    class Meta:
        model = ProviderSetting
        fields = ("position", "model", "failure_threshold", "recovery_seconds")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what is in force now and what there is."""
        super().__init__(*args, **kwargs)
        if self.instance.provider and "model" in self.fields:
            place = lineup.place_of(provider=self.instance.provider)
            offered = ", ".join(lineup.MODELS[place.provider])
            self.fields["model"].help_text = gettext("In force: %(model)s. Offered: %(offered)s.") % {
                "model": place.model, "offered": offered,
            }  # fmt: skip
            self.fields["failure_threshold"].help_text = gettext("In force: %(value)s.") % {
                "value": place.policy.threshold
            }
            self.fields["recovery_seconds"].help_text = gettext("In force: %(value)s.") % {
                "value": f"{place.policy.recovery:g}"
            }


@admin.register(ProviderSetting)
class ProviderSettingAdmin(HouseAdmin[ProviderSetting]):
    """Providers; there is one row for each, made with the tables."""

    form = ProviderForm
    action_form = ReasonForm
    list_display = ("state", "provider", "position", "asked_for", "why", "updated_at")
    list_display_links = ("state", "provider")
    list_editable = ("position",)
    search_fields = ("provider",)
    id_fields = ()
    ordering = ("position", "provider")
    actions = (pause, reset, disable, enable)
    readonly_fields = ("state", "address", "reason", "forced_open_until", "history", "updated_at")
    fieldsets = (
        (None, {"fields": ("state", "reason", "forced_open_until", "address")}),
        (_("Order and model"), {"fields": ("position", "model")}),
        (_("Circuit"), {"fields": ("failure_threshold", "recovery_seconds", "history")}),
        (_("When"), {"classes": ("collapse",), "fields": ("updated_at",)}),
    )

    @admin.display(description=_("status"))
    def state(self, setting: ProviderSetting) -> SafeString:
        """Return how its circuit stands at this moment."""
        if not setting.is_enabled:
            return badge(text=gettext_noop("disabled"), state="idle")
        if setting.forced_open_until is not None and setting.forced_open_until > timezone.now():
            return badge(text=gettext_noop("paused"), state="bad")
        view = gate.circuits().look(circuit=lineup.place_of(provider=setting.provider).circuit)
        shown = badge(text=view.state.replace("_", " "), state=COLOURS[view.state])
        return format_html("{} {}", shown, _more(view))

    @admin.display(description=_("model"))
    def asked_for(self, setting: ProviderSetting) -> str:
        """Return the model in force."""
        return lineup.place_of(provider=setting.provider).model

    @admin.display(description=_("reason"))
    def why(self, setting: ProviderSetting) -> str:
        """Return why it is stopped."""
        return setting.reason or "-"

    @admin.display(description=_("address"))
    def address(self, setting: ProviderSetting) -> str:
        """Return where it is asked; only the environment says so."""
        return lineup.place_of(provider=setting.provider).base_url or gettext("the provider's own")

    @admin.display(description=_("history"))
    def history(self, setting: ProviderSetting) -> SafeString | str:
        """Return what its circuits did last."""
        moves = CircuitTransition.objects.filter(circuit__startswith=Provider(setting.provider).value)
        lines = [
            (localize(timezone.localtime(move.created_at)), move.circuit, gettext(move.from_state.replace("_", " ")),
             gettext(move.to_state.replace("_", " ")), move.reason, move.failure_code, move.actor)
            for move in moves.order_by("-id")[:SHOWN_MOVES]
        ]  # fmt: skip
        rows = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{} → {}</td><td>{} {}</td><td>{}</td></tr>", lines)
        return format_html("<table>{}</table>", rows) if lines else "-"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: each provider has its row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ProviderSetting | None = None) -> bool:
        """Refuse: disable it instead."""
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Let staff with the right to change providers use the levers."""
        return request.user.has_perm("conversions.change_providersetting")

    def save_model(
        self, request: HttpRequest, obj: ProviderSetting, form: forms.ModelForm[ProviderSetting], change: bool
    ) -> None:
        """Let this process go by the change at once, and the others within seconds."""
        super().save_model(request, obj, form, change)
        lineup.forget()


def _more(view: View) -> str:
    """Say how many failures are counted, how long it lasts, and when only this process sees it."""
    said = []
    if view.state == CircuitState.CLOSED and view.failures:
        said.append(gettext("%(count)s failures") % {"count": view.failures})
    if view.state != CircuitState.CLOSED:
        said.append(gettext("%(seconds)s s left") % {"seconds": round(view.wait)})
    if not view.is_shared:
        said.append(gettext("seen by this process alone: Redis is away"))
    return ", ".join(said)
