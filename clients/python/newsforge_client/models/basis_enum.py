from enum import StrEnum


class BasisEnum(StrEnum):
    TEXT = "text"
    TYPICAL = "typical"

    def __str__(self) -> str:
        return str(self.value)
