"""One reading of a URL: what two parsers could read differently is refused, the rest is put into ASCII."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import idna

from newsforge.lib.http.errors import InvalidUrl

MAX_LENGTH = 8192
"""Characters; the request line that common servers still accept."""

_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_AUTHORITY = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:@%]+))(?::(?P<port>[0-9]{0,5}))?")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE_IN_PATH = "!$%&'()*+,/:;=@~"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address in ASCII: ``host`` is lower-case punycode, no brackets, no last dot; ``path`` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def pair(self) -> tuple[str, int]:
        """Return host and port, as ``HttpPolicy.allow`` names them."""
        return self.host, self.port

    @property
    def ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """Return the address the host spells out, or None when it is a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def url(self) -> str:
        """Return the address as one normalised string, without a fragment."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def parse_url(*, url: str) -> Target:
    """Return the one meaning of a URL; non-ASCII hosts become punycode, non-ASCII paths percent-encoded UTF-8.

    :raises InvalidUrl: if it is not http(s), has no host, a user name or password, a backslash, a control character,
        a host that ends in a number but is not a plain dotted IPv4 address (WHATWG URL, "ends in a number"), or an
        IPv6 zone.
    """
    text = url.strip()
    if len(text) > MAX_LENGTH or _FORBIDDEN.search(text):
        raise InvalidUrl
    try:
        parts = urlsplit(text)
        path = quote(parts.path or "/", safe=_SAFE_IN_PATH)
        query = quote(parts.query, safe=_SAFE_IN_QUERY)
    except ValueError:
        raise InvalidUrl from None
    authority = _AUTHORITY.fullmatch(parts.netloc)
    if parts.scheme not in _PORTS or authority is None:
        raise InvalidUrl
    return Target(
        scheme=parts.scheme,
        host=_six(authority["six"]) if authority["six"] else _name(authority["name"]),
        port=_port(authority["port"]) or _PORTS[parts.scheme],
        path=f"{path}?{query}" if query else path,
    )


def follow(*, target: Target, location: str) -> Target:
    """Return where a redirect leads; ``location`` is the header as Latin-1 text, the way it came off the wire.

    :raises InvalidUrl: if it leads to no http(s) address.
    """
    raw = location.strip().encode("latin-1", "replace")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        # A server that writes its own charset (cp949, say) means these very bytes.
        text = "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)
    if _FORBIDDEN.search(text):
        raise InvalidUrl
    try:
        return parse_url(url=text if _SCHEME.match(text) else urljoin(target.url, text))
    except ValueError:
        raise InvalidUrl from None


def redact_url(*, url: str) -> str:
    """Return the URL for a message or a log: no user name, password, query or fragment, where secrets travel."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable address)"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _six(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise InvalidUrl from None


def _port(text: str | None) -> int:
    port = int(text or 0)
    if port > 65535 or (text and port == 0):
        raise InvalidUrl
    return port


def _name(text: str) -> str:
    try:
        host = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode()
    except UnicodeError:
        raise InvalidUrl from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidUrl
    if _NUMBER.fullmatch(labels[-1]):
        return _four(host)
    return host


def _four(host: str) -> str:
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        raise InvalidUrl from None
