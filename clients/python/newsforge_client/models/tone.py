from enum import StrEnum


class Tone(StrEnum):
    FORMAL = "formal"
    FRIENDLY = "friendly"
    NEUTRAL = "neutral"
    PUNCHY = "punchy"

    def __str__(self) -> str:
        return str(self.value)
