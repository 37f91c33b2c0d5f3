"""What the API takes in and gives out about provider keys; the key itself only goes in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import KeyProvider, KeyStatus
from accounts.models import ApiKey
from conversions.api.fields import ClosedBody, Flag, Line, words
from conversions.enums import KeyVerdict
from conversions.provider_keys import Check
from newsforge.lib.problem import title_of, told

LONGEST_NAME = 100
LONGEST_BODY = 2_000
"""Characters of ``key`` that are read at all; what is too long for a key is told by the service."""


class KeyName(Line):
    """What people call a key."""

    default_error_messages = {"unprintable": _("Use visible characters only.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, help_text="For people.", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the name without surrounding space."""
        name = super().to_internal_value(data)
        if not name.isprintable():
            self.fail("unprintable")
        return name


class KeyCreateSerializer(ClosedBody):
    """A key to store."""

    name = KeyName()
    provider = serializers.ChoiceField(choices=words(KeyProvider))
    key = Line(max_length=LONGEST_BODY, write_only=True, help_text="As the provider shows it; never given out again.")
    store_anyway = Flag(
        default=False, help_text="Store it although the provider refuses it, for example before it is paid for."
    )


class KeyUpdateSerializer(ClosedBody):
    """What to change; the rest stays. Another key is another row: add it and delete this one."""

    name = KeyName()
    is_active = Flag(help_text="false: conversions no longer use it.")


class KeyProblemSerializer(serializers.Serializer[Any]):
    """Why a key needs attention."""

    code = serializers.CharField()
    title = serializers.CharField()
    since = serializers.DateTimeField()


class KeyDetailSerializer(serializers.Serializer[ApiKey]):
    """One key by its ends; the rest of it is not among what can be read."""

    id = serializers.UUIDField()
    name = serializers.CharField(source="key_name")
    provider = serializers.ChoiceField(choices=words(KeyProvider))
    prefix = serializers.CharField()
    last_four = serializers.CharField()
    fingerprint = serializers.CharField(help_text="SHA-256 of the key in hexadecimal.")
    is_active = serializers.BooleanField()
    status = serializers.ChoiceField(choices=words(KeyStatus))
    problem = serializers.SerializerMethodField()
    accepted_at = serializers.DateTimeField(
        allow_null=True, help_text="When the provider last took it; null: not tried yet."
    )
    usage_count = serializers.IntegerField()
    last_used = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    @extend_schema_field(KeyProblemSerializer(allow_null=True))
    def get_problem(self, key: ApiKey) -> dict[str, Any] | None:
        """Return what is wrong with the key; null while nothing is known to be."""
        if not key.status_reason:
            return None
        return {"code": key.status_reason, "title": title_of(code=key.status_reason), "since": key.status_since}


class KeyCheckSerializer(serializers.Serializer[Check]):
    """What the provider said just now."""

    verdict = serializers.ChoiceField(
        choices=words(KeyVerdict),
        help_text="`untested`: the provider could not be asked, which says nothing of the key.",
    )
    code = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()

    def get_code(self, found: Check) -> str:
        """Return the failure's code, empty for a key that was accepted."""
        return found.failure.code if found.failure else ""

    def get_detail(self, found: Check) -> str:
        """Return what to do about it, in the language of Accept-Language."""
        return told(found.failure) if found.failure else ""


class KeyCheckedSerializer(KeyDetailSerializer):
    """One key with what its provider just said about it."""

    check = KeyCheckSerializer()
