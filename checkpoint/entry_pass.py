"""The pass: QR text <-> signed claims, or the reason why not.

A pass is ``GP1:`` + base45(COSE_Sign1, untagged, canonical CBOR); docs/protocol.md has every byte.
Reading goes through these steps and stops at the first that fails:

1. prefix ``GP1:``                                            else NOT_A_PASS
2. at most 512 bytes, base45, four-element COSE_Sign1 with exactly the expected keys and types,
   algorithm EdDSA, and a re-encoding that equals the input      else MALFORMED
3. the key id is one we trust                                  else UNKNOWN_KEY
4. Ed25519 over the COSE Sig_structure (RFC 9052, 4.4)         else FORGED

Step 2's comparison with our own encoding refuses duplicate keys, trailing bytes, other lengths and
indefinite forms in one stroke. Whether the pass is valid *now* is not judged here but by the rules.
No input makes these functions raise anything but what their docstrings say.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Never

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from checkpoint.ids import PERSON_ID, CompoundId, KeyId, PersonId

PREFIX = "GP1:"
MAX_ENCODED_BYTES = 512
_EDDSA = -8
_ALG, _KID = 1, 4  # COSE header parameters, RFC 9052 table 2
_EXP, _NBF = 4, 5  # CWT claims, RFC 8392
_PERSON, _SERIAL, _COMPOUND, _KIND = -1, -2, -3, -4  # ours; one byte each, for the QR has no room
_UINT16, _UINT32 = 0xFFFF, 0xFFFFFFFF


class Kind(enum.Enum):
    """What a pass is for, and what its bearer is to the compound."""

    RESIDENT = "resident"
    DUTY = "duty"
    WORKER = "worker"
    VISITOR = "visitor"
    VEHICLE = "vehicle"


_NUMBER_OF: Final = {kind: number for number, kind in enumerate(Kind, start=1)}
_KIND_OF: Final = {number: kind for kind, number in _NUMBER_OF.items()}
"""As a pass has them; a pass has no room for words."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a pass states once its signature is good."""

    person: PersonId
    serial: int
    """0 to 65535; a reprint has a higher one."""
    compound: CompoundId
    not_before_s: int
    """UTC seconds, 0 to 2**32 - 1."""
    expires_s: int
    kind: Kind


class Rejection(enum.Enum):
    """Why a QR text yields no claims; the list is closed."""

    NOT_A_PASS = "NOT_A_PASS"
    MALFORMED = "MALFORMED"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    FORGED = "FORGED"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A well-formed pass whose signature nobody has checked yet."""

    key_id: KeyId
    claims: Claims
    signed_bytes: bytes
    signature: bytes


def key_id(key: Ed25519PublicKey) -> KeyId:
    """The 4-byte id under which a pass names its key."""
    return KeyId(sha256(key.public_bytes_raw()).digest()[:4])


def issue_pass(claims: Claims, key: Ed25519PrivateKey) -> str:
    """Sign claims into the QR's text: at most 174 characters, and 178 fit.

    Raises ValueError naming the claim that is out of range.
    """
    _check_ranges(claims)
    protected, payload = _protected(key_id(key.public_key())), _payload(claims)
    signature = key.sign(_signed_bytes(protected, payload))
    encoded: bytes = base45.b45encode(_encode([protected, {}, payload, signature]))
    return PREFIX + encoded.decode("ascii")


def read_pass(text: str, keys: Mapping[KeyId, Ed25519PublicKey]) -> Claims | Rejection:
    """The claims of a genuine pass, or why it is none. Never raises."""
    envelope = read_envelope(text)
    if isinstance(envelope, Rejection):
        return envelope
    key = keys.get(envelope.key_id)
    if key is None:
        return Rejection.UNKNOWN_KEY
    try:
        key.verify(envelope.signature, envelope.signed_bytes)
    except InvalidSignature:
        return Rejection.FORGED
    return envelope.claims


def read_envelope(text: str) -> Envelope | Rejection:
    """The well-formed pass in a QR's text without checking its signature. Never raises."""
    if not text.startswith(PREFIX):
        return Rejection.NOT_A_PASS
    encoded = text[len(PREFIX) :]
    if len(encoded) > MAX_ENCODED_BYTES:
        return Rejection.MALFORMED
    try:
        # As bytes: given a str, this reader would overlook a newline at the end. Otherwise no two
        # texts decode to the same bytes, so comparing the bytes below compares the texts.
        raw = base45.b45decode(encoded.encode("ascii"))
        protected, _, payload, signature = _decode(raw)
        headers, fields = _decode(protected), _decode(payload)
        envelope = Envelope(
            KeyId(headers[_KID]),
            Claims(
                PersonId(fields[_PERSON].rstrip(b"\0").decode("ascii")),
                fields[_SERIAL],
                CompoundId(fields[_COMPOUND]),
                fields[_NBF],
                fields[_EXP],
                _KIND_OF[fields[_KIND]],
            ),
            _signed_bytes(protected, payload),
            signature,
        )
        return envelope if _canonical(envelope) == raw else Rejection.MALFORMED
    # Bytes of unknown shape fail in as many ways as there are types (KeyError, TypeError,
    # CBORDecodeError, OverflowError ...); all of them mean the same.
    except Exception:  # noqa: BLE001
        return Rejection.MALFORMED


