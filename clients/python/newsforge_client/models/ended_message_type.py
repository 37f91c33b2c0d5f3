from enum import StrEnum


class EndedMessageType(StrEnum):
    CONVERSION_CANCELLED = "conversion.cancelled"
    CONVERSION_FAILED = "conversion.failed"
    CONVERSION_SUCCEEDED = "conversion.succeeded"

    def __str__(self) -> str:
        return str(self.value)
