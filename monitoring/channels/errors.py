"""Every way in which telling somebody can fail; each says whether the message may have arrived all the same."""

from __future__ import annotations

from typing import ClassVar

from newsforge.lib.errors import Fault, PermanentError, TransientError


class UnusableChannel(PermanentError):
    """Say that alerts cannot be sent to this address, whoever is there."""

    code = "unusable-channel"
    status_code = 422
    title = "Alerts cannot be sent to this address"
    sentence = (
        "Alerts cannot be sent to this address: %(reason)s. Give a mailto:// or slack:// address, the https:// address "
        "of an incoming webhook, or another address Apprise knows."
    )
    fault = Fault.REQUEST


class KnownChannel(PermanentError):
    """The same address is there already."""

    code = "known-channel"
    status_code = 409
    title = "This channel exists already"
    sentence = "Alerts go to this address already, through the channel %(name)s. Change that one instead."
    fault = Fault.REQUEST


class SendingFailed(TransientError):
    """What all failures to send have in common: they are tried again, and may be mended by a person meanwhile."""

    is_unsure: ClassVar[bool] = False
    """Whether the message may have arrived: the far side had it, and did not say what became of it."""


class ChannelRefused(SendingFailed):
    """The far side answered, and did not take the message."""

    code = "channel-refused"
    status_code = 502
    title = "The channel refused the message"
    sentence = "%(service)s refused the message: %(reason)s. Check the channel's address and its rights there."
    fault = Fault.PROVIDER


class ChannelUnreachable(SendingFailed):
    """It did not come to sending anything."""

    code = "channel-unreachable"
    status_code = 502
    title = "The channel could not be reached"
    sentence = "%(service)s could not be reached: %(reason)s. Check the channel's address, and whether it is up."
    fault = Fault.PROVIDER


class ChannelSilent(SendingFailed):
    """The message was on its way when the connection ended or time ran out."""

    code = "channel-silent"
    status_code = 504
    title = "The channel did not answer"
    sentence = "%(service)s did not say whether it took the message: %(reason)s. It is sent again, and may come twice."
    fault = Fault.PROVIDER
    is_unsure = True
