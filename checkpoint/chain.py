"""The hash chain over a journal: what makes an edited, lost or invented row show.

    digest = SHA-256(salt || body)                      both can be erased later, the digest stays
    hash   = SHA-256(prev || epoch || seq || digest)    prev is the row before's hash, 32 zero bytes for seq 1

salt: 16 bytes. body: UTF-8. epoch: the UUID's 16 bytes. seq: 8 bytes, big-endian.
In rows and on the wire salt, digest, hash and prev are lower-case hex.
"""

from functools import lru_cache
from hashlib import sha256
from uuid import UUID

import msgspec

from checkpoint.ids import EpochId, Seq

GENESIS = "0" * 64
"""``prev`` of an epoch's first row."""
SALT_BYTES = 16


class JournalRow(msgspec.Struct, frozen=True, gc=False):
    """One journal row without its epoch, exactly as it travels."""

    seq: Seq
    prev: str
    salt: str
    digest: str
    hash: str
    body: str


def seal(epoch: EpochId, seq: Seq, prev: str, salt: bytes, body: str) -> JournalRow:
    """The row that continues a chain whose last hash is ``prev``."""
    digest = sha256(salt + body.encode()).digest()
    hash_ = _hash(bytes.fromhex(prev), epoch, seq, digest)
    return JournalRow(seq, prev, salt.hex(), digest.hex(), hash_, body)


def is_sound(epoch: EpochId, row: JournalRow) -> bool:
    """Whether the row's body, digest and hash belong together; says nothing of its neighbours."""
    try:
        salt, prev = bytes.fromhex(row.salt), bytes.fromhex(row.prev)
        digest = sha256(salt + row.body.encode())
        # One spelling only, and a salt of one length: otherwise a body's first bytes could move into it.
        return (
            salt.hex() == row.salt
            and prev.hex() == row.prev
            and len(salt) == SALT_BYTES
            and is_canonical(epoch)
            and digest.hexdigest() == row.digest
            and _hash(prev, epoch, row.seq, digest.digest()) == row.hash
        )
    except (ValueError, OverflowError):  # no hex, no UUID, a lone surrogate, a seq beyond 8 bytes
        return False


@lru_cache(maxsize=1024)
def _epoch_bytes(epoch: EpochId) -> bytes:
    return UUID(epoch).bytes


@lru_cache(maxsize=1024)
def is_canonical(epoch: EpochId) -> bool:
    """Whether an epoch is spelt in the one way that is allowed. Raises ValueError for no UUID at all."""
    return str(UUID(epoch)) == epoch


def _hash(prev: bytes, epoch: EpochId, seq: Seq, digest: bytes) -> str:
    return sha256(prev + _epoch_bytes(epoch) + seq.to_bytes(8, "big") + digest).hexdigest()
