"""A real mail server on the loopback: it keeps what it is sent, and holds back what the test says."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailbox:
    """What arrived; ``hold`` names the command (RCPT or DATA) whose answer is held back, ``refuse`` one to refuse."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    hold: str = ""
    refuse: str = ""
    held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=newsforge@news.example.com&to=desk@news.example.com"

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    def text(self, place: int = -1) -> str:
        return str(self.mails[place].get_content())

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._wait("RCPT")
        envelope.rcpt_tos.append(address)
        return "550 no such user" if self.refuse == "RCPT" else "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.refuse == "DATA":
            return "451 try later"
        assert isinstance(envelope.content, bytes)
        mail: Any = message_from_bytes(envelope.content, policy=default)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        await self._wait("DATA")
        return "250 OK"

    async def _wait(self, command: str) -> None:
        if self.hold == command:
            self.held.set()
            await asyncio.to_thread(self.released.wait, 30)

    def release(self) -> None:
        self.hold = ""
        self.released.set()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Take mail on a free port until the block ends."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        box.release()
        controller.stop()
