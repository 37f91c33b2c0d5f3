from enum import StrEnum


class WebhookEvent(StrEnum):
    CONVERSION_CANCELLED = "conversion.cancelled"
    CONVERSION_FAILED = "conversion.failed"
    CONVERSION_SUCCEEDED = "conversion.succeeded"
    ENDPOINT_TEST = "endpoint.test"

    def __str__(self) -> str:
        return str(self.value)
