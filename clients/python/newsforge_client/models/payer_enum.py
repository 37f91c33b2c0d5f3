from enum import StrEnum


class PayerEnum(StrEnum):
    NOBODY = "nobody"
    OPERATOR = "operator"
    USER = "user"

    def __str__(self) -> str:
        return str(self.value)
