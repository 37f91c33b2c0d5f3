"""What a list of conversions can be narrowed by."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters  # type: ignore[import-untyped] # it has no types
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import CharField
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


class ConversionFilters(filters.FilterSet):  # type: ignore[misc] # as above
    """By status and platform, each given once or several times, and by when it was asked for."""

    status = _choice(Status)
    platform = _choice(Platform, field_name="target_platform")
    created_after = filters.IsoDateTimeFilter(
        field_name="created_at",
        lookup_expr="gte",
        error_messages={"invalid": MOMENT},
        help_text="At this moment or later.",
    )
    created_before = filters.IsoDateTimeFilter(
        field_name="created_at",
        lookup_expr="lt",
        error_messages={"invalid": MOMENT},
        help_text="Before this moment.",
    )


def refuse_unknown(*, request: Request, known: Iterable[str]) -> None:
    """Refuse parameters nobody would read: a misspelled or an empty filter must not return everything.

    :raises rest_framework.exceptions.ValidationError: if there are any; each is named.
    """
    given = request.query_params
    strange = sorted(set(given) - set(known))
    empty = sorted(name for name in set(given) - set(strange) if "" in given.getlist(name))
    unknown = ErrorDetail(_("This parameter is unknown."), "unknown-parameter")
    blank = ErrorDetail(str(CharField.default_error_messages["blank"]), "blank")
    if strange or empty:
        raise ValidationError(dict.fromkeys(strange, unknown) | dict.fromkeys(empty, blank))
