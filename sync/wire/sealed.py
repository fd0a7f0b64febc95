"""Personal data that a gate writes down but must not be able to read again: a visitor's name and phone.

HPKE (RFC 9180) in base mode: X25519, HKDF-SHA256, ChaCha20-Poly1305, info ``gatepost/1/visit``. The text is the
base64 of what the library calls a ciphertext: the encapsulated key, then the sealed bytes. Only the centre's
sealing.pem opens it, so a stolen SD card holds no names.
"""

from base64 import b64decode, b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_INFO: Final = b"gatepost/1/visit"


class NotForThisKey(ValueError):
    """The text was not sealed to this key, or is damaged."""


def seal(plain: bytes, key: X25519PublicKey) -> str:
    """Sealed to the centre, as base64; every call gives another text."""
    return b64encode(_SUITE.encrypt(plain, key, info=_INFO)).decode("ascii")


def unseal(sealed: str, key: X25519PrivateKey) -> bytes:
    """What was sealed. Raises NotOurs."""
    try:
        return _SUITE.decrypt(b64decode(sealed, validate=True), key, info=_INFO)
    except (ValueError, InvalidTag):
        raise NotForThisKey("was not sealed to this key, or is damaged") from None
