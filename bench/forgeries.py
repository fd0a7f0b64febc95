"""Forged passes of every kind that we could think of; each is one function and one line of KINDS.

A forger here knows the format, every public key and as many genuine passes as they like. In two kinds
they even hold the issuer's private key, but sign another algorithm or another encoding with it: those
must be refused for their form alone.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.entry_pass import PREFIX, Claims, Kind, issue_pass, key_id
from checkpoint.ids import CompoundId, PersonId

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
GENUINE_PASSES: Final = 200


class Workshop:
    """Two trusted keys, one untrusted, and genuine passes to start from; all from one seed."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311 (repeatable, not secret)
        self.issuers = [self._key(), self._key()]
        self.outsider = self._key()
        self.keys = {key_id(key.public_key()): key.public_key() for key in self.issuers}
        self.genuine = {issue_pass(claims, key): claims for claims, key in self._orders()}
        self.raws = [unwrap(text) for text in self.genuine]

    def raw(self) -> bytearray:
        """The bytes of a genuine pass, to be spoilt."""
        return bytearray(self.random.choice(self.raws))

    def parts(self) -> tuple[bytes, bytes, bytes]:
        """Protected header, payload and signature of a genuine pass."""
        protected, _, payload, signature = cbor2.loads(self.random.choice(self.raws))
        return protected, payload, signature

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32))

    def _orders(self) -> list[tuple[Claims, Ed25519PrivateKey]]:
        return [
            (self.claims(), self.issuers[number % len(self.issuers)])
            for number in range(GENUINE_PASSES)
        ]

    def claims(self) -> Claims:
        """Random claims within their ranges."""
        chance = self.random
        return Claims(
            PersonId(f"P{chance.randrange(10**7)}"),
            chance.randrange(2**16),
            CompoundId(chance.randrange(2**16)),
            chance.randrange(2**32),
            chance.randrange(2**32),
            chance.choice(list(Kind)),
        )


def wrap(raw: bytes | bytearray) -> str:
    """Bytes as a QR's text."""
    encoded: bytes = base45.b45encode(bytes(raw))
    return PREFIX + encoded.decode("ascii")


def unwrap(text: str) -> bytes:
    """The bytes in a QR's text."""
    raw: bytes = base45.b45decode(text[len(PREFIX) :])
    return raw


def _signed(protected: bytes, payload: bytes, key: Ed25519PrivateKey) -> bytes:
    signature = key.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    return cbor2.dumps([protected, {}, payload, signature])


def _flipped_bits(shop: Workshop) -> str:
    raw = shop.raw()
    for _ in range(shop.random.choice((1, 1, 1, 2, 8))):
        raw[shop.random.randrange(len(raw))] ^= 1 << shop.random.randrange(8)
    return wrap(raw)


def _changed_characters(shop: Workshop) -> str:
    text = list(wrap(shop.raw()))
    for _ in range(shop.random.choice((1, 1, 2, 5))):
        text[shop.random.randrange(len(text))] = shop.random.choice(ALPHABET)
    return "".join(text)


def _truncated(shop: Workshop) -> str:
    if shop.random.random() < 0.5:
        raw = shop.raw()
        return wrap(raw[: shop.random.randrange(len(raw))])
    text = wrap(shop.raw())
    return text[: shop.random.randrange(len(text))]


def _spliced(shop: Workshop) -> str:
    one, other = shop.raw(), shop.raw()
    return wrap(one[: shop.random.randrange(len(one))] + other[shop.random.randrange(len(other)) :])


def _swapped_parts(shop: Workshop) -> str:
    """Each part genuine, from three passes."""
    protected, payload, signature = (shop.parts()[place] for place in range(3))
    return wrap(cbor2.dumps([protected, {}, payload, signature]))


def _changed_claims(shop: Workshop) -> str:
    protected, _, signature = shop.parts()
    payload = cbor2.loads(unwrap(issue_pass(shop.claims(), shop.outsider)))[2]
    return wrap(cbor2.dumps([protected, {}, payload, signature]))


def _wrong_key(shop: Workshop) -> str:
    """Signed by an outsider, under their own id or a trusted one."""
    protected, payload, _ = shop.parts()
    if shop.random.random() < 0.5:
        return issue_pass(shop.claims(), shop.outsider)
    return wrap(_signed(protected, payload, shop.outsider))


def _other_algorithm(shop: Workshop) -> str:
    protected, payload, _ = shop.parts()
    issuer = shop.random.choice(shop.issuers)
    headers = cbor2.loads(protected) | {1: shop.random.choice((-7, -35, -36, -37, -257, 5, 0, -9))}
    return wrap(_signed(cbor2.dumps(headers), payload, issuer))


