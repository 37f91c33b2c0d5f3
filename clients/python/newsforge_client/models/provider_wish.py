from enum import StrEnum


class ProviderWish(StrEnum):
    ANTHROPIC = "anthropic"
    AUTO = "auto"
    EXTRACTIVE = "extractive"
    OPENAI = "openai"

    def __str__(self) -> str:
        return str(self.value)
