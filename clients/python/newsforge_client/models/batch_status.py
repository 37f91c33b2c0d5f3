from enum import StrEnum


class BatchStatus(StrEnum):
    CANCELLED = "cancelled"
    FAILED = "failed"
    PARTLY_SUCCEEDED = "partly_succeeded"
    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"

    def __str__(self) -> str:
        return str(self.value)