def _other_encoding(shop: Workshop) -> str:
    """Really signed by the issuer: trailing bytes, double keys, long or endless lengths, more claims."""
    protected, payload, _ = shop.parts()
    issuer = next(key for key in shop.issuers if protected.endswith(key_id(key.public_key())))
    genuine = _signed(protected, payload, issuer)
    spare = shop.random.randbytes(shop.random.randint(1, 4))
    forms = (
        lambda: genuine + spare,
        lambda: b"\x98\x04" + genuine[1:],
        lambda: b"\x9f" + genuine[1:] + b"\xff",
        lambda: b"\xd2" + genuine,
        lambda: _signed(protected, b"\xa7" + payload[1:] + b"\x23\x01", issuer),
        lambda: _signed(protected, b"\xa7" + payload[1:] + b"\x24\x01", issuer),
        lambda: _signed(protected, b"\xbf" + payload[1:] + b"\xff", issuer),
        lambda: _signed(protected, b"\xb8\x06" + payload[1:], issuer),
        lambda: _signed(protected, payload + spare, issuer),
        lambda: _signed(protected + spare, payload, issuer),
    )
    return wrap(shop.random.choice(forms)())


def _wrong_types(shop: Workshop) -> str:
    """Our shape in canonical CBOR, with anything in each place."""
    protected, payload, genuine = shop.parts()
    signature: object = genuine
    anything = (
        None,
        True,
        -1,
        2**64 + 1,
        1.5,
        "s" * 64,
        [1] * 64,
        dict.fromkeys(range(64), 0),
        b"",
    )
    headers, claims = cbor2.loads(protected), cbor2.loads(payload)
    spoilt = shop.random.choice((headers, claims, None))
    if spoilt is None:
        signature = shop.random.choice(anything)
    else:
        spoilt[shop.random.choice(list(spoilt))] = shop.random.choice(anything)
    message = [cbor2.dumps(headers, canonical=True), {}, cbor2.dumps(claims, canonical=True)]
    return wrap(cbor2.dumps([*message, signature], canonical=True))


def _cbor_bomb(shop: Workshop) -> str:
    length = shop.random.randrange(1, 300)
    huge = shop.random.randbytes(8)
    bombs = (
        b"\x81" * length,
        b"\xa1\x01" * (length // 2),
        b"\xd8\x1c\x81" * (length // 3),
        b"\xc1" * length,
        bytes([shop.random.choice((0x5B, 0x7B, 0x9B, 0xBB))]) + huge + b"\x01" * (length // 4),
        b"\xc2\x59" + length.to_bytes(2, "big") + b"\xff" * length,
        b"\xc4\x82\x3b" + huge + b"\x01",
        b"\xc5\x82\x1b" + huge + b"\x01",
        b"\xd8\x23\x78\x40" + b"(a+)+" * 12 + b"$$$$",
        b"\x9f" + b"\x9f" * length,
        shop.random.randbytes(length),
    )
    bomb = shop.random.choice(bombs)
    protected, payload, signature = shop.parts()
    places = (
        lambda: bomb,
        lambda: cbor2.dumps([bomb, {}, payload, signature]),
        lambda: cbor2.dumps([protected, {}, bomb, signature]),
        lambda: b"\x84" + cbor2.dumps(protected) + bomb,
    )
    return wrap(shop.random.choice(places)())


def _random_base45(shop: Workshop) -> str:
    return PREFIX + "".join(shop.random.choices(ALPHABET, k=shop.random.randrange(600)))


def _random_text(shop: Workshop) -> str:
    length = shop.random.randrange(200)
    text = "".join(chr(shop.random.choice((0x20, 0x4E00, 0x0)) + n % 94) for n in range(length))
    return shop.random.choice(("", PREFIX)) + text


def _long_text(shop: Workshop) -> str:
    filler = shop.random.choice(
        ("A", "9", "张", "\0", "'; DROP TABLE records; --", wrap(shop.raw()))
    )
    return shop.random.choice(("", PREFIX)) + (filler * 4096)[:4096]


def _changed_prefix(shop: Workshop) -> str:
    prefixes = ("", "GP1", "gp1:", "GP2:", " GP1:", "GP1: ", "GP1::", "GP1:GP1:", "\ufeffGP1:")
    return shop.random.choice(prefixes) + wrap(shop.raw())[len(PREFIX) :]


def _changed_ending(shop: Workshop) -> str:
    return wrap(shop.raw()) + shop.random.choice(("\n", "\r\n", " ", "0", "00", "000", "\0", ":"))


KINDS: Final[Mapping[str, Callable[[Workshop], str]]] = {
    "flipped bits": _flipped_bits,
    "changed characters": _changed_characters,
    "truncated": _truncated,
    "spliced": _spliced,
    "parts swapped": _swapped_parts,
    "changed claims": _changed_claims,
    "wrong key": _wrong_key,
    "other algorithm": _other_algorithm,
    "other encoding": _other_encoding,
    "wrong types": _wrong_types,
    "CBOR bomb": _cbor_bomb,
    "random base45": _random_base45,
    "random text": _random_text,
    "4 KB text": _long_text,
    "changed prefix": _changed_prefix,
    "changed ending": _changed_ending,
}
