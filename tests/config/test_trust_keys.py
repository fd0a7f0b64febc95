"""trust.json and private keys: believed exactly as written, or told why not."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from checkpoint.entry_pass import key_id
from config.settings.error import ConfigError
from config.trust import load_private_key, load_trust

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
KID = key_id(KEY.public_key()).hex()
ENTRY = {KID: PUBLIC}


def write(folder: Path, content: Any) -> Path:
    path = folder / "trust.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_the_keys_are_read_for_what_they_are_trusted(tmp_path: Path) -> None:
    trust = load_trust(write(tmp_path, {"passes": ENTRY, "operations": {}}))
    assert trust.passes == {bytes.fromhex(KID): KEY.public_key()}
    assert trust.operations == {}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        {},
        {"passes": ENTRY},
        {"passes": ENTRY, "operations": []},
        {"passes": {"00000000": PUBLIC}, "operations": {}},
        {"passes": {KID: PUBLIC[:-2]}, "operations": {}},
        {"passes": {KID: "no hex"}, "operations": {}},
        {"passes": {KID: 5}, "operations": {}},
        {"passes": {KID.upper() + "x": PUBLIC}, "operations": {}},
    ],
)
def test_a_wrong_trust_file_is_told(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ConfigError, match=r"trust\.json"):
        load_trust(write(tmp_path, content))


def test_a_missing_trust_file_is_told_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gatepost keys init"):
        load_trust(tmp_path / "trust.json")


def pem(key: Any, password: bytes | None = None) -> bytes:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    found: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    return found


def test_a_private_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / "operations.pem"
    path.write_bytes(pem(KEY))
    assert load_private_key(path).public_key() == KEY.public_key()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no private key"),
        (b"\xff", "no private key"),
        (pem(KEY, b"secret"), "without a password"),
        (pem(generate_private_key(SECP256R1())), "no Ed25519 key"),
    ],
    ids=["empty", "junk", "locked", "another kind"],
)
def test_a_wrong_private_key_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "operations.pem"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        load_private_key(path)


def test_a_missing_private_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gatepost keys init"):
        load_private_key(tmp_path / "operations.pem")
