"""docs/faults.md, rows 1 to 5 and 11: whatever a QR holds, the answer is one of four words and no exception."""

from collections.abc import Callable
from multiprocessing import get_context

import base45
import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.entry_pass import (
    PREFIX,
    Rejection,
    issue_pass,
    key_id,
    read_envelope,
    read_pass,
)
from tests.checkpoint.bit_flips import flip_every_bit
from tests.checkpoint.examples import CLAIMS, KEY, KEYS, OTHER_KEY
from tests.patience import PATIENCE_S

KID = key_id(KEY.public_key())
PROTECTED = cbor2.dumps({1: -8, 4: KID})
PAYLOAD = bytes.fromhex("a6041a713fb6e8051a713faf18204850310000000000002103221864" + "2301")


def wrap(raw: bytes) -> str:
    encoded: bytes = base45.b45encode(raw)
    return PREFIX + encoded.decode("ascii")


def signed(protected: bytes = PROTECTED, payload: bytes = PAYLOAD) -> bytes:
    """What really signs these two: a pass is refused for its form, not for a bad signature."""
    signature = KEY.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    return cbor2.dumps([protected, {}, payload, signature])


GENUINE = signed()
SIGNATURE = GENUINE[-64:]


def test_the_hand_made_pass_of_this_file_is_genuine() -> None:
    assert wrap(GENUINE) == issue_pass(CLAIMS, KEY)
    assert read_pass(wrap(GENUINE), KEYS) == CLAIMS


def test_fault_01_every_flipped_bit_of_100_passes_is_refused() -> None:
    shares = [range(start, 100, 50) for start in range(50)]
    with get_context("spawn").Pool(2) as pool:  # left, it is ended, whatever it is at
        answers = pool.imap(flip_every_bit, shares)
        results = [answers.next(PATIENCE_S) for _ in shares]
    assert [accepted for _, accepted in results] == [[]] * 50
    assert sum(tried for tried, _ in results) > 100 * 800


def test_fault_02_an_unknown_key_is_refused() -> None:
    assert read_pass(issue_pass(CLAIMS, OTHER_KEY), KEYS) is Rejection.UNKNOWN_KEY


def test_fault_02_a_retired_key_is_refused() -> None:
    assert read_pass(issue_pass(CLAIMS, KEY), {}) is Rejection.UNKNOWN_KEY


@pytest.mark.parametrize("algorithm", [-7, -35, -37, -19, 0, 5, 8, -8.0, "EdDSA", None])
def test_fault_03_another_algorithm_in_the_header_is_refused(algorithm: object) -> None:
    raw = signed(cbor2.dumps({1: algorithm, 4: KID}))
    assert read_pass(wrap(raw), KEYS) is Rejection.MALFORMED


BOMBS = {
    "300 nested arrays": b"\x81" * 300,
    "300 nested maps": b"\xa1\x01" * 150,
    "an array that claims 2^62 items": b"\x9b\x40" + bytes(7) + b"\x01",
    "a map that claims 2^30 pairs": b"\xba\x40\x00\x00\x00",
    "bytes that claim 2 GB": b"\x5a\x7f\xff\xff\xff",
    "text that claims 2^63 bytes": b"\x7b\x7f" + b"\xff" * 7,
    "tags upon tags": b"\xc1" * 300,
    "a huge integer": b"\xc2\x58\xff" + b"\xff" * 255,
    "a big float": b"\xc5\x82\x1b" + b"\xff" * 8 + b"\x01",
    "a decimal": b"\xc4\x82\x3b" + b"\xff" * 8 + b"\x01",
    "a fraction": b"\xd8\x1e\x82\x01\x00",
    "a regular expression": b"\xd8\x23\x78\x20" + b"(a+)+" * 6 + b"$$",
    "a shared value that holds itself": b"\xd8\x1c\x81\xd8\x1d\x00",
    "string references": b"\xd9\x01\x00\x82\x64aaaa\xd8\x19\x00",
    "a set in a set": b"\xd9\x01\x02\x81\xd9\x01\x02\x81\x01",
    "a date": b"\xc0\x74" + b"2020-01-01T00:00:00Z",
    "an endless array": b"\x9f" + b"\x01" * 300,
    "nothing": b"",
}


@pytest.mark.parametrize("place", ["message", "protected", "payload"])
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_fault_04_nested_or_huge_cbor_is_refused(bomb: bytes, place: str) -> None:
    raw = {
        "message": bomb,
        "protected": cbor2.dumps([bomb, {}, PAYLOAD, SIGNATURE]),
        "payload": cbor2.dumps([PROTECTED, {}, bomb, SIGNATURE]),
    }[place]
    assert read_pass(wrap(raw), KEYS) is Rejection.MALFORMED


