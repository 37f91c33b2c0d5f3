from enum import StrEnum


class Language(StrEnum):
    EN = "en"
    KO = "ko"
    SOURCE = "source"

    def __str__(self) -> str:
        return str(self.value)
