"""What the API takes in and what it gives out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversions.api.fields import ClosedBody, ClosedSet, Text, UniqueList, words
from conversions.enums import AUTO, FINAL, FailureCode, Language, Platform, Provider, Status, Tone, Verdict
from conversions.models import Conversion
from conversions.pipeline.extract import EmptyText
from conversions.services import Source, Wishes
from newsforge.lib.errors import Fault
from newsforge.lib.http.errors import InvalidUrl
from newsforge.lib.problem import short_of, title_of
from newsforge.lib.retelling import retold

HTML_BYTES = 5_000_000
"""As much as we would fetch."""

EMPTY_SOURCE = {"source_url": InvalidUrl, "text": EmptyText, "html": EmptyText}
"""The sources, and what is wrong with an empty one."""

PROVIDER_WISHES = [(AUTO, "AUTO"), *words(Provider)]


class BatchStatus(StrEnum):
    """Where a request as a whole stands.

    ``pending``: nothing begun. ``processing``: begun, not all at an end. Then, all at an end: ``succeeded``: every one.
    ``partly_succeeded``: some. ``cancelled``: every one. ``failed``: none succeeded and not all were cancelled.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    PARTLY_SUCCEEDED = "partly_succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


def batch_status(statuses: Sequence[str]) -> BatchStatus:
    """Return where a request as a whole stands from where its conversions stand."""
    present = set(statuses)
    if present == {Status.PENDING}:
        return BatchStatus.PENDING
    if not present <= FINAL:
        return BatchStatus.PROCESSING
    if Status.SUCCEEDED in present:
        return BatchStatus.SUCCEEDED if len(present) == 1 else BatchStatus.PARTLY_SUCCEEDED
    return BatchStatus.CANCELLED if present == {Status.CANCELLED} else BatchStatus.FAILED


class ConversionCreateSerializer(ClosedBody):
    """One article, from exactly one of ``source_url``, ``text`` and ``html``, for one or more platforms."""

    source_url = Text(help_text="Address of the article's page.")
    text = Text(help_text="The article itself, at most 200,000 characters; a first line may be its title.")
    html = Text(help_text="The article's page, at most 5,000,000 bytes in UTF-8.")
    platforms = UniqueList(
        child=ClosedSet(words(Platform), code="unsupported-platform"), min_length=1, max_length=10, allow_empty=False
    )
    language = ClosedSet(
        words(Language),
        code="unsupported-language",
        default=Language.SOURCE.value,
        help_text="`source` writes in the article's own language.",
    )
    tone = ClosedSet(words(Tone), code="unsupported-tone", default=Tone.NEUTRAL.value)
    provider = ClosedSet(
        PROVIDER_WISHES,
        code="unsupported-provider",
        default=AUTO,
        help_text="`auto` takes the best that has a key; `extractive` is our own offline writer.",
    )

    def validate_html(self, value: str | None) -> str | None:
        """Hold an uploaded page to the size of a fetched one."""
        if value is not None and len(value.encode()) > HTML_BYTES:
            raise serializers.ValidationError(
                _("The page is larger than 5 MB. Send the article's text instead."), "too-large"
            )
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the request to one source.

        :raises InvalidUrl: if it is an empty address.
        :raises EmptyText: if it is an empty text or page.
        """
        given = [name for name in EMPTY_SOURCE if attrs.get(name) is not None]
        if len(given) != 1:
            message = _("Send exactly one of source_url, text and html.")
            raise serializers.ValidationError(message, "one-source")
        if not attrs[given[0]].strip():
            raise EMPTY_SOURCE[given[0]]
        return attrs


def source_of(values: Mapping[str, Any]) -> Source:
    """Return the source as the service takes it, from a validated request."""
    return Source(url=values.get("source_url") or "", text=values.get("text") or "", html=values.get("html") or "")


def wishes_of(values: Mapping[str, Any]) -> Wishes:
    """Return the wishes as the service takes them, from a validated request."""
    return Wishes(
        platforms=tuple(Platform(each) for each in values["platforms"]),
        language=Language(values["language"]),
        tone=Tone(values["tone"]),
        provider=values["provider"],
    )


class FindingSerializer(serializers.Serializer[Any]):
    """One thing in the post that a person should look at before posting."""

    kind = serializers.CharField()
    excerpt = serializers.CharField()
    message = serializers.CharField()


class FailureSerializer(serializers.Serializer[Any]):
    """Why a conversion failed, and whose fault it is."""

    code = serializers.ChoiceField(choices=words(FailureCode))
    title = serializers.CharField()
    error = serializers.CharField(
        help_text="A few fixed English words; `Rate limit exceeded` for 429, `Insufficient quota` for 402."
    )
    detail = serializers.CharField()
    fault = serializers.ChoiceField(choices=words(Fault))
    retry_after = serializers.IntegerField(
        allow_null=True, help_text="Seconds the far side asked to wait, counted from `finished_at`."
    )


class ArticleSerializer(serializers.Serializer[Any]):
    """What the post is about; empty until the page is read."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    canonical_url = serializers.CharField()
    title = serializers.CharField()
    authors = serializers.ListField(child=serializers.CharField())
    published_at = serializers.DateTimeField(allow_null=True)
    language = serializers.CharField()
    site = serializers.CharField()
    image = serializers.CharField()
    verdict = serializers.ChoiceField(choices=words(Verdict))
    reason = serializers.CharField()


