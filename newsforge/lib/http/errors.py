"""Every way in which asking another machine can fail; each sentence says what the person can do."""

from __future__ import annotations

from newsforge.lib.errors import Fault, PermanentError, TransientError


class InvalidUrl(PermanentError):
    """Say that the text is not one unambiguous http(s) address."""

    code = "invalid-url"
    status_code = 422
    title = "Not a web address"
    sentence = (
        "This is not a web address we can open. Copy the whole link from your browser's address bar: it begins with"
        " http:// or https:// and holds no user name or password."
    )
    fault = Fault.REQUEST


class InvalidRedirect(InvalidUrl):
    """Say that a page sent us on to something that is not an http(s) address."""

    title = "The page leads to an address that cannot be opened"
    sentence = (
        "The page at %(host)s sends readers on to an address that cannot be opened. Open the link in your browser and"
        " copy the address you end on, or paste the article's text instead."
    )
    fault = Fault.ARTICLE


class AddressNotAllowed(PermanentError):
    """Say that the address is not on the public web, or not on its two ports."""

    code = "address-not-allowed"
    status_code = 422
    title = "Address not allowed"
    sentence = (
        "We only open public web addresses on the ports 80 and 443, and %(host)s is not one. Use the article's public"
        " link, or paste its text instead."
    )
    fault = Fault.REQUEST


class HostNotFound(PermanentError):
    """Say that the name has no address."""

    code = "host-not-found"
    status_code = 422
    title = "Address does not exist"
    sentence = "The address %(host)s does not exist. Check the link, or paste the article's text instead."
    fault = Fault.REQUEST


class HostLookupFailed(TransientError):
    """Say that the name could not be looked up this time; it may exist."""

    code = "host-not-found"
    status_code = 502
    title = "Address could not be looked up"
    sentence = (
        "The address %(host)s could not be looked up. Check the link and try again in a minute, or paste the article's"
        " text instead."
    )
    fault = Fault.ARTICLE


class ConnectionRefused(TransientError):
    """Say that nobody answers at the address."""

    code = "connection-refused"
    status_code = 502
    title = "Connection refused"
    sentence = "Nothing answers at %(host)s. Check that the link opens in your browser, or paste the article's text."
    fault = Fault.ARTICLE


class ConnectionFailed(TransientError):
    """Say that the connection broke, or the answer was cut short or garbled."""

    code = "connection-failed"
    status_code = 502
    title = "Connection failed"
    sentence = (
        "The connection to %(host)s broke before the whole answer was there. Try again in a minute, or paste the"
        " article's text."
    )
    fault = Fault.ARTICLE


class CertificateRejected(PermanentError):
    """Say that the far side could not prove who it is."""

    code = "connection-failed"
    status_code = 502
    title = "Insecure connection"
    sentence = (
        "The security certificate of %(host)s is not valid, so we did not read the page. Tell the site, or paste the"
        " article's text."
    )
    fault = Fault.ARTICLE


class UnknownEncoding(PermanentError):
    """Say that the body is compressed in a way we neither asked for nor can read."""

    code = "connection-failed"
    status_code = 502
    title = "Unreadable answer"
    sentence = "%(host)s sent the page compressed in a way we cannot read. Paste the article's text instead."
    fault = Fault.ARTICLE


class FetchTimedOut(TransientError):
    """Say that the whole answer was not there in time."""

    code = "fetch-timed-out"
    status_code = 504
    title = "The site took too long"
    sentence = (
        "%(host)s did not send the whole page within %(seconds)s seconds. Try again in a minute, or paste the"
        " article's text."
    )
    fault = Fault.ARTICLE


class TooManyRedirects(PermanentError):
    """Say that the address leads from one to the next without end."""

    code = "too-many-redirects"
    status_code = 422
    title = "Too many redirects"
    sentence = (
        "%(host)s sends readers from one address to the next without end. Open the link in your browser and copy the"
        " address you end on, or paste the article's text."
    )
    fault = Fault.ARTICLE


class TooLarge(PermanentError):
    """Say that the body is larger than we read."""

    code = "too-large"
    status_code = 422
    title = "Page too large"
    sentence = "The page is larger than %(megabytes)s MB. Paste the article's text instead."
    fault = Fault.ARTICLE
