"""What the doors refuse before any service is asked, and which of our errors a foreign exception stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions

from newsforge.lib.errors import Fault, NewsforgeError, PermanentError, TransientError


class InvalidRequest(PermanentError):
    """Some values of the body or the query cannot be used; ``errors`` names each of them."""

    code = "invalid-request"
    status_code = 400
    title = "The request is not valid"
    sentence = "Some values cannot be used. Correct those listed under errors and send the request again."
    fault = Fault.REQUEST

    def __init__(self, *, errors: Sequence[Mapping[str, str]] = (), **params: object) -> None:
        """Keep one entry of ``detail``, ``code`` and place for each value."""
        self.errors = errors
        super().__init__(**params)


class BadHttpRequest(PermanentError):
    """The request breaks HTTP's or the site's own rules before its meaning is looked at."""

    code = "bad-request"
    status_code = 400
    title = "The request cannot be read"
    sentence = "The request cannot be read. Check its host name, headers and body, and send it again."
    fault = Fault.REQUEST


class MalformedBody(PermanentError):
    """The body is not JSON; ``reason`` says where and quotes nothing of it."""

    code = "malformed-json"
    status_code = 400
    title = "The body is not valid JSON"
    sentence = "The body is not valid JSON: %(reason)s. Send one JSON object in UTF-8."
    fault = Fault.REQUEST


class NotAuthenticated(PermanentError):
    """Nobody was named."""

    code = "not-authenticated"
    status_code = 401
    title = "An access token is needed"
    sentence = "Send your access token in the header: Authorization: Bearer nf_…"
    fault = Fault.REQUEST


class Forbidden(PermanentError):
    """Who asks is known and may not."""

    code = "permission-denied"
    status_code = 403
    title = "Not allowed"
    sentence = "Your account may not do this. Ask an administrator for the right."
    fault = Fault.REQUEST


class NoSuchAddress(PermanentError):
    """Nothing is served here."""

    code = "not-found"
    status_code = 404
    title = "Not found"
    sentence = "There is nothing at this address. Compare it with the documentation at /api/docs/."
    fault = Fault.REQUEST


class MethodNotAllowed(PermanentError):
    """The address exists and does not know the verb."""

    code = "method-not-allowed"
    status_code = 405
    title = "Method not allowed"
    sentence = "This address does not take this method. The Allow header lists those it takes."
    fault = Fault.REQUEST


class NotAcceptable(PermanentError):
    """The client accepts no media type we write."""

    code = "not-acceptable"
    status_code = 406
    title = "No acceptable media type"
    sentence = "The answer is written as application/json. Accept that or */*."
    fault = Fault.REQUEST


class LengthRequired(PermanentError):
    """The body comes in chunks, its length unsaid."""

    code = "length-required"
    status_code = 411
    title = "Content-Length is missing"
    sentence = "Send the body with a Content-Length header instead of in chunks."
    fault = Fault.REQUEST


class BodyTooLarge(PermanentError):
    """The body is over what the site takes in."""

    code = "body-too-large"
    status_code = 413
    title = "The body is too large"
    sentence = "The body is larger than the site takes in. Send a shorter text or only the article's part of the page."
    fault = Fault.REQUEST


class UnsupportedMediaType(PermanentError):
    """The body is of a kind we do not read."""

    code = "unsupported-media-type"
    status_code = 415
    title = "Unsupported media type"
    sentence = "Send the body as JSON with the header Content-Type: application/json."
    fault = Fault.REQUEST


class Throttled(TransientError):
    """Too many requests in too short a time."""

    code = "throttled"
    status_code = 429
    title = "Too many requests"
    sentence = "Too many requests in a short time. Wait as long as the Retry-After header says."
    fault = Fault.REQUEST
    violated_policies = ("burst",)


class DatabaseUnavailable(TransientError):
    """The database does not answer; nothing was kept."""

    code = "service-unavailable"
    status_code = 503
    title = "Temporarily unavailable"
    sentence = "The service cannot reach its database right now. Nothing was kept; send the request again shortly."
    fault = Fault.US


class DatabaseBusy(TransientError):
    """A statement took longer than it may, waited too long for a lock, or gave way to another; nothing was kept."""

    code = "database-busy"
    status_code = 503
    title = "Temporarily too busy"
    sentence = "The database did not finish this in the time it has. Nothing was kept; send the request again shortly."
    fault = Fault.US


STANDS_FOR: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[NewsforgeError]], ...] = (
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), NotAuthenticated),
    ((exceptions.PermissionDenied, PermissionDenied), Forbidden),
    ((exceptions.NotFound, Http404), NoSuchAddress),
    (exceptions.MethodNotAllowed, MethodNotAllowed),
    (exceptions.NotAcceptable, NotAcceptable),
    (exceptions.UnsupportedMediaType, UnsupportedMediaType),
    (RequestDataTooBig, BodyTooLarge),
    ((exceptions.ParseError, SuspiciousOperation, BadRequest, UnreadablePostError), BadHttpRequest),
)
"""First match wins: RequestDataTooBig is a SuspiciousOperation."""

DATABASE_RETRY_SECONDS = 5


def recognise(exc: Exception) -> NewsforgeError:
    """Return the error of ours that an exception stands for; an unknown one is an internal error.

    Validation errors are the caller's to translate: their places depend on where the values stood.
    """
    if isinstance(exc, NewsforgeError):
        return exc
    if isinstance(exc, exceptions.APIException) and isinstance(exc.__cause__, NewsforgeError):
        return exc.__cause__  # one of ours in REST framework's clothes
    if isinstance(exc, exceptions.Throttled):
        return Throttled(retry_after=getattr(exc, "wait", None))
    if isinstance(exc, OperationalError) and isinstance(
        exc.__cause__,
        psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected,
    ):
        return DatabaseBusy(retry_after=DATABASE_RETRY_SECONDS)
    if isinstance(exc, OperationalError | InterfaceError):
        return DatabaseUnavailable(retry_after=DATABASE_RETRY_SECONDS)
    return next((ours() for foreign, ours in STANDS_FOR if isinstance(exc, foreign)), NewsforgeError())
