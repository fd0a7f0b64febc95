"""The key files of a compound: three private keys, which stay at the centre, and trust.json, all that a gate gets."""

import json
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from checkpoint.entry_pass import key_id

PASS_KEY: Final = "pass.pem"
OPERATIONS_KEY: Final = "operations.pem"
SEALING_KEY: Final = "sealing.pem"
TRUST: Final = "trust.json"


def make_keys(folder: Path) -> None:
    """Write the private keys and trust.json. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    sealing = X25519PrivateKey.generate()
    _write(folder / SEALING_KEY, sealing)
    trust = {
        "passes": _make(folder / PASS_KEY),
        "operations": _make(folder / OPERATIONS_KEY),
        "sealing": sealing.public_key().public_bytes_raw().hex(),
    }
    (folder / TRUST).write_text(json.dumps(trust, indent=2) + "\n", encoding="ascii")


def _make(path: Path) -> dict[str, str]:
    key = Ed25519PrivateKey.generate()
    _write(path, key)
    public = key.public_key()
    return {key_id(public).hex(): public.public_bytes_raw().hex()}


def _write(path: Path, key: Ed25519PrivateKey | X25519PrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
