"""Every failure the house knows derives from these two classes; the class alone decides whether to retry."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from newsforge.lib.sentences import stored


class Fault(StrEnum):
    """Whose fault a failure is, so that a person knows who can mend it."""

    REQUEST = "request"
    ARTICLE = "article"
    KEY = "key"
    PROVIDER = "provider"
    US = "us"


class NewsforgeError(Exception):
    """Carry one failure: a stable code, a sentence a person can act on, and whose fault it is.

    Subclasses sit beside the code that raises them. ``sentence`` is a %-format over ``params`` and is the message id
    of its translation, so it never contains a secret or a page's text.
    """

    code: ClassVar[str] = "internal-error"
    status_code: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong on our side"
    sentence: ClassVar[str] = "Something went wrong on our side. Try again, and tell us the error id if it stays."
    fault: ClassVar[Fault] = Fault.US
    violated_policies: ClassVar[tuple[str, ...]] = ()
    """Of the names in ``RateLimit-Policy``, those a refused request went beyond (IETF draft RateLimit headers)."""

    def __init_subclass__(cls) -> None:
        """Mark the sentence and the title: they are kept with what failed, and told again."""
        super().__init_subclass__()
        stored(cls.sentence)
        stored(cls.title)

    def __init__(self, **params: object) -> None:
        """Keep the values that fill the sentence."""
        self.params = params
        super().__init__(self.sentence % params if params else self.sentence)

    @property
    def detail(self) -> str:
        """Return the English sentence with its values filled in."""
        return str(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by class and parameters, so that errors cross process borders."""
        return (_rebuild, (type(self), self.params))


stored(NewsforgeError.sentence)
stored(NewsforgeError.title)


class PermanentError(NewsforgeError):
    """Say that trying again changes nothing until a person changes something."""


class TransientError(NewsforgeError):
    """Say that the same call may succeed later; ``retry_after`` is in seconds when the far side named it."""

    def __init__(self, *, retry_after: float | None = None, **params: object) -> None:
        """Keep the wait the far side asked for beside the sentence's values."""
        self.retry_after = retry_after
        super().__init__(**params)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the wait."""
        return (_rebuild, (type(self), {**self.params, "retry_after": self.retry_after}))


def _rebuild(cls: type[NewsforgeError], params: dict[str, object]) -> NewsforgeError:
    return cls(**params)
