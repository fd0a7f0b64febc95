"""Every bit of many passes flipped, in a module of its own so that several processes can share the work."""

from random import Random

import base45
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.entry_pass import PREFIX, Claims, Kind, Rejection, issue_pass, key_id, read_pass
from checkpoint.ids import CompoundId, PersonId


def flip_every_bit(serials: range) -> tuple[int, list[tuple[int, int]]]:
    """How many bits of these passes were flipped, and which (serial, bit) were accepted nevertheless."""
    tried, accepted = 0, []
    for serial in serials:
        key = Ed25519PrivateKey.from_private_bytes(Random(serial).randbytes(32))
        keys = {key_id(key.public_key()): key.public_key()}
        claims = Claims(PersonId(f"P{serial}"), serial, CompoundId(1), 0, 2**31, Kind.RESIDENT)
        text = issue_pass(claims, key)
        assert read_pass(text, keys) == claims
        for bit, changed in enumerate(_flipped(text)):
            tried += 1
            if not isinstance(read_pass(changed, keys), Rejection):
                accepted.append((serial, bit))
    return tried, accepted


def _flipped(text: str) -> list[str]:
    """The pass with each of its bits flipped in turn; three characters of base45 hold two bytes."""
    raw = base45.b45decode(text[len(PREFIX) :])
    found = []
    for place in range(0, len(raw), 2):
        pair, there = raw[place : place + 2], len(PREFIX) + place // 2 * 3
        for bit in range(len(pair) * 8):
            flipped = int.from_bytes(pair, "big") ^ 1 << bit
            other = base45.b45encode(flipped.to_bytes(len(pair), "big")).decode("ascii")
            found.append(text[:there] + other + text[there + len(other) :])
    return found
