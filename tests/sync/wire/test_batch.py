"""Filling a message with rows."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.chain import GENESIS, JournalRow
from checkpoint.ids import EpochId, GateId, Seq
from sync.wire.batch import fit, make_batch
from sync.wire.messages import MAX_BATCH_BYTES, Batch

EPOCH, GATE = EpochId("3f0d0f0e-6c5e-4b7e-9a53-0d2f3c4b5a69"), GateId("east-in")


def row(seq: int, body: str = "{}") -> JournalRow:
    return JournalRow(Seq(seq), GENESIS, "0" * 32, GENESIS, GENESIS, body)


def batch_of(after: int, rows: list[JournalRow]) -> Batch:
    return msgspec.json.decode(make_batch(GATE, EPOCH, Seq(after), rows), type=Batch)


_LONG = st.builds(
    lambda text, times: text * times, st.text('x"\\王', max_size=9), st.integers(0, 2000)
)


@given(st.lists(_LONG, min_size=1, max_size=200), st.booleans())
def test_a_message_holds_as_many_rows_as_fit_in_order_and_never_more_than_64_kib(
    bodies: list[str], gaps: bool
) -> None:
    rows = [row(seq * (1 + gaps) + 2**50, body) for seq, body in enumerate(bodies)]
    taken = fit(rows)
    assert list(taken) == rows[: len(taken)]
    assert len(make_batch(GATE, EPOCH, Seq(0), taken)) <= MAX_BATCH_BYTES or len(taken) == 1
    if len(taken) < len(rows):
        one_more = make_batch(GATE, EPOCH, Seq(0), rows[: len(taken) + 1])
        assert len(one_more) > MAX_BATCH_BYTES - 100 * len(rows) - 200


def test_a_row_longer_than_a_message_still_goes_alone() -> None:
    rows = [row(1, "x" * 200_000), row(2)]
    assert list(fit(rows)) == rows[:1]


def test_nothing_fits_of_nothing() -> None:
    assert list(fit([])) == []


@pytest.mark.parametrize(
    ("after", "seqs", "missing"),
    [
        (0, [1, 2, 3], ()),
        (7, [8], ()),
        (0, [3], ((1, 2),)),
        (4, [5, 9, 10, 12], ((6, 8), (11, 11))),
    ],
)
def test_numbers_that_the_journal_has_lost_are_declared_missing(
    after: int, seqs: list[int], missing: tuple[tuple[int, int], ...]
) -> None:
    batch = batch_of(after, [row(seq) for seq in seqs])
    assert batch.missing == missing
    assert [each.seq for each in batch.records] == seqs
    assert (batch.gate, batch.epoch) == (GATE, EPOCH)


@given(st.text())
def test_any_body_arrives_as_it_was(body: str) -> None:
    assert batch_of(0, [row(1, body)]).records[0].body == body
