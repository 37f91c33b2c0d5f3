"""One paid call through an SDK: sent once, timed, and every way it fails told in our own words.

The SDKs are imported when the first call is made: together they cost two seconds and 110 MB.
"""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from conversions.enums import Provider
from conversions.pipeline.providers import errors
from conversions.pipeline.providers.errors import Receipt
from conversions.pipeline.providers.refusals import failure_of, read_refusal
from conversions.pipeline.providers.replies import Completion, pick, read_envelope, read_reply
from conversions.pipeline.types import Prompt, Reply, Usage

SHORTEST_SECRET = 16
"""Characters; keys of local servers, as ``ollama``, are no secrets."""

_BASE_URL = re.compile(r"(?i)https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?(?:/[!-~]*)?")
_KEY = re.compile(r"[\x21-\x7e]+")
_REQUEST_ID = re.compile(r"[\w.:\-]{1,128}")
_MODEL = re.compile(r"[\w.:/@\-]{1,100}")


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that shows itself to nobody who prints it."""

    text: str = field(repr=False)


class Sdk(Protocol):
    """What both SDKs have under the same names."""

    APIConnectionError: type[Exception]
    APITimeoutError: type[Exception]
    APIStatusError: type[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    body: bytes = field(repr=False)
    receipt: Receipt


class SdkWriter(ABC):
    """Ask one model through its SDK. A subclass says how it is asked and where in the answer things stand."""

    provider: ClassVar[Provider]

    def __init__(self, *, api_key: str, model: str, base_url: str) -> None:
        """Keep who is asked; nothing is imported or connected yet."""
        self.model = model
        self._secret = Secret(api_key)
        self._base_url = base_url

    def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
        """Return the model's post. ``timeout`` is the wall time in seconds for all of it; nothing is sent twice.

        A process's first call imports the SDK before the clock starts, for nobody could interrupt that, and the
        provider is not to blame for it.

        :raises conversions.pipeline.providers.errors.ProviderFailure: if there is none; ``usage`` is on it when the
            answer was paid for all the same.
        """
        data, receipt = self._opened(self._ask(self._endpoint, self._arguments(prompt), timeout))
        return read_reply(completion=self._completion(data), receipt=receipt)

    def check_key(self, *, timeout: float) -> None:
        """Ask which models there are: that costs nothing, and who gets an answer has a key the provider takes.

        ``timeout`` is the wall time in seconds for all of it.

        :raises conversions.pipeline.providers.errors.ProviderFailure: if the key is refused, or nobody can tell.
        """
        self._opened(self._ask(self._models, {}, timeout))

    @abstractmethod
    def _sdk(self) -> Sdk:
        """Import the SDK."""

    @abstractmethod
    def _endpoint(self) -> Callable[..., Any]:
        """Return the SDK's method that sends the request and returns the raw response."""

    @abstractmethod
    def _models(self) -> Callable[..., Any]:
        """Return the SDK's method that lists models and returns the raw response."""

    @abstractmethod
    def _arguments(self, prompt: Prompt) -> dict[str, Any]:
        """Return what that method is called with, beside the time-out."""

    @abstractmethod
    def _usage(self, data: Mapping[str, Any]) -> Usage | None:
        """Return what the answer cost in tokens."""

    @abstractmethod
    def _completion(self, data: Mapping[str, Any]) -> Completion:
        """Return the model's text and why it ended."""

    def _opened(self, answer: _Answer) -> tuple[Mapping[str, Any], Receipt]:
        """Return what an answer with status 200 holds, and what it cost."""
        data = read_envelope(body=answer.body, receipt=answer.receipt)
        receipt = replace(answer.receipt, usage=self._usage(data), model=self._model(data))
        if not data.get("error"):
            return data, receipt
        refusal = read_refusal(status=502, body=data)  # OpenAI's failed responses, and gateways that always say 200
        del data
        raise failure_of(refusal=refusal, receipt=receipt, headers={}, secret=self._secret.text)

    def _model(self, data: Mapping[str, Any]) -> str:
        """Return the model that answered; an alias becomes the version it stands for."""
        named = pick(data, "model")
        return named if isinstance(named, str) and _MODEL.fullmatch(named) else self.model

    def _ask(self, method: Callable[[], Callable[..., Any]], arguments: dict[str, Any], timeout: float) -> _Answer:
        receipt = Receipt(provider=self.provider, model=self.model)
        if not _KEY.fullmatch(self._secret.text):
            raise errors.BadKey(receipt=receipt)  # a header with it would fail with the key in the exception
        if not _is_http(self._base_url):
            raise errors.BadProviderRequest(receipt=receipt)
        sdk, endpoint = self._sdk(), method()
        started = time.monotonic()
        raw, failure = _sent(sdk, lambda: endpoint(timeout=timeout, **arguments), until=started + timeout)
        receipt = replace(receipt, latency_ms=round((time.monotonic() - started) * 1000))
        # Raised out here, where no SDK exception is being handled that would hang on as its context.
        if isinstance(failure, type):
            raise failure(receipt=receipt)
        if failure is not None:
            raise failure
        receipt = replace(receipt, request_id=_request_id(raw.headers, self._secret))
        body = _without_key(raw.content, self._secret)
        if raw.is_success:
            return _Answer(body=body, receipt=receipt)
        refusal = read_refusal(status=raw.status_code, body=body)
        raise failure_of(refusal=refusal, receipt=receipt, headers=raw.headers, secret=self._secret.text)


def _sent(
    sdk: Sdk, send: Callable[[], Any], *, until: float
) -> tuple[Any, type[errors.ProviderFailure] | BaseException | None]:
    """Return the HTTP response, of whatever status, or else what stands in its place."""
    import httpx2

    from conversions.pipeline.providers.transport import time_limit

    try:
        with time_limit(until=until):
            return send().http_response, None
    except sdk.APIStatusError as error:
        return error.response, None
    except sdk.APITimeoutError:
        return None, errors.ProviderTimedOut
    except sdk.APIConnectionError as error:
        if isinstance(error.__cause__, httpx2.RequestError):
            return None, errors.ProviderUnreachable
        return None, error.__cause__ or errors.ProviderUnreachable  # a worker's own time limit looks like this


def _without_key(body: bytes, secret: Secret) -> bytes:
    """Return an answer without the key, whatever sent it back; words of a short local one stand in any text."""
    return body.replace(secret.text.encode(), b"[key]") if len(secret.text) >= SHORTEST_SECRET else body


def _is_http(url: str) -> bool:
    """Return whether a base URL is one that can be connected to; user and password in it are not taken."""
    try:
        port = urlsplit(url).port
    except ValueError:
        return False
    return bool(_BASE_URL.fullmatch(url)) and port != 0


def _request_id(headers: Mapping[str, str], secret: Secret) -> str:
    named = headers.get("request-id") or headers.get("x-request-id") or ""
    return named if _REQUEST_ID.fullmatch(named) and secret.text not in named else ""
