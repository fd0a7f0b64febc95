"""The one way in which anything is signed that flows towards a gate: roster, policy, commands, acknowledgements.

    {"kid": "<8 hex>", "body": "<JSON text>", "signature": "<128 hex>"}

The signature is Ed25519 over ``gatepost/1/<purpose>`` + NUL + the body's UTF-8 bytes. The body travels as
text, so nobody has to agree on a canonical JSON; the purpose keeps a message from being taken for another.
"""

import enum

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.entry_pass import key_id
from checkpoint.ids import KeyId
from config.trust import Keys


class Purpose(enum.Enum):
    """What a signature is for."""

    ROSTER = "roster"
    ROSTER_CHANGE = "roster-change"
    POLICY = "policy"
    NOTICES = "notices"
    PASSAGES = "passages"
    COMMAND = "command"
    ACK = "ack"


class NotGenuine(ValueError):
    """The message is not signed, or not by a key that is trusted for this; says which."""


class _Signed(msgspec.Struct, frozen=True):
    kid: str
    body: str
    signature: str


def sign(purpose: Purpose, body: bytes, key: Ed25519PrivateKey) -> bytes:
    """The signed message around a JSON body."""
    kid, signature = key_id(key.public_key()).hex(), key.sign(_signed_bytes(purpose, body)).hex()
    return msgspec.json.encode(_Signed(kid, body.decode(), signature))


def open_signed(purpose: Purpose, message: bytes, keys: Keys) -> bytes:
    """The body of a genuine message. Raises NotGenuine, and nothing else, for any other bytes."""
    try:
        signed = msgspec.json.decode(message, type=_Signed)
        kid, body = KeyId(bytes.fromhex(signed.kid)), signed.body.encode()
        signature = bytes.fromhex(signed.signature)
    except (
        ValueError,
        RecursionError,
    ):  # also msgspec's errors, UnicodeError; thousands of brackets
        raise NotGenuine("is no signed message: kid, body and signature are needed") from None
    key = keys.get(kid)
    if key is None:
        raise NotGenuine(f"is signed by key {signed.kid[:8]}, which is not trusted for this")
    try:
        key.verify(signature, _signed_bytes(purpose, body))
    except InvalidSignature:
        raise NotGenuine("does not match its signature") from None
    return body


def _signed_bytes(purpose: Purpose, body: bytes) -> bytes:
    return f"gatepost/1/{purpose.value}".encode() + b"\0" + body
