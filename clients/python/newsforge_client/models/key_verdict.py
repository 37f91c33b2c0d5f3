from enum import StrEnum


class KeyVerdict(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNTESTED = "untested"

    def __str__(self) -> str:
        return str(self.value)
