"""Where alerts go: ``address`` reads what somebody wrote; ``mail``, ``webhook``, ``service`` send; ``store`` keeps."""

from monitoring.channels.errors import KnownChannel, SendingFailed, UnusableChannel
from monitoring.channels.message import Look, Message
from monitoring.channels.store import ChannelGone, digest_of, listening, seal, send, send_directly

__all__ = [
    "ChannelGone",
    "KnownChannel",
    "Look",
    "Message",
    "SendingFailed",
    "UnusableChannel",
    "digest_of",
    "listening",
    "seal",
    "send",
    "send_directly",
]
