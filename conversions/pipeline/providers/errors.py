"""Every way a provider can fail us, the same for both SDKs.

None of these holds anything of an SDK: its exceptions carry request headers, and with them the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from conversions.enums import FailureCode, Provider
from conversions.pipeline.types import Usage
from newsforge.lib.errors import Fault, NewsforgeError, PermanentError, TransientError


class Counts(StrEnum):
    """What a failure is held against, so that one user's bad key stops nobody else."""

    PROVIDER = "provider"
    KEY = "key"
    NOTHING = "nothing"


NAMES = {Provider.OPENAI: "OpenAI", Provider.ANTHROPIC: "Anthropic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one call left behind. ``usage`` is None unless the provider said what it charges for."""

    provider: Provider
    model: str
    request_id: str = ""
    latency_ms: int = 0
    usage: Usage | None = None
    reason: str = ""
    """The provider's own words, with everything that looks like a secret taken out."""


class ProviderFailure(NewsforgeError):
    """Carry a failed call's receipt, so that what was paid is stored although there is no post."""

    code: ClassVar[str]
    status_code: ClassVar[int]
    title: ClassVar[str]
    sentence: ClassVar[str]
    fault: ClassVar[Fault]
    counts: ClassVar[Counts] = Counts.NOTHING

    def __init__(self, *, receipt: Receipt, **more: Any) -> None:
        """Keep the receipt and fill the sentence from it."""
        self.receipt = receipt
        name = NAMES.get(receipt.provider, receipt.provider.value)
        said = f" {name} says: {receipt.reason}" if receipt.reason else ""
        super().__init__(provider=name, model=receipt.model, said=said, **more)

    @property
    def usage(self) -> Usage | None:
        """Return the tokens that were paid for although the call failed, None when none are known."""
        return self.receipt.usage

    @property
    def request_id(self) -> str:
        """Return the provider's id of the call, empty when it sent none."""
        return self.receipt.request_id

    @property
    def model(self) -> str:
        """Return the model that was asked."""
        return self.receipt.model

    @property
    def latency_ms(self) -> int:
        """Return how long the call took."""
        return self.receipt.latency_ms

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by class, receipt and wait."""
        more = {"retry_after": self.retry_after} if isinstance(self, TransientError) else {}
        return (_rebuild, (type(self), self.receipt, more))


def _rebuild(cls: type[ProviderFailure], receipt: Receipt, more: dict[str, Any]) -> ProviderFailure:
    return cls(receipt=receipt, **more)


class ProviderDown(ProviderFailure):
    """The provider itself does not work: only these count when deciding to stop asking it for everyone."""

    fault = Fault.PROVIDER
    counts = Counts.PROVIDER


class ProviderOverloaded(ProviderDown, TransientError):
    """It has more to do than it can."""

    code = FailureCode.PROVIDER_OVERLOADED
    status_code = 503
    title = "The provider is overloaded"
    sentence = "%(provider)s has too much to do right now. Try again in a few minutes, or choose another provider."


class ProviderUnavailable(ProviderDown, TransientError):
    """It answered with an error of its own."""

    code = FailureCode.PROVIDER_UNAVAILABLE
    status_code = 502
    title = "The provider does not work"
    sentence = "%(provider)s has an error on its side. Try again in a few minutes, or choose another provider."


class ProviderTimedOut(ProviderDown, PermanentError):
    """It did not finish its answer in time; who was silent once is not waited for again by the same conversion."""

    code = FailureCode.PROVIDER_TIMED_OUT
    status_code = 504
    title = "The provider took too long"
    sentence = "%(provider)s did not answer in time. Try again, or choose another provider or a faster model."


class ProviderUnreachable(ProviderDown, TransientError):
    """There was no connection, or it broke before the answer was whole."""

    code = FailureCode.PROVIDER_UNREACHABLE
    status_code = 502
    title = "No connection to the provider"
    sentence = (
        "The connection to %(provider)s could not be made or broke off. Try again; if it stays, ask the operator to "
        "check the network and the provider's base URL."
    )


class NoAnswer(ProviderDown, TransientError):
    """It said that all went well and sent nothing; a model had no part in it."""

    code = FailureCode.EMPTY_REPLY
    status_code = 502
    title = "The answer is empty"
    sentence = "%(provider)s answered with nothing at all. Try again in a few minutes, or choose another provider."


class NotAnAnswer(ProviderDown, TransientError):
    """It said that all went well and sent a web page, or half of its own envelope; a model had no part in it."""

    code = FailureCode.MALFORMED_REPLY
    status_code = 502
    title = "The answer cannot be read"
    sentence = (
        "What came from %(provider)s is not an answer of its API. Try again in a few minutes; if it stays, ask the "
        "operator to check the base URL."
    )


class RateLimited(ProviderFailure, TransientError):
    """This key asks too often; ``retry_after`` is the wait the provider named."""

    code = FailureCode.RATE_LIMITED
    status_code = 429
    title = "The key is asked too often"
    sentence = (
        "%(provider)s limits how often this key may ask. It is asked again after a while; raise the key's limit at "
        "the provider if this happens often."
    )
    fault = Fault.KEY
    counts = Counts.KEY


class KeyQuotaExhausted(ProviderFailure, PermanentError):
    """The account behind the key has no money left."""

    code = FailureCode.KEY_QUOTA_EXHAUSTED
    status_code = 402
    title = "The key's balance is used up"
    sentence = "The %(provider)s account of this key has no balance left. Top it up there, or use another key."
    fault = Fault.KEY
    counts = Counts.KEY


class BadKey(ProviderFailure, PermanentError):
    """The provider does not know the key. What it says is never kept: it may repeat the key."""

    code = FailureCode.BAD_KEY
    status_code = 422
    title = "The key is not valid"
    sentence = "%(provider)s does not accept this key. Make a new one at the provider and store it here."
    fault = Fault.KEY
    counts = Counts.KEY


class KeyForbidden(ProviderFailure, PermanentError):
    """The key is known but may not do this."""

    code = FailureCode.KEY_FORBIDDEN
    status_code = 403
    title = "The key may not do this"
    sentence = "This %(provider)s key may not use %(model)s from here. Allow it at the provider, or use another key."
    fault = Fault.KEY
    counts = Counts.KEY


class BadProviderRequest(ProviderFailure, PermanentError):
    """The provider does not understand the request: most often a model or a base URL that does not exist."""

    code = FailureCode.BAD_PROVIDER_REQUEST
    status_code = 502
    title = "The provider refuses the request"
    sentence = (
        "%(provider)s does not take the request. Ask the operator to check the model (%(model)s) and the base URL."
        "%(said)s"
    )
    fault = Fault.US


class ContextTooLong(ProviderFailure, PermanentError):
    """Article and instructions are longer than the model, or the key's limit, takes at once."""

    code = FailureCode.CONTEXT_TOO_LONG
    status_code = 413
    title = "The article is too long for the model"
    sentence = "The article is too long for %(model)s. Paste a shorter text, or choose a model that takes more."
    fault = Fault.ARTICLE


class ContentRefused(ProviderFailure, PermanentError):
    """The model, or a filter around it, declines to write about this article."""

    code = FailureCode.CONTENT_REFUSED
    status_code = 422
    title = "The provider declines this article"
    sentence = "%(provider)s declines to write about this article. Choose another provider, or write the post yourself."
    fault = Fault.ARTICLE


class Truncated(ProviderFailure, PermanentError):
    """The model reached its limit of tokens in the middle of the answer; the same question would again."""

    code = FailureCode.TRUNCATED
    status_code = 502
    title = "The answer was cut off"
    sentence = "%(provider)s stopped in the middle of the post. Try again, or choose another model."
    fault = Fault.PROVIDER


class MalformedReply(ProviderFailure, TransientError):
    """What the model wrote is not what was asked for: not JSON, other fields."""

    code = FailureCode.MALFORMED_REPLY
    status_code = 502
    title = "The answer cannot be read"
    sentence = "The answer of %(provider)s cannot be read as a post. Try again, or choose another model."
    fault = Fault.PROVIDER


class EmptyReply(ProviderFailure, TransientError):
    """The model wrote nothing."""

    code = FailureCode.EMPTY_REPLY
    status_code = 502
    title = "The answer is empty"
    sentence = "%(provider)s answered with nothing. Try again, or choose another model."
    fault = Fault.PROVIDER
