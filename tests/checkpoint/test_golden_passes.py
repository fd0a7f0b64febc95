"""The bytes of a pass, which printed cards keep for years."""

from typing import Any

import base45
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.entry_pass import PREFIX, Claims, Kind, issue_pass, key_id, read_pass
from checkpoint.ids import KeyId
from tests.golden.read import vectors

GOLDEN = vectors("pass")
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(GOLDEN["key"]["seed"]))
PASSES = pytest.mark.parametrize("golden", GOLDEN["passes"], ids=lambda each: each["name"])


def claims_of(golden: dict[str, Any]) -> Claims:
    fields = golden["claims"]
    return Claims(**{**fields, "kind": Kind(fields["kind"])})


def test_a_key_id_is_the_golden_one() -> None:
    public = KEY.public_key()
    assert public.public_bytes_raw().hex() == GOLDEN["key"]["public"]
    assert key_id(public).hex() == GOLDEN["key"]["kid"]


@PASSES
def test_golden_claims_are_issued_as_the_golden_text(golden: dict[str, Any]) -> None:
    assert issue_pass(claims_of(golden), KEY) == golden["text"]
    assert base45.b45decode(golden["text"][len(PREFIX) :]).hex() == golden["cbor"]


@PASSES
def test_the_golden_text_is_read_as_the_golden_claims(golden: dict[str, Any]) -> None:
    keys = {KeyId(bytes.fromhex(GOLDEN["key"]["kid"])): KEY.public_key()}
    assert read_pass(golden["text"], keys) == claims_of(golden)
