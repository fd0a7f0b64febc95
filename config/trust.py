"""trust.json: the public keys a gate or a collector believes, by key id.

    {"passes": {"<kid>": "<key>"}, "operations": {"<kid>": "<key>"}, "sealing": "<key>"}

All lower-case hex. ``sealing`` is the centre's X25519 key for what a gate may write but not read. Both lists may
hold several keys, so that a rotation has no gap. Passes are issued by one sort of key; rosters,
acknowledgements and commands are signed by the other.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from checkpoint.entry_pass import key_id
from checkpoint.ids import KeyId
from config.settings.error import ConfigError

Keys = dict[KeyId, Ed25519PublicKey]


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that are believed, and for what."""

    passes: Keys
    operations: Keys
    sealing: X25519PublicKey | None = None
    """None: a trust.json from before there was one; this gate registers no visitors."""


def load_trust(path: Path) -> Trust:
    """Read trust.json. Raises ConfigError."""
    try:
        content = json.loads(path.read_text(encoding="ascii"))
        sealing = content.get("sealing")
        return Trust(
            _keys(content["passes"]),
            _keys(content["operations"]),
            None if sealing is None else X25519PublicKey.from_public_bytes(bytes.fromhex(sealing)),
        )
    except OSError as error:
        mend = "make it with: gatepost keys init FOLDER"
        raise ConfigError(path, [f"cannot be read: {error.strerror}; {mend}"]) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(path, [f"is no trust.json of gatepost keys init: {error!r}"]) from None


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key in PEM. Raises ConfigError."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        mend = "make it with: gatepost keys init FOLDER"
        raise ConfigError(path, [f"cannot be read: {error.strerror}; {mend}"]) from None
    except (ValueError, TypeError):
        raise ConfigError(path, ["is no private key in PEM without a password"]) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(path, ["is no Ed25519 key"])
    return key


def _keys(entries: dict[str, str]) -> Keys:
    keys = (Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw)) for raw in entries.values())
    by_id = {key_id(key): key for key in keys}
    if {id_.hex() for id_ in by_id} != set(entries):
        raise ValueError("a key id does not belong to its key")
    return by_id
