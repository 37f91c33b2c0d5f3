"""Fields that take exactly what they say; REST framework's own turn numbers into texts and echo what they refuse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import force_instance
from rest_framework import serializers
from rest_framework.settings import api_settings

NO_NUL = r"^[^\u0000]*$"
SOMETHING = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
WEB_ADDRESS = r"^\s*[Hh][Tt][Tt][Pp][Ss]?://[^\u0000]+$"
"""What the schema says of strings, as far as patterns can; the second has a sign that is seen, somewhere."""

NON_FIELD_ERRORS = api_settings.NON_FIELD_ERRORS_KEY


def words(values: type[StrEnum]) -> list[tuple[str, str]]:
    """Return a closed set as choices; the schema takes its names from the settings, not from these."""
    return [(each.value, each.name) for each in values]


class Text(serializers.CharField):
    """A JSON string that PostgreSQL and UTF-8 can hold, its white space kept."""

    default_error_messages = {
        "null_characters_not_allowed": _("Null characters are not allowed."),
        "surrogate_characters_not_allowed": _("This holds half a character (a lone surrogate). Send whole ones."),
    }

    def __init__(self, *, pattern: str = NO_NUL, **kwargs: Any) -> None:
        self.pattern = pattern
        optional = {"allow_null": True, "required": False}
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **optional, **kwargs})
        # REST framework looks for NUL and surrogates sign by sign in Python: 0.3 s for a page of 5 MB.
        self.validators = []

    def to_internal_value(self, data: Any) -> str:
        """Return the string as it came."""
        if not isinstance(data, str):
            self.fail("invalid")
        if "\0" in data:
            self.fail("null_characters_not_allowed")
        try:
            data.encode()
        except UnicodeEncodeError:
            self.fail("surrogate_characters_not_allowed")
        return data


class Line(serializers.CharField):
    """A JSON string; REST framework's own field takes numbers for texts, and counts without surrounding space."""

    def __init__(self, *, pattern: str = "", **kwargs: Any) -> None:
        self.pattern = pattern or (NO_NUL if kwargs.get("allow_blank") else SOMETHING)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the string without surrounding space."""
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """JSON's true or false; REST framework's own field takes "yes", "off" and 1."""

    def to_internal_value(self, data: Any) -> bool:
        """Return it as it came."""
        if not isinstance(data, bool):
            self.fail("invalid", input=type(data).__name__)
        return data


class Whole(serializers.IntegerField):
    """A JSON number without a fraction; REST framework's own field takes texts and true."""

    def to_internal_value(self, data: Any) -> int:
        """Return it as an integer."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class ClosedBody(serializers.Serializer[Any]):
    """A body whose every field somebody reads: a misspelled wish must not be dropped in silence."""

    always: ClassVar[tuple[str, ...]] = ()
    """Needed even in a PATCH, of which the schema would say that nothing is."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Refuse unknown fields; name those that look like names and repeat nothing else of what was sent."""
        strange = [key for key in data if key not in self.fields] if isinstance(data, dict) else []
        if strange:
            unknown = serializers.ErrorDetail(gettext("This field is unknown."), "unknown-field")
            named = [key for key in strange[:10] if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key)]
            raise serializers.ValidationError({name: [unknown] for name in named or [NON_FIELD_ERRORS]})
        values: dict[str, Any] = super().to_internal_value(data)
        return values


class ClosedSet(serializers.ChoiceField):
    """One of a few words; anything else is refused under the field's own code, naming the words."""

    default_error_messages = {"unsupported": _("This is not supported. Choose one of: {values}.")}

    def __init__(self, choices: Sequence[tuple[str, str]], *, code: str, **kwargs: Any) -> None:
        self.code = code
        super().__init__(choices=choices, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the word."""
        if isinstance(data, str) and data in self.choices:
            return data
        message = str(self.error_messages["unsupported"]).format(values=", ".join(self.choices))
        raise serializers.ValidationError(message, code=self.code)


class UniqueList(serializers.ListField):
    """A short list without repetitions; its length is looked at before its items."""

    default_error_messages = {"repeated": _("Name each only once.")}

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the items in the order given."""
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        items: list[Any] = super().to_internal_value(data)
        if len(set(items)) < len(items):
            self.fail("repeated")
        return items


class ClosedBodySchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call] # its registry has no types
    """How the schema describes a body that knows its fields; found by its base class's registry."""

    target_class = ClosedBody
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the schema of an object with these members and no others, its strings with their patterns."""
        body: ClosedBody = force_instance(self.target)  # type: ignore[no-untyped-call] # as above
        schema: dict[str, Any] = auto_schema._map_serializer(body, direction, bypass_extensions=True)  # noqa: SLF001 - as documented
        for name, field in body.fields.items():
            schema["properties"][name] |= _limits(field)
        if body.always:
            schema["required"] = sorted({*schema.get("required", ()), *body.always})
        return {**schema, "additionalProperties": False}


def _limits(field: Any) -> dict[str, Any]:
    if isinstance(field, UniqueList):
        return {"uniqueItems": True}
    if not isinstance(field, Text | Line) or not field.pattern:
        return {}
    longest = {} if field.max_length is None else {"maxLength": field.max_length}
    return {"pattern": field.pattern, **longest}
