"""The key ring: seal a secret so that only this row, under a key we hold, opens it again.

A sealed text is ``v1.<key id>.<base64url of nonce and AES-256-GCM ciphertext>`` (NIST SP 800-38D: 96-bit random
nonce, 128-bit tag). The key id says which key of the ring opens it, so that keys are rotated while old texts stay
readable. What the text is bound to (table, row, owner) is authenticated with it: a text copied to another row does
not open.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from newsforge.lib.errors import Fault, PermanentError

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


class MalformedKeyRing(PermanentError):
    """Say that the operator's encryption keys cannot be used as they are written."""

    code = "malformed-key-ring"
    status_code = 500
    title = "The encryption keys are not usable"
    sentence = (
        "NEWSFORGE_ENCRYPTION_KEYS must be id:key[,id:key…], newest first, each key 32 bytes in base64; entry "
        "%(position)s is wrong: %(problem)s."
    )
    fault = Fault.US


class CannotDecrypt(PermanentError):
    """Say that a stored secret does not open: damaged, moved to another row, or sealed with other key material."""

    code = "key-unreadable"
    status_code = 500
    title = "A stored key cannot be read"
    sentence = "This key cannot be read any more. Enter it again."
    fault = Fault.US


class UnknownKey(CannotDecrypt):
    """Say that the key a stored secret was sealed with is no longer in the ring."""

    title = "The encryption key of a stored key is missing"
    sentence = (
        "This key was encrypted with the encryption key named %(key_id)s, which NEWSFORGE_ENCRYPTION_KEYS no longer "
        "holds. Put that one back, or enter this key again."
    )


class KeyRing:
    """Keys by their id; the first seals, all of them open."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Read entries of the form ``id:base64 of 32 bytes``, newest first.

        :raises MalformedKeyRing: if there is none, an entry is not of that form, or an id comes twice.
        """
        self._ciphers: dict[str, AESGCM] = {}
        for position, entry in enumerate(keys, start=1):
            key_id, material = _parse(entry, position)
            if key_id in self._ciphers:
                raise MalformedKeyRing(position=position, problem="its id stands twice in the list")
            self._ciphers[key_id] = AESGCM(material)
        if not self._ciphers:
            raise MalformedKeyRing(position=1, problem="the list is empty")
        self.newest = next(iter(self._ciphers))

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._ciphers)})"

    def encrypt(self, *, plaintext: str, bound_to: str) -> str:
        """Seal a text with the newest key; ``bound_to`` names the one place it will open in."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.newest].encrypt(nonce, plaintext.encode(), _associated(self.newest, bound_to))
        return f"{VERSION}.{self.newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, *, ciphertext: str, bound_to: str) -> str:
        """Open a sealed text; a text that is not whole and ours is never returned as it stands.

        :raises UnknownKey: if the ring does not hold the key it names.
        :raises CannotDecrypt: if it is damaged, or was sealed for another place.
        """
        version, _, rest = ciphertext.partition(".")
        key_id, _, body = rest.partition(".")
        if version != VERSION or not KEY_ID.match(key_id):
            raise CannotDecrypt
        if key_id not in self._ciphers:
            raise UnknownKey(key_id=key_id)
        try:
            raw = base64.b64decode(body, altchars=b"-_", validate=True)
            if base64.urlsafe_b64encode(raw).decode() != body:  # its last character has bits that decoding drops
                raise CannotDecrypt
            opened = self._ciphers[key_id].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _associated(key_id, bound_to))
            return opened.decode()
        except (InvalidTag, ValueError) as exc:
            raise CannotDecrypt from exc

    def key_id(self, *, ciphertext: str) -> str:
        """Return the id of the key that sealed a text, so that a rotation finds what is still under an old one."""
        return ciphertext.split(".")[1] if ciphertext.count(".") == 2 else ""

    @property
    def current(self) -> str:
        """Return what every text sealed with the newest key begins with."""
        return f"{VERSION}.{self.newest}."


def _associated(key_id: str, bound_to: str) -> bytes:
    return f"{VERSION}.{key_id}.{bound_to}".encode()


def _parse(entry: str, position: int) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.strip().partition(":")
    if not colon or not KEY_ID.match(key_id):
        raise MalformedKeyRing(position=position, problem="it does not begin with an id (letters, digits, - _) and a :")
    try:
        material = base64.b64decode(encoded.strip().replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise MalformedKeyRing(position=position, problem="its key is not base64") from None
    if len(material) != KEY_BYTES:
        raise MalformedKeyRing(position=position, problem=f"its key is {len(material)} bytes long")
    return key_id, material
