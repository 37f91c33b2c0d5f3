"""How a written post is changed, and what it said before."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conversions.api.fields import ClosedBody, Text, Whole
from conversions.api.serializers import FindingSerializer
from conversions.editing import LONGEST


class PostEditSerializer(ClosedBody):
    """Another text for a written post."""

    always = ("content_generated",)

    content_generated = Text(
        required=True,
        allow_null=False,
        max_length=LONGEST,
        help_text=f"The whole post as it is to be, within the platform's limit; at most {LONGEST:,} characters.",
    )
    title = Text(help_text="Only where the platform has a title; left out, it stays.")
    version = Whole(
        min_value=1,
        required=False,
        help_text="The version the change was made to; 409 if it is no longer the newest.",
    )


class PostVersionSerializer(serializers.Serializer[Any]):
    """One state of a post."""

    version = serializers.IntegerField(source="number", help_text="1 is what the provider wrote.")
    title = serializers.CharField()
    content_generated = serializers.CharField(source="text")
    hashtags = serializers.ListField(child=serializers.CharField())
    length = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)
    findings = FindingSerializer(many=True)
    author = serializers.CharField(help_text="A provider's name, or the address of who edited it.")
    created_at = serializers.DateTimeField()


EDIT = PostEditSerializer()
