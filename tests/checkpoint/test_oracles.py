"""cwt and pycose, two libraries that know nothing of us, agree on what a genuine pass is.

On every pass in our one encoding our verdict must equal theirs. In STRICTER, and only there, both
accept what we refuse: COSE lets a signer choose among encodings, a pass has exactly one.
"""

import json
import random
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import base45
import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.entry_pass import PREFIX, Claims, Kind, Rejection, issue_pass, key_id, read_pass
from checkpoint.ids import CompoundId, PersonId
from tests.checkpoint.examples import CLAIMS, KEY, KEYS, OTHER_KEY
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-oracle" / "bin" / "python"
READER = Path(__file__).with_name("oracle_reader.py")
KID, OTHER_KID = key_id(KEY.public_key()), key_id(OTHER_KEY.public_key())
TRUSTED = KEYS | {OTHER_KID: OTHER_KEY.public_key()}


def ask(texts: list[str], payloads: list[bytes]) -> Any:
    """What both oracles say to these texts, and the passes that they make of these payloads."""
    if not PYTHON.exists():
        pytest.fail(f"{PYTHON} is missing: `./run test` makes it")
    question = {
        "keys": {kid.hex(): key.public_bytes_raw().hex() for kid, key in TRUSTED.items()},
        "texts": texts,
        "seed": KEY.private_bytes_raw().hex(),
        "payloads": [payload.hex() for payload in payloads],
    }
    done = subprocess.run(
        [PYTHON, READER],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def wrap(raw: bytes) -> str:
    encoded: bytes = base45.b45encode(raw)
    return PREFIX + encoded.decode("ascii")


def parts(claims: Claims = CLAIMS, key: Ed25519PrivateKey = KEY) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature of a genuine pass."""
    raw = base45.b45decode(issue_pass(claims, key)[len(PREFIX) :])
    protected, _, payload, signature = cbor2.loads(raw)
    return protected, payload, signature


def message(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return cbor2.dumps([protected, {}, payload, signature])


def signed(protected: bytes, payload: bytes, key: Ed25519PrivateKey = KEY) -> bytes:
    structure = cbor2.dumps(["Signature1", protected, b"", payload])
    return message(protected, payload, key.sign(structure))


def flipped(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def claim_sets() -> list[Claims]:
    chance = random.Random(4)
    return [
        CLAIMS,
        Claims(PersonId("~" * 8), 65535, CompoundId(65535), 2**32 - 1, 2**32 - 1, Kind.VEHICLE),
        Claims(PersonId("A"), 0, CompoundId(0), 0, 0, Kind.RESIDENT),
        *(
            Claims(
                PersonId(f"P{chance.randrange(10**7)}"),
                chance.randrange(2**16),
                CompoundId(chance.randrange(2**16)),
                chance.randrange(2**32),
                chance.randrange(2**32),
                chance.choice(list(Kind)),
            )
            for _ in range(12)
        ),
    ]


def canonical_cases() -> dict[str, str]:
    """Passes in our one encoding, most of them not genuine."""
    protected, payload, signature = parts()
    other_protected, _, other_signature = parts(key=OTHER_KEY)
    cases = {f"genuine {n}": issue_pass(claims, KEY) for n, claims in enumerate(claim_sets())}
    cases["genuine, second key"] = issue_pass(CLAIMS, OTHER_KEY)
    cases["unknown key"] = issue_pass(CLAIMS, Ed25519PrivateKey.generate())
    swaps = {
        "key id swapped": message(other_protected, payload, signature),
        "signature by the other key": message(protected, payload, other_signature),
        "signed by the other key under our id": signed(protected, payload, OTHER_KEY),
        "signature of another pass": message(
            protected, payload, parts(replace(CLAIMS, serial=9))[2]
        ),
        "claims of another pass": message(
            protected, parts(replace(CLAIMS, serial=9))[1], signature
        ),
        "signature of zeros": message(protected, payload, bytes(64)),
        "signature without the context": message(protected, payload, KEY.sign(payload)),
    }
    signature_bits = {
        f"signature bit {bit}": message(protected, payload, flipped(signature, bit))
        for bit in range(0, 512, 37)
    }
    # The last bytes of the person, the serial, the dates: flipped, they stay in our encoding.
    payload_bits = {
        f"payload bit {bit}": message(protected, flipped(payload, bit), signature)
        for bit in (3 * 8, 4 * 8 + 1, 9 * 8 + 2, 15 * 8, 24 * 8)
    }
    return cases | {
        name: wrap(raw) for name, raw in (swaps | signature_bits | payload_bits).items()
    }


def stricter_cases() -> dict[str, str]:
    """Signed by our own key in another shape than ours: both oracles accept them, we never do."""
    protected, payload, signature = parts()
    genuine = message(protected, payload, signature)
    raws = {
        "trailing byte": genuine + b"\0",
        "array without a fixed length": b"\x9f" + genuine[1:] + b"\xff",
        "array length in two bytes": b"\x98\x04" + genuine[1:],
        "something in the unprotected header": cbor2.dumps(
            [protected, {99: 1}, payload, signature]
        ),
        "claims in another order": signed(protected, b"\xa6\x23\x01" + payload[1:-2]),
        "an extra claim": signed(protected, b"\xa7" + payload[1:] + b"\x24\x01"),
        "a missing claim": signed(protected, b"\xa5" + payload[1:-2]),
        "a claim twice": signed(protected, b"\xa7" + payload[1:] + b"\x23\x01"),
        "serial in two bytes": signed(protected, payload.replace(b"\x21\x03", b"\x21\x18\x03")),
        "header keys in another order": signed(b"\xa2\x04\x44" + KID + b"\x01\x27", payload),
        "kind that does not exist": signed(protected, payload[:-1] + b"\x06"),
    }
    return {name: wrap(raw) for name, raw in raws.items()}


def refused_by_all_cases() -> dict[str, str]:
    """Another algorithm in the header, whatever the signature is worth."""
    _, payload, signature = parts()
    headers = {
        name: cbor2.dumps({1: algorithm, 4: KID})
        for name, algorithm in {"ES256": -7, "ES512": -36, "PS256": -37, "HMAC": 5}.items()
    }
    return {
        f"header says {name}": wrap(message(header, payload, signature))
        for name, header in headers.items()
    }


@cache
def verdicts() -> dict[str, tuple[str, dict[str, Any]]]:
    """Every case with both oracles' answers, asked in one go."""
    cases = canonical_cases() | stricter_cases() | refused_by_all_cases()
    found = ask(list(cases.values()), [])["verdicts"]
    return {name: (text, said) for (name, text), said in zip(cases.items(), found, strict=True)}


def as_claims(listed: list[list[Any]]) -> Claims:
    fields = dict(listed)
    person = bytes.fromhex(fields[-1]).rstrip(b"\0").decode()
    return Claims(
        PersonId(person),
        fields[-2],
        CompoundId(fields[-3]),
        fields[5],
        fields[4],
        list(Kind)[fields[-4] - 1],
    )


@pytest.mark.parametrize("oracle", ["cwt", "pycose"])
@pytest.mark.parametrize("name", canonical_cases())
def test_our_verdict_on_a_canonical_pass_is_the_oracles(name: str, oracle: str) -> None:
    text, said = verdicts()[name]
    ours = read_pass(text, TRUSTED)
    assert ours is not Rejection.MALFORMED
    assert (said[oracle] is not None) is isinstance(ours, Claims)
    if isinstance(ours, Claims):
        assert as_claims(said[oracle]) == ours
    assert isinstance(ours, Claims) is name.startswith("genuine")


@pytest.mark.parametrize("name", stricter_cases())
def test_where_the_oracles_accept_another_shape_we_do_not(name: str) -> None:
    text, said = verdicts()[name]
    assert read_pass(text, TRUSTED) is Rejection.MALFORMED
    assert None not in said.values(), "the oracles are strict here too: move it"


@pytest.mark.parametrize("name", refused_by_all_cases())
def test_fault_03_another_algorithm_is_refused_by_us_and_by_the_oracles(name: str) -> None:
    text, said = verdicts()[name]
    assert read_pass(text, TRUSTED) is Rejection.MALFORMED
    assert said == {"cwt": None, "pycose": None}


def test_passes_signed_by_the_oracles_in_our_shape_are_accepted_and_the_same() -> None:
    wanted = claim_sets()
    found = ask([], [parts(claims)[1] for claims in wanted])["signed"]
    for claims, made in zip(wanted, found, strict=True):
        assert made == {"cwt": issue_pass(claims, KEY), "pycose": issue_pass(claims, KEY)}
        assert read_pass(made["cwt"], TRUSTED) == claims
