"""Two independent readers and writers of passes, cwt and pycose; run with .venv-oracle/bin/python.

Their locked environment is apart, because cwt needs an older cbor2 than ours. Nothing of Gatepost is
imported here; even base45 is written down once more.

stdin:  {"keys": {kid: public key}, "texts": [pass], "seed": private key, "payloads": [CBOR]}, all in hex but texts
stdout: {"verdicts": [{"cwt": claims or null, "pycose": claims or null}],
         "signed": [{"cwt": pass, "pycose": pass}]}, claims as a list of [key, value], bytes as hex
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import cbor2
import cwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pycose.algorithms import EdDSA
from pycose.headers import KID, Algorithm
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import Sign1Message

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SIGN1_TAG = b"\xd2"
Keys = dict[bytes, bytes]


def from_base45(text: str) -> bytes:
    raw = b""
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        number = sum(ALPHABET.index(char) * 45**place for place, char in enumerate(group))
        raw += number.to_bytes(len(group) - 1, "big")
    return raw


def to_base45(raw: bytes) -> str:
    text = ""
    for start in range(0, len(raw), 2):
        pair = raw[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            text += ALPHABET[digit]
    return text


def read_with_cwt(tagged: bytes, keys: Keys) -> Any:
    known = [
        cwt.COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: public}) for kid, public in keys.items()
    ]
    # Without the claims' own check: whether a pass is valid now is not judged when it is read.
    return cwt.decode(tagged, known, no_verify=True)


def read_with_pycose(tagged: bytes, keys: Keys) -> Any:
    message = Sign1Message.decode(tagged)
    message.key = OKPKey(crv=Ed25519, x=keys[message.get_attr(KID)])
    if not message.verify_signature():
        raise ValueError("wrong signature")
    return cbor2.loads(message.payload)


def verdict(
    reader: Callable[[bytes, Keys], Any], text: str, keys: Keys
) -> list[list[object]] | None:
    try:
        claims = reader(SIGN1_TAG + from_base45(text.removeprefix("GP1:")), keys)
        return [
            [key, value.hex() if isinstance(value, bytes) else value]
            for key, value in sorted(claims.items())
        ]
    # Each library has exceptions of its own for a pass that it does not accept.
    except Exception:  # noqa: BLE001
        return None


def sign_with_cwt(payload: bytes, seed: bytes, public: bytes, kid: bytes) -> bytes:
    key = cwt.COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: public, -4: seed})
    message = cwt.COSE.new().encode(payload, key, protected={1: -8, 4: kid})
    return bytes(message).removeprefix(SIGN1_TAG)


def sign_with_pycose(payload: bytes, seed: bytes, public: bytes, kid: bytes) -> bytes:
    message = Sign1Message(phdr={Algorithm: EdDSA, KID: kid}, payload=payload)
    message.key = OKPKey(crv=Ed25519, x=public, d=seed)
    return bytes(message.encode(tag=False))


def main() -> None:
    asked = json.load(sys.stdin)
    keys = {bytes.fromhex(kid): bytes.fromhex(public) for kid, public in asked["keys"].items()}
    readers = {"cwt": read_with_cwt, "pycose": read_with_pycose}
    writers = {"cwt": sign_with_cwt, "pycose": sign_with_pycose}
    seed = bytes.fromhex(asked["seed"])
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    kid = next(kid for kid, known in keys.items() if known == public)
    answer = {
        "verdicts": [
            {name: verdict(reader, text, keys) for name, reader in readers.items()}
            for text in asked["texts"]
        ],
        "signed": [
            {
                name: "GP1:" + to_base45(write(bytes.fromhex(payload), seed, public, kid))
                for name, write in writers.items()
            }
            for payload in asked["payloads"]
        ],
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
