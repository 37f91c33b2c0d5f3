"""Handing one mail to a relay (RFC 5321): only to vetted addresses, and all of it before one deadline."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum

from newsforge.lib.http.guard import vetted_addresses
from newsforge.lib.http.policy import HttpPolicy
from newsforge.lib.http.url import Target
from newsforge.lib.http.wire import PlainSocket, seconds_left, tls_context

PORTS = frozenset({25, 465, 587, 2525})
"""Of public relays: SMTP, submission with and without implicit TLS (RFC 8314), and what many hosts let out instead."""

_SEVEN_BIT = SMTP.clone(cte_type="7bit")
"""Every relay takes it; Korean travels as base64."""


class Security(StrEnum):
    """How a connection is protected; the certificate is always checked."""

    NONE = "insecure"
    STARTTLS = "starttls"
    TLS = "ssl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A mail server and how to log in to it."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = ""


class NotConnected(OSError):
    """Say that the mail was certainly not sent: no connection, no TLS, or no login."""


def submit(*, relay: Relay, message: EmailMessage, recipients: Sequence[str], policy: HttpPolicy) -> list[str]:
    """Hand the mail over and return the recipients the relay refused, which are never all of them.

    :raises NotConnected: if it did not come to sending anything.
    :raises PermanentError: if the relay's address is not allowed or unknown.
    :raises TransientError: if the relay's name could not be looked up.
    :raises smtplib.SMTPException: if the relay refused it, or hung up in the middle: ``SMTPServerDisconnected``.
    :raises OSError: if it did not answer within ``policy.timeout`` seconds in all.
    """
    deadline = time.monotonic() + policy.timeout
    with _session(relay, policy, deadline) as session:
        return list(session.sendmail(str(message["From"]), list(recipients), message.as_bytes(policy=_SEVEN_BIT)))


@contextlib.contextmanager
def _session(relay: Relay, policy: HttpPolicy, deadline: float) -> Iterator[smtplib.SMTP]:
    target = Target(scheme="https", host=relay.host, port=relay.port, path="/")
    addresses = vetted_addresses(target=target, policy=policy, deadline=deadline)
    session = _Session([str(address) for address in addresses], deadline)
    try:
        try:
            session.open(relay)
        except (OSError, smtplib.SMTPException, RuntimeError) as error:
            raise NotConnected(_said(error)) from error
        yield session
        with contextlib.suppress(OSError, smtplib.SMTPException):
            session.quit()
    finally:
        session.close()


class _Session(smtplib.SMTP):
    """Connect to the vetted addresses only, whatever the relay's name would resolve to by now."""

    def __init__(self, addresses: list[str], deadline: float) -> None:
        self.addresses, self.deadline = addresses, deadline
        self.is_tls, self.named = False, ""
        own = socket.gethostname()
        # Named here, or smtplib would look it up without a time limit.
        super().__init__(local_hostname=own if "." in own else "[127.0.0.1]", timeout=seconds_left(deadline))

    def open(self, relay: Relay) -> None:
        """Connect, protect the connection, log in."""
        self.is_tls, self.named = relay.security is Security.TLS, relay.host
        code, reply = self.connect(relay.host, relay.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, reply)
        self._host = relay.host  # whose certificate STARTTLS asks for
        if relay.security is Security.STARTTLS:
            self.starttls(context=tls_context())
            self._keep_time()
        if relay.user:
            self.login(relay.user, relay.password)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - the signature is smtplib's
        failure: OSError = OSError("no address")
        for tried, address in enumerate(self.addresses):
            sock = PlainSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            try:
                sock.settimeout(seconds_left(self.deadline) / (len(self.addresses) - tried))
                sock.connect((address, port))
                sock.deadline = self.deadline
                if not self.is_tls:
                    return sock
                self.sock = tls_context().wrap_socket(sock, server_hostname=self.named)
                self._keep_time()
            except OSError as error:
                sock.close()
                failure = error
            else:
                return self.sock
        raise failure

    def _keep_time(self) -> None:
        self.sock.deadline = self.deadline  # type: ignore[union-attr] # one of tls_context's


def _said(error: Exception) -> str:
    """Return why, without what a relay may have echoed of a login."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return type(error).__name__
