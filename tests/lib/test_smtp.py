"""Handing a mail to a relay: under TLS that holds, to an address that is allowed, and all of it in time."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from newsforge.lib.http import HttpPolicy
from newsforge.lib.http.errors import AddressNotAllowed
from newsforge.lib.smtp import PORTS, NotConnected, Relay, Security, submit
from tests.lib.test_http_tls import certificate, trusted
from tests.monitoring.mailbox import Mailbox

__all__ = ["certificate", "trusted"]


@contextmanager
def relay_with(pem: Path, *, security: Security) -> Iterator[tuple[Mailbox, Relay]]:
    """A relay that takes mail under TLS only, from whoever knows the password."""
    box = Mailbox()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]

    def check(_server: object, _session: object, _envelope: object, _mechanism: str, given: object) -> AuthResult:
        login, password = getattr(given, "login", b""), getattr(given, "password", b"")
        return AuthResult(success=(login, password) == (b"desk", b"open sesame"), handled=False)

    controller = (
        Controller(
            box, hostname="127.0.0.1", port=box.port, ssl_context=context, authenticator=check, auth_require_tls=False
        )
        if security is Security.TLS
        else Controller(
            box, hostname="127.0.0.1", port=box.port, tls_context=context, require_starttls=True, authenticator=check,
            auth_required=True,
        )
    )  # fmt: skip
    controller.start()
    try:
        yield box, Relay(host="127.0.0.1", port=box.port, security=security, user="desk", password="open sesame")
    finally:
        controller.stop()


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "desk@news.example.com", "kim@news.example.com", "수원"
    mail.set_content("이상 없음")
    return mail


def hand_over(relay: Relay, *, timeout: float = 10.0, allowed: bool = True) -> list[str]:
    allow = frozenset({(relay.host, relay.port)}) if allowed else frozenset()
    policy = HttpPolicy(timeout=timeout, allow=allow, ports=PORTS)
    return submit(relay=relay, message=a_mail(), recipients=["kim@news.example.com"], policy=policy)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
class TestUnderTls:
    def test_a_mail_arrives(self, trusted: Path, security: Security) -> None:
        with relay_with(trusted, security=security) as (box, relay):
            assert hand_over(relay) == []
        assert (box.subjects, box.text().strip()) == (["수원"], "이상 없음")

    def test_a_certificate_nobody_vouches_for_gets_nothing(self, certificate: Path, security: Security) -> None:
        with relay_with(certificate, security=security) as (box, relay), pytest.raises(NotConnected, match="SSL"):
            hand_over(relay)
        assert box.mails == []

    def test_a_wrong_password_is_not_told_on(self, trusted: Path, security: Security) -> None:
        with relay_with(trusted, security=security) as (box, relay):
            wrong = Relay(host=relay.host, port=relay.port, security=security, user="desk", password="open barley")
            with pytest.raises(NotConnected, match=r"SMTPAuthenticationError 535\Z"):
                hand_over(wrong)
        assert box.mails == []


def test_a_relay_on_a_private_address_or_another_port_is_not_called() -> None:
    for relay in (Relay(host="127.0.0.1", port=25), Relay(host="smtp.example.com", port=22)):
        with pytest.raises(AddressNotAllowed):
            hand_over(relay, allowed=False)


def test_a_relay_that_drips_costs_its_time_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    for _ in range(100):
                        connection.sendall(b"2")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(NotConnected, match="SMTPServerDisconnected"):
            hand_over(Relay(host="127.0.0.1", port=listener.getsockname()[1], security=Security.NONE), timeout=0.4)
        assert time.monotonic() - began < 2
        thread.join(10)


def test_a_relay_that_hangs_up_over_the_mail_leaves_it_open() -> None:
    """The caller learns that it may have arrived: no ``NotConnected``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 here\r\n")
                for line in lines:
                    if line == b".\r\n":
                        return
                    if line.upper().startswith(b"DATA"):
                        connection.sendall(b"354 go on\r\n")
                    elif line[:4].upper() in {b"EHLO", b"MAIL", b"RCPT"}:
                        connection.sendall(b"250 OK\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            hand_over(Relay(host="127.0.0.1", port=listener.getsockname()[1], security=Security.NONE))
        thread.join(5)
