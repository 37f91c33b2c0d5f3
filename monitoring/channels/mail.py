"""E-mail: Apprise reads the address, with what it knows of the large providers, and we send.

Apprise would give every try a new Message-ID. Ours stays, so that a mailbox that knows it shows a repeated mail once.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from monitoring.channels.errors import ChannelRefused, ChannelSilent, ChannelUnreachable, UnusableChannel
from monitoring.channels.message import Look, Message
from monitoring.channels.rules import policy_for
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.http.guard import check_target, is_public
from newsforge.lib.http.url import Target
from newsforge.lib.smtp import PORTS, NotConnected, Relay, Security, submit

_ANSWERS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
_URGENT = {Look.CRITICAL: "1 (Highest)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Who is written to, from whom, through which relay."""

    relay: Relay
    sender: str
    recipients: tuple[str, ...]

    @property
    def shown(self) -> str:
        """Return what is no secret."""
        return f"mailto://{self.relay.host}:{self.relay.port} → {', '.join(self.recipients)}"

    def check(self, *, is_trusted: bool) -> None:
        """Refuse a relay that can never be used.

        :raises UnusableChannel: if it is private, or its port is none of mail's.
        """
        target = Target(scheme="https", host=self.relay.host, port=self.relay.port, path="/")
        policy = policy_for(pair=target.pair, is_trusted=is_trusted, ports=PORTS)
        try:
            check_target(target=target, policy=policy)
        except NewsforgeError as refusal:
            raise UnusableChannel(reason=_(refusal.title)) from refusal
        if target.ip is not None and not is_public(target.ip) and target.pair not in policy.allow:
            raise UnusableChannel(reason=_("the mail server is not on the public internet"))

    def send(self, *, message: Message, is_trusted: bool) -> None:
        """Hand the mail to the relay.

        :raises SendingFailed: if the relay did not take it for any of the recipients.
        """
        host = self.relay.host
        policy = policy_for(pair=(host, self.relay.port), is_trusted=is_trusted, ports=PORTS)
        try:
            submit(relay=self.relay, message=self._mail(message), recipients=self.recipients, policy=policy)
        except (NotConnected, NewsforgeError) as error:
            reason = error.title if isinstance(error, NewsforgeError) else str(error)
            raise ChannelUnreachable(service=host, reason=reason) from error
        except _ANSWERS as error:
            raise ChannelRefused(service=host, reason=_code_of(error)) from error
        except OSError as error:
            raise ChannelSilent(service=host, reason=type(error).__name__) from error

    def _mail(self, message: Message) -> EmailMessage:
        domain = urlsplit(settings.SITE_URL).hostname or "newsforge.invalid"
        mail = EmailMessage()
        mail["Subject"] = " ".join(message.title.split())
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.key}@{domain}>"
        mail["References"] = f"<{message.thread}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
        if message.look in _URGENT:
            mail["X-Priority"] = _URGENT[message.look]
        mail.set_content(message.plain)
        return mail


def read(*, service: object) -> Mailbox:
    """Return the mailbox of an address that Apprise has read.

    :raises UnusableChannel: if it names nobody to write to, or asks for what we do not do.
    """
    # Apprise's class says nothing of its attributes' types.
    given = vars(service)
    recipients = tuple(dict.fromkeys([*(str(address) for _told, address in given["targets"]), *sorted(given["cc"])]))
    if not recipients:
        raise UnusableChannel(reason=_("it names nobody to write to; add ?to="))
    if given["bcc"] or not given["verify_certificate"]:
        raise UnusableChannel(reason=_("bcc= and verify=no are not possible here"))
    name, address = given["from_addr"]
    relay = Relay(
        host=given["smtp_host"],
        port=int(given["port"]),
        security=Security(given["secure_mode"]),
        user=given["user"] or "",
        password=given["password"] or "",
    )
    sender = formataddr(("NewsForge" if name in {False, "Apprise"} else str(name), address))
    return Mailbox(relay=relay, sender=sender, recipients=recipients)


def _code_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"no recipient was accepted ({min(code for code, _text in error.recipients.values())})"
    return f"SMTP {getattr(error, 'smtp_code', '')}"
