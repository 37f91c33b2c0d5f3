"""What a list of conversions can be narrowed by."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters  # type: ignore[import-untyped] # it has no types
from django_filters.fields import IsoDateTimeField  # type: ignore[import-untyped] # as above
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from conversions.api.fields import words
from conversions.enums import Platform, Status

MOMENT = gettext_lazy(
    "Write an ISO 8601 date and time such as 2026-11-23T09:00:00Z, a plus sign in it percent-encoded."
)


def _choice(values: type[StrEnum], **kwargs: Any) -> filters.MultipleChoiceFilter:
    """Return a filter by a closed set that names the set when refusing; Django's own sentence repeats what was sent."""
    refusal = format_lazy(gettext_lazy("This is not supported. Choose one of: {values}."), values=", ".join(values))
    return filters.MultipleChoiceFilter(
        choices=words(values), distinct=False, error_messages={"invalid_choice": refusal}, **kwargs
    )


class MomentField(IsoDateTimeField):  # type: ignore[misc] # as above
    """A moment; nothing at all is none, where Django's field would let every row pass."""

    empty_values = (None,)


class MomentFilter(filters.IsoDateTimeFilter):  # type: ignore[misc] # as above
    """A filter by a moment."""

    field_class = MomentField


class ConversionFilters(filters.FilterSet):  # type: ignore[misc] # as above
    """By status and platform, each given once or several times, and by when it was asked for."""

    status = _choice(Status)
    platform = _choice(Platform, field_name="target_platform")
    created_after = MomentFilter(
        field_name="created_at",
        lookup_expr="gte",
        error_messages={"invalid": MOMENT},
        help_text="At this moment or later.",
    )
    created_before = MomentFilter(
        field_name="created_at",
        lookup_expr="lt",
        error_messages={"invalid": MOMENT},
        help_text="Before this moment.",
    )


def refuse_unknown(*, request: Request, known: Iterable[str]) -> None:
    """Refuse parameters nobody would read: a misspelled filter must not return everything.

    :raises rest_framework.exceptions.ValidationError: if there are any; each is named.
    """
    strange = sorted(set(request.query_params) - set(known))
    if strange:
        raise ValidationError(dict.fromkeys(strange, ErrorDetail(_("This parameter is unknown."), "unknown-parameter")))
