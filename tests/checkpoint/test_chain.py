"""An edited row shows, whichever field was edited and however."""

from hashlib import sha256
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.chain import GENESIS, JournalRow, is_sound, seal
from checkpoint.ids import EpochId, Seq
from tests.golden.read import vectors

EPOCH = EpochId("0c2a8f6e-54d1-4a53-9d0b-3a6de2f1c7b8")
ROW = seal(EPOCH, Seq(7), "ab" * 32, bytes(range(200, 216)), '{"kind":"device"}')
FIELDS = ("seq", "prev", "salt", "digest", "hash", "body")


def edited(**changes: object) -> JournalRow:
    return msgspec.structs.replace(ROW, **changes)


@given(
    seq=st.integers(1, 2**64 - 1).map(Seq),
    salt=st.binary(min_size=16, max_size=16),
    body=st.text(st.characters(codec="utf-8")),
)
def test_a_sealed_row_is_sound(seq: Seq, salt: bytes, body: str) -> None:
    assert is_sound(EPOCH, seal(EPOCH, seq, GENESIS, salt, body))


@given(st.data())
def test_any_edit_of_any_field_shows(data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(FIELDS))
    value = data.draw(st.integers() if field == "seq" else st.text() | st.text("0123456789abcdef"))
    row = edited(**{field: value})
    assert is_sound(EPOCH, row) is (row == ROW)


@given(field=st.sampled_from(FIELDS[1:]), place=st.integers(0, 1000), put=st.characters())
def test_one_changed_character_of_any_field_shows(field: str, place: int, put: str) -> None:
    text = getattr(ROW, field)
    place %= len(text)
    row = edited(**{field: text[:place] + put + text[place + 1 :]})
    assert is_sound(EPOCH, row) is (row == ROW)


@pytest.mark.parametrize(
    ("epoch", "row"),
    [
        pytest.param(EPOCH.upper(), ROW, id="the epoch in capitals"),
        pytest.param(f"{{{EPOCH}}}", ROW, id="the epoch in braces"),
        pytest.param("no uuid", ROW, id="no epoch"),
        pytest.param(EPOCH[:-1] + "9", ROW, id="another epoch"),
        pytest.param(EPOCH, edited(salt=ROW.salt.upper()), id="the salt in capitals"),
        pytest.param(EPOCH, edited(salt=" " + ROW.salt), id="a space before the salt"),
        pytest.param(EPOCH, edited(prev=ROW.prev.upper()), id="prev in capitals"),
        pytest.param(EPOCH, edited(hash=ROW.hash.upper()), id="the hash in capitals"),
        pytest.param(EPOCH, edited(seq=-1), id="a seq below zero"),
        pytest.param(EPOCH, edited(seq=2**64), id="a seq beyond eight bytes"),
        pytest.param(EPOCH, edited(body="\ud800"), id="half a character"),
        pytest.param(
            EPOCH,
            edited(salt=ROW.salt + b"{".hex(), body=ROW.body[1:]),
            id="the body's first byte moved into the salt",
        ),
    ],
)
def test_another_spelling_of_the_same_bytes_is_not_sound(epoch: str, row: JournalRow) -> None:
    assert not is_sound(EpochId(epoch), row)


def test_the_golden_rows_are_sealed_byte_for_byte() -> None:
    golden = vectors("journal_rows")
    epoch, prev = EpochId(golden["epoch"]), GENESIS
    for row in msgspec.convert(golden["rows"], list[JournalRow]):
        assert seal(epoch, row.seq, prev, bytes.fromhex(row.salt), row.body) == row
        assert is_sound(epoch, row)
        prev = row.hash


def test_the_golden_rows_follow_the_formula_of_the_protocol() -> None:
    golden = vectors("journal_rows")
    for row in golden["rows"]:
        digest = sha256(bytes.fromhex(row["salt"]) + row["body"].encode()).digest()
        place = UUID(golden["epoch"]).bytes + row["seq"].to_bytes(8, "big")
        assert row["digest"] == digest.hex()
        assert row["hash"] == sha256(bytes.fromhex(row["prev"]) + place + digest).hexdigest()
