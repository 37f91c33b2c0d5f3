"""Channels as rows: whose address opens in their own row only, or stays in the environment."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts import keys
from monitoring.channels import address
from monitoring.channels.errors import KnownChannel
from monitoring.channels.message import Message
from monitoring.enums import ChannelSource
from monitoring.models import Channel
from newsforge.lib.errors import Fault, NewsforgeError, PermanentError

SALT = "monitoring.channels"
LONGEST_ERROR = 300


class ChannelGone(PermanentError):
    """The environment no longer names the address."""

    code = "channel-gone"
    status_code = 409
    title = "The channel is no longer in the environment"
    sentence = "NEWSFORGE_ALERT_URLS no longer holds the address of %(name)s. Put it back, or delete the channel."
    fault = Fault.US


def seal(*, channel: Channel, url: str) -> None:
    """Put an address into a row, which is not saved.

    :raises UnusableChannel: if alerts cannot be sent there.
    :raises KnownChannel: if another channel has it.
    """
    url = url.strip()
    shown = address.read(url=url, is_trusted=False).shown
    known = Channel.objects.filter(digest=digest_of(url=url)).exclude(pk=channel.pk).first()
    if known is not None:
        raise KnownChannel(name=known.name)
    channel.sealed_url = keys.ring().encrypt(plaintext=url, bound_to=channel.sealed_for)
    channel.digest, channel.shown = digest_of(url=url), shown[:300]


def listening(*, now: datetime) -> list[Channel]:
    """Return the channels that are switched on, those of the environment among them: new ones get a row here."""
    named = {digest_of(url=url): url for url in settings.ALERT_URLS}
    known = list(Channel.objects.order_by("created_at", "name"))
    missing = set(named) - {channel.digest for channel in known}
    if missing:
        # A row made by another process at the same moment is as good.
        Channel.objects.bulk_create(
            [_of_environment(digest, place, url, now) for place, (digest, url) in enumerate(named.items(), start=1)
             if digest in missing],
            ignore_conflicts=True,
        )  # fmt: skip
        known = list(Channel.objects.order_by("created_at", "name"))
    ours = [each for each in known if each.source != ChannelSource.ENVIRONMENT or each.digest in named]
    return [channel for channel in ours if channel.is_enabled]


def send(*, channel: Channel, message: Message, now: datetime) -> None:
    """Send a message to a channel and keep what came of it in its row.

    :raises NewsforgeError: if nobody said that it was taken.
    """
    row = Channel.objects.filter(pk=channel.pk)
    try:
        trusted = channel.source == ChannelSource.ENVIRONMENT
        address.read(url=_url_of(channel), is_trusted=trusted).send(message=message, is_trusted=trusted)
    except NewsforgeError as failure:
        row.update(last_error=failure.detail[:LONGEST_ERROR], last_error_at=now)
        raise
    row.update(last_error="", last_sent_at=now)


def send_directly(*, url: str, message: Message) -> None:
    """Send a message to an address of the environment, without its row.

    :raises NewsforgeError: if nobody said that it was taken.
    """
    address.read(url=url, is_trusted=True).send(message=message, is_trusted=True)


def digest_of(*, url: str) -> str:
    """Return what an address is recognised by without being told."""
    return str(salted_hmac(SALT, url, algorithm="sha256").hexdigest())


def _of_environment(digest: str, place: int, url: str, now: datetime) -> Channel:
    scheme = url.partition("://")[0]
    return Channel(
        name=f"NEWSFORGE_ALERT_URLS {place}",
        source=ChannelSource.ENVIRONMENT,
        digest=digest,
        shown=f"{scheme[:20]}://…",
        minimum_severity=settings.ALERT_MINIMUM_SEVERITY,
        created_at=now,
    )


def _url_of(channel: Channel) -> str:
    if channel.source != ChannelSource.ENVIRONMENT:
        return keys.ring().decrypt(ciphertext=channel.sealed_url, bound_to=channel.sealed_for)
    for url in settings.ALERT_URLS:
        if digest_of(url=url) == channel.digest:
            return str(url)
    raise ChannelGone(name=channel.name)
