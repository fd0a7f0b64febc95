"""A pass goes through its QR and back; what does not fit is named when it is issued."""

import re
from dataclasses import replace

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.entry_pass import (
    PREFIX,
    Claims,
    Envelope,
    Kind,
    Rejection,
    issue_pass,
    key_id,
    read_envelope,
    read_pass,
)
from checkpoint.ids import CompoundId, PersonId
from tests.checkpoint.examples import CLAIMS, KEY, KEYS, OTHER_KEY

PERSONS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=8)
CLAIM_SETS = st.builds(
    Claims,
    PERSONS.map(PersonId),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF).map(CompoundId),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.sampled_from(Kind),
)
LONGEST = Claims(
    PersonId("~" * 8), 0xFFFF, CompoundId(0xFFFF), 0xFFFFFFFF, 0xFFFFFFFF, Kind.VEHICLE
)


@given(claims=CLAIM_SETS)
def test_what_was_issued_is_read_back_and_fits_174_characters(claims: Claims) -> None:
    text = issue_pass(claims, KEY)
    assert read_pass(text, KEYS) == claims
    assert len(text) <= 174


def test_the_longest_pass_fits_a_version_7_code_with_error_correction_m() -> None:
    text = issue_pass(LONGEST, KEY)
    assert len(text) == 174
    code = segno.make_qr(text, error="m", boost_error=False)
    assert (code.version, code.mode, code.error) == (7, "alphanumeric", "M")


def test_two_trusted_keys_leave_no_gap_in_a_rotation() -> None:
    both = KEYS | {key_id(OTHER_KEY.public_key()): OTHER_KEY.public_key()}
    assert read_pass(issue_pass(CLAIMS, KEY), both) == CLAIMS
    assert read_pass(issue_pass(CLAIMS, OTHER_KEY), both) == CLAIMS


def test_an_envelope_is_read_without_any_key() -> None:
    envelope = read_envelope(issue_pass(CLAIMS, KEY))
    assert isinstance(envelope, Envelope)
    assert envelope.claims == CLAIMS
    assert envelope.key_id == key_id(KEY.public_key())


@pytest.mark.parametrize(
    ("claims", "named"),
    [
        (replace(CLAIMS, person=PersonId("")), "person id"),
        (replace(CLAIMS, person=PersonId("123456789")), "person id"),
        (replace(CLAIMS, person=PersonId("a b")), "person id"),
        (replace(CLAIMS, person=PersonId("张三")), "person id"),
        (replace(CLAIMS, person=PersonId("P1\n")), "person id"),
        (replace(CLAIMS, person=PersonId("P1\0")), "person id"),
        (replace(CLAIMS, serial=-1), "serial"),
        (replace(CLAIMS, serial=65536), "serial"),
        (replace(CLAIMS, serial=True), "serial"),
        (replace(CLAIMS, compound=CompoundId(65536)), "compound"),
        (replace(CLAIMS, not_before_s=-1), "not before"),
        (replace(CLAIMS, expires_s=2**32), "expiry"),
    ],
)
def test_a_claim_out_of_range_is_named_when_issuing(claims: Claims, named: str) -> None:
    with pytest.raises(ValueError, match=re.escape(named)):
        issue_pass(claims, KEY)


@pytest.mark.parametrize("text", ["", "GP1", "gp1:", " GP1:", "https://example.org", "HC1:NCF"])
def test_a_text_without_the_prefix_is_no_pass(text: str) -> None:
    assert read_pass(text, KEYS) is Rejection.NOT_A_PASS


def test_a_signature_by_another_key_under_a_trusted_id_is_forged() -> None:
    genuine, other = issue_pass(CLAIMS, KEY), Ed25519PrivateKey.generate().public_key()
    assert read_pass(genuine, {key_id(KEY.public_key()): other}) is Rejection.FORGED
    assert genuine.startswith(PREFIX)
