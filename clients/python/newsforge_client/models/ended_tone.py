from enum import StrEnum


class EndedTone(StrEnum):
    FORMAL = "formal"
    FRIENDLY = "friendly"
    NEUTRAL = "neutral"
    PUNCHY = "punchy"

    def __str__(self) -> str:
        return str(self.value)
