from enum import StrEnum


class EndedLanguage(StrEnum):
    EN = "en"
    KO = "ko"
    SOURCE = "source"

    def __str__(self) -> str:
        return str(self.value)
