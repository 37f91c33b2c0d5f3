"""Providers: how their circuits stand, in which order and for which model they are asked, and the levers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize, time_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.selectors import keys_in_trouble
from conversions import gate, lineup, selectors
from conversions.admin.provider_form import ProviderForm, price_table
from conversions.admin.provider_levers import LEVERS
from conversions.enums import Provider
from conversions.models import CircuitTransition, ProviderSetting
from newsforge.lib.admin import badge
from newsforge.lib.breaker import CircuitState, View
from newsforge.lib.levers import LeverAdmin
from newsforge.lib.problem import title_of
from newsforge.lib.retelling import retold

COLOURS = {CircuitState.CLOSED: "good", CircuitState.HALF_OPEN: "busy", CircuitState.OPEN: "bad"}

SHOWN_MOVES = 20


@admin.register(ProviderSetting)
class ProviderSettingAdmin(LeverAdmin[ProviderSetting]):
    """Providers; there is one row for each, made with the tables."""

    form = ProviderForm
    levers = LEVERS
    list_display = ("position", "state", "provider", "row_buttons", "asked_for", "trouble", "why")
    list_display_links = ("state", "provider")
    search_fields = ("provider",)
    id_fields = ()
    ordering = ("position", "provider")
    readonly_fields = (
        "state", "buttons", "address", "reason", "forced_open_until", "offered", "trouble", "keys_affected", "history",
        "updated_at",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("state", "buttons", "reason", "forced_open_until", "trouble", "keys_affected", "address")}),
        (_("Order and model"), {"fields": ("position", "model", "offered")}),
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

    @admin.display(description=_("offered models"))
    def offered(self, setting: ProviderSetting) -> SafeString:
        """Return its models and their prices."""
        return price_table(provider=setting.provider, in_force=self.asked_for(setting))

    @admin.display(description=_("failures, last 24 hours"))
    def trouble(self, setting: ProviderSetting) -> SafeString | str:
        """Return how often calls failed and how, the most frequent first."""
        since = timezone.now() - timedelta(days=1)
        found = selectors.failures_of(provider=setting.provider, since=since)
        lines = [
            (each.count, each.code, title_of(code=each.code), time_format(timezone.localtime(each.last_at)))
            for each in found
        ]
        return format_html_join("", '<div>{} × <span title="{}">{}</span> · {}</div>', lines) or "-"

    @admin.display(description=_("keys affected"))
    def keys_affected(self, setting: ProviderSetting) -> SafeString | str:
        """Return what is wrong with keys in use there, the operator's among them."""
        rest = gate.rests().left(subject=gate.subject_of(key=None, provider=Provider(setting.provider)))
        lines = [(gettext("operator's key:"), title_of(code=rest.code))] if rest is not None else []
        lines += [(f"{count} ×", title_of(code=code)) for code, count in keys_in_trouble(provider=setting.provider)]
        page = reverse("admin:accounts_apikey_changelist")
        chosen = f"{page}?status__exact=needs_attention&provider__exact={setting.provider}"
        shown = format_html_join("", "<div>{} {}</div>", lines)
        return format_html('{}<a href="{}">{}</a>', shown, chosen, gettext("users' keys that need attention"))

    @admin.display(description=_("address"))
    def address(self, setting: ProviderSetting) -> str:
        """Return where it is asked; only the environment says so."""
        return lineup.place_of(provider=setting.provider).base_url or gettext("the provider's own")

    @admin.display(description=_("history"))
    def history(self, setting: ProviderSetting) -> SafeString | str:
        """Return what its circuits did last."""
        moves = CircuitTransition.objects.filter(circuit__startswith=Provider(setting.provider).value)
        lines = [
            (_moment(move.created_at), move.circuit, gettext(move.from_state.replace("_", " ")),
             gettext(move.to_state.replace("_", " ")), retold(move.reason), move.failure_code, move.actor)
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

    def save_model(
        self, request: HttpRequest, obj: ProviderSetting, form: forms.ModelForm[ProviderSetting], change: bool
    ) -> None:
        """Let this process go by the change at once, and the others within seconds."""
        super().save_model(request, obj, form, change)
        lineup.forget()


def _moment(at: datetime) -> str:
    return localize(timezone.localtime(at))


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