def _canonical(envelope: Envelope) -> bytes:
    """The one encoding of this envelope; raises if a field's type or range is off."""
    _check_ranges(envelope.claims)
    for found, length in ((envelope.signature, 64), (envelope.key_id, 4)):
        # A text or a list of 64 would be encoded again as itself and reach the verifier.
        if type(found) is not bytes or len(found) != length:
            raise ValueError("signature is 64 bytes, key id 4")
    payload = _payload(envelope.claims)
    return _encode([_protected(envelope.key_id), {}, payload, envelope.signature])


def _check_ranges(claims: Claims) -> None:
    if not PERSON_ID.fullmatch(claims.person):
        raise ValueError(
            f"person id {claims.person!r}: use 1 to 8 printable ASCII characters without spaces"
        )
    for name, value, top in (
        ("serial", claims.serial, _UINT16),
        ("compound", claims.compound, _UINT16),
        ("not before", claims.not_before_s, _UINT32),
        ("expiry", claims.expires_s, _UINT32),
    ):
        if type(value) is not int or not 0 <= value <= top:
            raise ValueError(f"{name} {value!r}: use a whole number from 0 to {top}")


def _protected(kid: KeyId) -> bytes:
    return _encode({_ALG: _EDDSA, _KID: bytes(kid)})


def _payload(claims: Claims) -> bytes:
    return _encode(
        {
            _EXP: claims.expires_s,
            _NBF: claims.not_before_s,
            _PERSON: claims.person.encode("ascii").ljust(8, b"\0"),
            _SERIAL: claims.serial,
            _COMPOUND: claims.compound,
            _KIND: _NUMBER_OF[claims.kind],
        }
    )


def _signed_bytes(protected: bytes, payload: bytes) -> bytes:
    return _encode(["Signature1", protected, b"", payload])


def _encode(item: object) -> bytes:
    return cbor2.dumps(item, canonical=True)


def _refuse_tag(*_: object) -> Never:
    # Big floats, decimals and regular expressions make small inputs expensive; a pass has no tags.
    raise cbor2.CBORDecodeError("a pass holds no tags")


_NO_TAGS: Any = dict.fromkeys(
    (0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000,
     55799),
    _refuse_tag,
)  # fmt: skip


def _decode(raw: bytes) -> Any:
    return cbor2.loads(
        raw,
        max_depth=2,
        tag_hook=_refuse_tag,
        semantic_decoders=_NO_TAGS,
        allow_indefinite=False,
        allow_duplicate_keys=False,
    )
