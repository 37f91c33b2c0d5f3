"""What the API takes in and gives out about webhooks."""

from __future__ import annotations

from rest_framework import serializers

from conversions.api.fields import WEB_ADDRESS, ClosedBody, Flag, Line, words
from conversions.enums import DeliveryState, WebhookEvent
from conversions.models import WebhookDelivery, WebhookEndpoint
from conversions.subscriptions import LONGEST_URL

LONGEST_DESCRIPTION = 200
ONCE = "Shown this once. Null when an answer is given again for its Idempotency-Key: rotate if you missed it."


class EndpointCreateSerializer(ClosedBody):
    """Where to tell you when a conversion ends."""

    url = Line(pattern=WEB_ADDRESS, max_length=LONGEST_URL, help_text="Public, https, no port.")
    description = Line(max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True, help_text="For people.")


class EndpointUpdateSerializer(EndpointCreateSerializer):
    """What to change; the rest stays."""

    is_active = Flag(
        help_text="false: nothing more is sent, and what waits is given up; true: from the next conversion on."
    )


class EndpointDetailSerializer(serializers.Serializer[WebhookEndpoint]):
    """One endpoint; its secret is not among what can be read."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    description = serializers.CharField()
    is_active = serializers.BooleanField()
    disabled_reason = serializers.CharField()
    previous_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before the last rotation signs too."
    )
    created_at = serializers.DateTimeField()


class EndpointIssuedSerializer(EndpointDetailSerializer):
    """One endpoint with the secret it was just given."""

    secret = serializers.CharField(allow_null=True, help_text=ONCE)


class DeliverySerializer(serializers.Serializer[WebhookDelivery]):
    """One message to an endpoint, and what came of it so far."""

    id = serializers.UUIDField()
    message_id = serializers.CharField(help_text="The webhook-id header; a replay has that of the first message.")
    endpoint_id = serializers.UUIDField()
    conversion_id = serializers.UUIDField(allow_null=True)
    event = serializers.ChoiceField(choices=words(WebhookEvent))
    state = serializers.ChoiceField(choices=words(DeliveryState))
    tries = serializers.IntegerField()
    next_try_at = serializers.SerializerMethodField()
    last_status = serializers.IntegerField(allow_null=True, help_text="HTTP status; null when nobody answered.")
    last_error = serializers.CharField()
    last_ms = serializers.IntegerField(allow_null=True)
    replay_of = serializers.UUIDField(source="replay_of_id", allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_next_try_at(self, delivery: WebhookDelivery) -> str | None:
        """Return when it is sent next; null once it has ended."""
        if delivery.state != DeliveryState.PENDING:
            return None
        return serializers.DateTimeField().to_representation(delivery.next_try_at)


class DeliveryDetailSerializer(DeliverySerializer):
    """One message with what it says."""

    payload = serializers.JSONField()
