"""What money's addresses take in and give out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from conversions.api.fields import words
from conversions.enums import Payer, Platform
from conversions.selectors import LONGEST_DAYS, USAGE_GROUPS


class MoneyField(serializers.DecimalField):
    """USD to a millionth of a dollar, as a string; null when the price is unknown."""

    def __init__(self, **kwargs: Any) -> None:
        """Fix the digits."""
        super().__init__(max_digits=14, decimal_places=6, **kwargs)


class EstimateSerializer(serializers.Serializer[Any]):
    """One platform's post: who would write it, and the likely and the highest price."""

    platform = serializers.ChoiceField(choices=words(Platform))
    provider = serializers.CharField()
    model = serializers.CharField(allow_blank=True)
    payer = serializers.ChoiceField(choices=words(Payer))
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = MoneyField(allow_null=True)
    max_cost_usd = MoneyField(allow_null=True)


class ForecastSerializer(serializers.Serializer[Any]):
    """A whole request's price. With `basis` `typical` the article's length is assumed, not read."""

    basis = serializers.ChoiceField(choices=[("text", "TEXT"), ("typical", "TYPICAL")])
    posts = EstimateSerializer(many=True)
    cost_usd = MoneyField(allow_null=True)
    max_cost_usd = MoneyField(allow_null=True)
    units = serializers.IntegerField()
    units_left = serializers.IntegerField()
    fits_quota = serializers.BooleanField()
    fits_budget = serializers.BooleanField()


class UsageQuerySerializer(serializers.Serializer[Any]):
    """From which day to which, both included, in the user's time zone."""

    to = serializers.DateField(required=False)
    group_by = serializers.ChoiceField(choices=[(name, name.upper()) for name in USAGE_GROUPS], default="day")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add ``from``, which Python keeps for itself."""
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the span to a year."""
        end: date = attrs.setdefault("to", self.context["today"])
        start: date = attrs.setdefault("from", end.replace(day=1))
        if not 0 <= (end - start).days < LONGEST_DAYS:
            raise serializers.ValidationError({"from": _("Ask for one day to one year.")}, "bad-span")
        return attrs


class UsageRowSerializer(serializers.Serializer[Any]):
    """One group's sums; `unpriced` calls are of unknown price and not in `cost_usd`."""

    group = serializers.CharField()
    conversions = serializers.IntegerField()
    calls = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = MoneyField()
    unpriced = serializers.IntegerField()


class UsageSerializer(serializers.Serializer[Any]):
    """What the customer's conversions came to."""

    group_by = serializers.CharField()
    to = serializers.DateField()
    rows = UsageRowSerializer(many=True)
    spent_this_month_usd = MoneyField()
    budget_usd = MoneyField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add ``from``, which Python keeps for itself."""
        return {"from": serializers.DateField(), **super().get_fields()}