class ConversionDetailSerializer(serializers.Serializer[Conversion]):
    """One conversion; texts are empty and measures null until there is something to say."""

    id = serializers.UUIDField()
    batch_id = serializers.UUIDField()
    target_platform = serializers.ChoiceField(choices=words(Platform))
    status = serializers.ChoiceField(choices=words(Status))
    language = serializers.ChoiceField(choices=words(Language))
    tone = serializers.ChoiceField(choices=words(Tone))
    requested_provider = serializers.ChoiceField(choices=PROVIDER_WISHES)
    provider = serializers.CharField(help_text="Who wrote the post.")
    model = serializers.CharField()
    title = serializers.CharField()
    content_generated = serializers.CharField(help_text="The post, ready to be posted.")
    hashtags = serializers.ListField(child=serializers.CharField(), help_text="Without their #.")
    content_language = serializers.CharField()
    length = serializers.IntegerField(allow_null=True, help_text="Of the post, in the platform's own unit.")
    limit = serializers.IntegerField(allow_null=True, help_text="In the same unit; null where there is none.")
    version = serializers.IntegerField(help_text="1 as it was written, and one more for each edit.")
    findings = FindingSerializer(many=True)
    failure = serializers.SerializerMethodField()
    tokens_used = serializers.IntegerField()
    cost_usd = serializers.DecimalField(
        max_digits=10, decimal_places=6, allow_null=True, help_text="Null when the price is unknown."
    )
    processing_time_ms = serializers.IntegerField(allow_null=True)
    timings = serializers.DictField(child=serializers.IntegerField(), help_text="Milliseconds of each stage.")
    source_url = serializers.CharField()
    article = ArticleSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, conversion: Conversion) -> dict[str, str | int | None] | None:
        """Return the failure, its title in the caller's language."""
        if not conversion.failure_code:
            return None
        return {
            "code": conversion.failure_code,
            "title": title_of(code=conversion.failure_code),
            "error": short_of(code=conversion.failure_code),
            "detail": retold(conversion.error_message),
            "fault": conversion.fault,
            "retry_after": conversion.retry_after,
        }


class AcceptedSerializer(serializers.Serializer[Any]):
    """What was taken on: follow the batch, or each conversion."""

    batch_id = serializers.UUIDField()
    conversions = ConversionDetailSerializer(many=True)


CREATE, ACCEPTED = ConversionCreateSerializer(), AcceptedSerializer()
"""For use, not for the schema. A serializer keeps nothing of what it reads or writes, and REST framework builds the
fields of a new one anew: 60 of them for every request."""


class BatchSerializer(serializers.Serializer[Any]):
    """One request and its conversions in the order they were asked for."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(
        choices=words(BatchStatus),
        help_text="`pending`: nothing begun; `processing`: not all at an end; then `succeeded`: every one, "
        "`partly_succeeded`: some, `cancelled`: every one, `failed`: none, and not all cancelled.",
    )
    conversions = ConversionDetailSerializer(many=True)
