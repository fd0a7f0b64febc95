"""What is journalled keeps its bytes; what is read is a record or a DecodeError."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.records import Passage, Record, decode, encode
from tests.golden.read import vectors

GOLDEN: list[dict[str, str]] = vectors("records")
BODIES = [each["body"] for each in GOLDEN]


@pytest.mark.parametrize("body", BODIES, ids=[each["name"] for each in GOLDEN])
def test_a_golden_record_is_read_and_written_byte_for_byte(body: str) -> None:
    assert encode(decode(body)) == body


def test_every_kind_has_a_golden_record() -> None:
    assert {type(decode(body)) for body in BODIES} == set(get_args(Record))


@pytest.mark.parametrize("kind", get_args(Record))
@given(data=st.data())
def test_every_record_survives_the_journal(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(st.from_type(kind))
    assert decode(encode(record)) == record


def test_keys_of_a_later_version_are_passed_over() -> None:
    body = '{"later":{"x":[1]},' + BODIES[0][1:]
    assert decode(body) == decode(BODIES[0])


def _without(key: str) -> str:
    fields: dict[str, Any] = msgspec.json.decode(BODIES[0])
    del fields[key]
    return msgspec.json.encode(fields).decode()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"kind":"later"}',
        '{"kind":"roster"}',
        _without("stamp"),
        _without("result"),
        BODIES[0].replace('"admit"', '"open"'),
        BODIES[0].replace('"at_us":', '"at_us":"x","was":'),
        BODIES[0] + "}",
        BODIES[0][:-1],
        "[" * 60_000,
        '{"kind":"passage","x":' + "[" * 60_000,
        '{"stamp":' * 10_000,
    ],
)
def test_fault_47_what_is_no_record_is_a_decode_error(body: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(body)


@given(text=st.text())
def test_no_text_raises_anything_but_a_decode_error(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(text)


def test_an_admission_says_so_explicitly_and_omits_what_is_default() -> None:
    record = decode(BODIES[0])
    assert isinstance(record, Passage)
    assert record.reason is None
    assert '"reason":null' in BODIES[0]
    assert "flags" not in BODIES[0]
