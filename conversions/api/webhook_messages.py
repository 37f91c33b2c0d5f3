"""How the schema describes what we send: the `webhooks` of OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, OpenApiWebhook, extend_schema
from rest_framework import serializers

from conversions.api.fields import words
from conversions.api.serializers import FindingSerializer
from conversions.enums import FailureCode, Language, Platform, Tone, WebhookEvent
from conversions.outbox import EVENTS
from newsforge.lib.errors import Fault

SIGNED = """Signed as Standard Webhooks 1.0 says; check it with one of that standard's libraries.

- `webhook-id` is the message's own: the same in every try and replay, so that you can tell one you have had.
- `webhook-timestamp` is when this try was made, in Unix seconds.
- `webhook-signature` holds one or, for 24 hours after a rotation, two of `v1,<base64>` with a space between them: each
  the HMAC-SHA256 of `<id>.<timestamp>.<body>` under your secret, base64-decoded without its `whsec_`."""

SINCE = "When it became true; a try has its own in the headers."

ANSWERS = {
    "2XX": OpenApiResponse(description="Taken, within 15 seconds."),
    "410": OpenApiResponse(description="Never again: the endpoint is disabled."),
    "default": OpenApiResponse(
        description="Not taken: tried ten times over about 75 hours, never before a Retry-After. "
        "Redirects are not followed."
    ),
}


class ReasonSerializer(serializers.Serializer[Any]):
    """Why it failed, and whose fault it is."""

    code = serializers.ChoiceField(choices=words(FailureCode))
    detail = serializers.CharField()
    fault = serializers.ChoiceField(choices=words(Fault))
    retry_after = serializers.IntegerField(allow_null=True, help_text="Seconds the far side asked to wait.")


class EndedSerializer(serializers.Serializer[Any]):
    """A conversion at its end, as it was then.

    When a message would be 20 kB or more, `complete` is false and the address, the title, the post, the hashtags and
    the findings are null: get them at `url`. A post is never cut.
    """

    id = serializers.UUIDField()
    batch_id = serializers.UUIDField()
    run = serializers.IntegerField(help_text="1, and one more for each time it was run again.")
    status = serializers.ChoiceField(choices=[(status.value, status.name) for status in EVENTS])
    target_platform = serializers.ChoiceField(choices=words(Platform))
    language = serializers.ChoiceField(choices=words(Language))
    tone = serializers.ChoiceField(choices=words(Tone))
    source_url = serializers.CharField(allow_null=True, allow_blank=True)
    title = serializers.CharField(allow_null=True, allow_blank=True)
    content_generated = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="The post, ready to be posted."
    )
    hashtags = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text="Without their #.")
    content_language = serializers.CharField(allow_blank=True)
    length = serializers.IntegerField(allow_null=True, help_text="Of the post, in the platform's own unit.")
    limit = serializers.IntegerField(allow_null=True, help_text="In the same unit; null where there is none.")
    findings = FindingSerializer(many=True, allow_null=True, help_text="What to look at before posting.")
    provider = serializers.CharField(allow_blank=True, help_text="Who wrote the post.")
    model = serializers.CharField(allow_blank=True)
    tokens_used = serializers.IntegerField()
    cost_usd = serializers.DecimalField(max_digits=10, decimal_places=6, allow_null=True)
    processing_time_ms = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField()
    failure = ReasonSerializer(allow_null=True)
    url = serializers.URLField(help_text="Where to get it whole.")
    complete = serializers.BooleanField()


class EndedMessageSerializer(serializers.Serializer[Any]):
    """What is sent when a conversion ends."""

    type = serializers.ChoiceField(choices=[(event.value, event.name) for event in EVENTS.values()])
    timestamp = serializers.DateTimeField(help_text=SINCE)
    data = EndedSerializer()  # type: ignore[assignment] # REST framework takes fields out of the class


class EndpointTestSerializer(serializers.Serializer[Any]):
    """Nothing but who is tested."""

    endpoint_id = serializers.UUIDField()
    message = serializers.CharField()


class EndpointTestMessageSerializer(serializers.Serializer[Any]):
    """What is sent when a test is asked for."""

    type = serializers.ChoiceField(choices=[(WebhookEvent.ENDPOINT_TEST.value, WebhookEvent.ENDPOINT_TEST.name)])
    timestamp = serializers.DateTimeField(help_text=SINCE)
    data = EndpointTestSerializer()  # type: ignore[assignment] # as above


def _told(event: WebhookEvent, summary: str, body: type[serializers.Serializer[Any]]) -> OpenApiWebhook:
    return OpenApiWebhook(
        name=event.value,
        decorator=extend_schema(
            operation_id=event.value.replace(".", "_"),
            summary=summary,
            description=SIGNED,
            tags=["webhooks"],
            request={"application/json": body},
            responses=ANSWERS,
        ),
    )


SUCCEEDED = _told(WebhookEvent.CONVERSION_SUCCEEDED, "A conversion has its post", EndedMessageSerializer)
FAILED = _told(WebhookEvent.CONVERSION_FAILED, "A conversion has failed", EndedMessageSerializer)
CANCELLED = _told(WebhookEvent.CONVERSION_CANCELLED, "A conversion was cancelled", EndedMessageSerializer)
TESTED = _told(WebhookEvent.ENDPOINT_TEST, "Somebody tests an endpoint", EndpointTestMessageSerializer)
