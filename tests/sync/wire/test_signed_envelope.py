"""One envelope for all that is signed downwards: genuine, or NotGenuine and nothing else."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.entry_pass import key_id
from sync.wire.signed import NotGenuine, Purpose, open_signed, sign
from tests.golden.read import vectors

GOLDEN = vectors("signed")
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(GOLDEN["key"]["seed"]))
KEYS = {key_id(KEY.public_key()): KEY.public_key()}
MESSAGES = pytest.mark.parametrize("golden", GOLDEN["messages"], ids=lambda each: each["name"])
ACK = GOLDEN["messages"][0]
FIELDS = msgspec.json.decode(ACK["message"])


def message(**changes: object) -> bytes:
    return msgspec.json.encode({**FIELDS, **changes})


@MESSAGES
def test_a_golden_body_is_signed_as_the_golden_message(golden: dict[str, str]) -> None:
    assert (
        sign(Purpose(golden["purpose"]), golden["body"].encode(), KEY).decode() == golden["message"]
    )


@MESSAGES
def test_a_golden_message_is_opened_as_the_golden_body(golden: dict[str, str]) -> None:
    body = open_signed(Purpose(golden["purpose"]), golden["message"].encode(), KEYS)
    assert body.decode() == golden["body"]


@MESSAGES
def test_the_signed_bytes_are_purpose_nul_body(golden: dict[str, str]) -> None:
    signed_bytes = bytes.fromhex(golden["signed_bytes"])
    assert signed_bytes == f"gatepost/1/{golden['purpose']}\0{golden['body']}".encode()
    signature = bytes.fromhex(msgspec.json.decode(golden["message"])["signature"])
    KEY.public_key().verify(signature, signed_bytes)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"", "no signed message"),
        (b"{}", "no signed message"),
        (b"\xff\xfe", "no signed message"),
        (b"[" * 60_000, "no signed message"),
        (b'{"kid":"00","x":' + b"[" * 60_000, "no signed message"),
        (message(kid="not hex"), "no signed message"),
        (message(signature="not hex"), "no signed message"),
        (message(body=None), "no signed message"),
        (message(kid="00000000"), "not trusted"),
        (message(kid=""), "not trusted"),
        (message(signature=""), "signature"),
        (message(signature="00" * 64), "signature"),
        (message(body=ACK["body"] + " "), "signature"),
        (message(body=ACK["body"].replace('"upto":2', '"upto":3')), "signature"),
    ],
)
def test_whatever_is_not_genuine_is_told_why(bad: bytes, why: str) -> None:
    with pytest.raises(NotGenuine, match=why):
        open_signed(Purpose.ACK, bad, KEYS)


def test_a_message_for_one_purpose_is_none_for_another() -> None:
    with pytest.raises(NotGenuine, match="signature"):
        open_signed(Purpose.ROSTER, ACK["message"].encode(), KEYS)


def test_a_key_that_is_not_trusted_is_named() -> None:
    with pytest.raises(NotGenuine, match=GOLDEN["key"]["kid"]):
        open_signed(Purpose.ACK, ACK["message"].encode(), {})


@given(bit=st.integers(0, len(ACK["message"]) * 8 - 1))
def test_a_flipped_bit_never_yields_another_body(bit: int) -> None:
    flipped = bytearray(ACK["message"].encode())
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        body = open_signed(Purpose.ACK, bytes(flipped), KEYS)
    except NotGenuine:
        return
    assert body.decode() == ACK["body"]


@given(junk=st.binary(max_size=300))
def test_no_bytes_raise_anything_but_not_genuine(junk: bytes) -> None:
    with pytest.raises(NotGenuine):
        open_signed(Purpose.ACK, junk, KEYS)
