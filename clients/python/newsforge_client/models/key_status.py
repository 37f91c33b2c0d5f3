from enum import StrEnum


class KeyStatus(StrEnum):
    NEEDS_ATTENTION = "needs_attention"
    OK = "ok"

    def __str__(self) -> str:
        return str(self.value)
