"""How the schema describes our problems."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conversions.api.fields import words
from newsforge.lib.errors import Fault
from newsforge.lib.problem import CONTENT_TYPE


class ProblemEntrySerializer(serializers.Serializer[Any]):
    """One value that cannot be used, and where it stands."""

    detail = serializers.CharField()
    code = serializers.CharField()
    pointer = serializers.CharField(required=False, help_text="JSON Pointer into the body, as a URI fragment.")
    parameter = serializers.CharField(required=False, help_text="Name of the query parameter.")


class ProblemSerializer(serializers.Serializer[Any]):
    """An error as RFC 9457 writes it; act on `code`, show `detail`."""

    type = serializers.URLField()
    title = serializers.CharField()
    error = serializers.CharField(
        help_text="A few fixed English words; `Rate limit exceeded` for 429, `Insufficient quota` for 402."
    )
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence a person can act on, in the language of Accept-Language.")
    instance = serializers.CharField()
    code = serializers.CharField(help_text="Stable; the last part of `type`.")
    fault = serializers.ChoiceField(choices=words(Fault), help_text="Who can mend it.")
    errors = ProblemEntrySerializer(many=True, required=False)  # type: ignore[assignment] # REST framework takes fields out of the class
    retry_after = serializers.IntegerField(required=False, help_text="Seconds to wait, as in the header Retry-After.")
    error_id = serializers.CharField(required=False, help_text="Tell us this when the fault is ours.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add ``violated-policies``, which is no name in Python."""
        names = serializers.ListField(
            child=serializers.CharField(),
            required=False,
            help_text="Names in RateLimit-Policy that were gone beyond.",
        )
        return {**super().get_fields(), "violated-policies": names}


def answers(status: int, body: Any, *problems: int) -> dict[tuple[int, str], Any]:
    """Return the responses of a view: one that went well, and these problems.

    Those that follow from what an address takes, and those of every address, are added by ``conversions.api.schema``.
    """
    # The same kind of key throughout: the schema's generator takes the smallest for the one that went well.
    return {
        (status, "application/json"): body,
        **{(each, CONTENT_TYPE): ProblemSerializer for each in sorted(problems)},
    }
