from enum import StrEnum


class GetUsageGroupBy(StrEnum):
    DAY = "day"
    MODEL = "model"
    PLATFORM = "platform"
    PROVIDER = "provider"

    def __str__(self) -> str:
        return str(self.value)