OTHER_FORMS = {
    "trailing byte": GENUINE + b"\0",
    "trailing second pass": GENUINE + GENUINE,
    "tag 18": b"\xd2" + GENUINE,
    "array length in two bytes": b"\x98\x04" + GENUINE[1:],
    "array of no fixed length": b"\x9f" + GENUINE[1:] + b"\xff",
    "five elements": b"\x85" + GENUINE[1:] + b"\0",
    "three elements": cbor2.dumps([PROTECTED, {}, PAYLOAD]),
    "unprotected header": cbor2.dumps([PROTECTED, {4: KID}, PAYLOAD, SIGNATURE]),
    "unprotected header as a list": cbor2.dumps([PROTECTED, [], PAYLOAD, SIGNATURE]),
    "signature as text": cbor2.dumps([PROTECTED, {}, PAYLOAD, "s" * 64]),
    "signature as a list": cbor2.dumps([PROTECTED, {}, PAYLOAD, [1] * 64]),
    "signature as a map": cbor2.dumps([PROTECTED, {}, PAYLOAD, dict.fromkeys(range(64), 0)]),
    "signature too short": cbor2.dumps([PROTECTED, {}, PAYLOAD, SIGNATURE[:63]]),
    "signature too long": cbor2.dumps([PROTECTED, {}, PAYLOAD, SIGNATURE + b"\0"]),
    "signature nil": cbor2.dumps([PROTECTED, {}, PAYLOAD, None]),
    "detached payload": cbor2.dumps([PROTECTED, {}, None, SIGNATURE]),
    "protected as a map": cbor2.dumps([{1: -8, 4: KID}, {}, PAYLOAD, SIGNATURE]),
    "duplicate key in the payload": signed(payload=b"\xa7\x21\x03" + PAYLOAD[1:]),
    "duplicate key in the header": signed(b"\xa3\x01\x27\x01\x27\x04\x44" + KID),
    "header keys in the other order": signed(b"\xa2\x04\x44" + KID + b"\x01\x27"),
    "claims in another order": signed(payload=b"\xa6\x23\x01" + PAYLOAD[1:-2]),
    "serial in two bytes": signed(payload=PAYLOAD.replace(b"\x21\x03", b"\x21\x18\x03")),
    "serial as a float": signed(payload=PAYLOAD.replace(b"\x21\x03", b"\x21\xf9\x42\x00")),
    "serial as a big integer": signed(payload=PAYLOAD.replace(b"\x21\x03", b"\x21\xc2\x41\x03")),
    "serial negative": signed(payload=PAYLOAD.replace(b"\x21\x03", b"\x21\x22")),
    "serial true": signed(payload=PAYLOAD.replace(b"\x21\x03", b"\x21\xf5")),
    "kind true": signed(payload=PAYLOAD.replace(b"\x23\x01", b"\x23\xf5")),
    "kind 0": signed(payload=PAYLOAD.replace(b"\x23\x01", b"\x23\x00")),
    "kind 6": signed(payload=PAYLOAD.replace(b"\x23\x01", b"\x23\x06")),
    "person as text": signed(payload=PAYLOAD.replace(b"\x20\x48", b"\x20\x68")),
    "person with NUL inside": signed(payload=PAYLOAD.replace(b"P1\0", b"P\x001")),
    "person empty": signed(payload=PAYLOAD.replace(b"P1", b"\0\0")),
    "person not ASCII": signed(payload=PAYLOAD.replace(b"P1", b"P\xb1")),
    "an extra claim": signed(payload=b"\xa7" + PAYLOAD[1:] + b"\x24\x01"),
    "a missing claim": signed(payload=b"\xa5" + PAYLOAD[1:-2]),
    "payload as a list": signed(payload=cbor2.dumps([1] * 6)),
    "an extra header": signed(cbor2.dumps({1: -8, 4: KID, 3: 0})),
    "no key id": signed(cbor2.dumps({1: -8})),
    "key id of three bytes": signed(cbor2.dumps({1: -8, 4: KID[:3]})),
    "key id as text": signed(cbor2.dumps({1: -8, 4: "abcd"})),
    "key id as a list": signed(cbor2.dumps({1: -8, 4: list(KID)})),
}


@pytest.mark.parametrize("raw", OTHER_FORMS.values(), ids=OTHER_FORMS.keys())
def test_fault_05_any_other_form_is_refused_though_its_signature_be_good(raw: bytes) -> None:
    assert read_pass(wrap(raw), KEYS) is Rejection.MALFORMED


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n",
        lambda text: text + " ",
        lambda text: text + "0",
        lambda text: text[:-1],
        lambda text: text[:-3],
        lambda text: PREFIX + text,
        lambda text: PREFIX + text[len(PREFIX) :].lower(),
        lambda text: text + text,
        lambda text: text[: len(PREFIX)],
    ],
)
def test_fault_05_a_text_beside_the_pass_is_refused(change: Callable[[str], str]) -> None:
    assert read_pass(change(wrap(GENUINE)), KEYS) is Rejection.MALFORMED


HOSTILE_TEXTS = [
    "'; DROP TABLE records; --",
    "<script>alert(1)</script>",
    "\x00\x01\x1b[2J\x07",
    "A" * 4096,
    "𝕘𝕡𝟙",
    "\ud800",
    "\u202eevil",
    "9" * 4096,
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_fault_11_a_hostile_text_is_inert(text: str) -> None:
    assert read_pass(text, KEYS) is Rejection.NOT_A_PASS
    assert read_pass(PREFIX + text, KEYS) is Rejection.MALFORMED


@given(text=st.text(max_size=600))
def test_no_text_raises_anything(text: str) -> None:
    assert isinstance(read_pass(text, KEYS), Rejection)
    assert isinstance(read_pass(PREFIX + text, KEYS), Rejection)


@given(raw=st.binary(max_size=341))
def test_no_bytes_raise_anything(raw: bytes) -> None:
    assert isinstance(read_pass(wrap(raw), KEYS), Rejection)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
ITEMS = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.integers(), SCALARS)


@given(
    headers=st.fixed_dictionaries({1: st.just(-8) | ITEMS, 4: st.just(KID) | ITEMS}),
    claims=st.fixed_dictionaries(dict.fromkeys((4, 5, -1, -2, -3, -4), ITEMS)),
    signature=ITEMS,
)
def test_no_cbor_of_the_right_shape_with_wrong_types_raises_anything(
    headers: dict[int, object], claims: dict[int, object], signature: object
) -> None:
    protected, payload = (cbor2.dumps(item, canonical=True) for item in (headers, claims))
    raw = cbor2.dumps([protected, {}, payload, signature], canonical=True)
    assert isinstance(read_pass(wrap(raw), KEYS), Rejection)
    read_envelope(wrap(raw))
