from enum import StrEnum


class ReasonFault(StrEnum):
    ARTICLE = "article"
    KEY = "key"
    PROVIDER = "provider"
    REQUEST = "request"
    US = "us"

    def __str__(self) -> str:
        return str(self.value)
