from enum import StrEnum


class Verdict(StrEnum):
    BLOCKED = "blocked"
    CONSENT_WALL = "consent_wall"
    JS_SHELL = "js_shell"
    NOT_AN_ARTICLE = "not_an_article"
    OK = "ok"
    PAYWALLED = "paywalled"
    TOO_SHORT = "too_short"
    UNREAD = "unread"

    def __str__(self) -> str:
        return str(self.value)
