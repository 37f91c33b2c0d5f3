"""What staff choose for a provider: its model from the known ones with their prices, and how soon it is left alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversions import lineup
from conversions.enums import Provider
from conversions.models import ProviderSetting
from conversions.pipeline import pricing


class KnownModels(forms.TextInput):
    """A field that offers every model with a price, and takes any other name too."""

    provider = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the field and what it offers."""
        field = super().render(name, value, {**(attrs or {}), "list": "known-models", "autocomplete": "off"}, renderer)
        offers = [(each.name, price_line(each)) for each in pricing.models(provider=Provider(self.provider))]
        options = format_html_join("", '<option value="{}">{}</option>', offers)
        return format_html('{}<datalist id="known-models">{}</datalist>', field, options)


class ProviderForm(forms.ModelForm[ProviderSetting]):
    """Where empty, the environment's value is in force; it stands beside the field."""

    class Meta:
        model = ProviderSetting
        fields = ("position", "model", "failure_threshold", "recovery_seconds")
        widgets = {"model": KnownModels}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what is in force now and what there is."""
        super().__init__(*args, **kwargs)
        if not self.instance.provider or "model" not in self.fields:
            return
        place = lineup.place_of(provider=self.instance.provider)
        self.fields["model"].widget.provider = place.provider
        in_force = gettext("In force: %(value)s.")
        values = {
            "model": place.model,
            "failure_threshold": place.policy.threshold,
            "recovery_seconds": f"{place.policy.recovery:g}",
        }
        for name, value in values.items():
            self.fields[name].help_text = in_force % {"value": value}


def price_line(model: pricing.Priced | None) -> str:
    """Return what a million tokens cost, in and out."""
    if model is None:
        return gettext("price unknown")
    prices = {"input": f"{model.input_usd.normalize():f}", "output": f"{model.output_usd.normalize():f}"}
    return gettext("$%(input)s in, $%(output)s out") % prices


def price_table(*, provider: str, in_force: str) -> SafeString:
    """Return the provider's present models and the one in force, each with what a million tokens cost."""
    names = dict.fromkeys((*lineup.MODELS[Provider(provider)], in_force))
    priced = {each.name: each for each in pricing.models(provider=Provider(provider))}
    mark = gettext("in force")
    named = {name: f"{name} ({mark})" if name == in_force else name for name in names}
    lines = [(shown, price_line(priced.get(name))) for name, shown in named.items()]
    rows = format_html_join("", "<tr><td>{}</td><td>{}</td></tr>", lines)
    head = format_html('<tr><th scope="col">{}</th><th scope="col">{}</th></tr>', _("model"), _("a million tokens"))
    return format_html("<table><thead>{}</thead><tbody>{}</tbody></table>", head, rows)
