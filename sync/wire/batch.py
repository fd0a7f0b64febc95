"""Filling one message with journal rows."""

from collections.abc import Iterable, Sequence

import msgspec

from checkpoint.chain import JournalRow
from checkpoint.ids import EpochId, GateId, Seq
from sync.wire.messages import MAX_BATCH_BYTES, Batch

_ENVELOPE_BYTES = 200
"""Gate, epoch and keys; measured 110 with a short gate id."""
_GAP_BYTES = 45
"""The comma after a row, and a missing range before it with its numbers at their longest."""


def fit(rows: Iterable[JournalRow]) -> list[JournalRow]:
    """The first rows that fit one message; at least one, however long it is. Takes no more than one beyond."""
    size = _ENVELOPE_BYTES
    fitting: list[JournalRow] = []
    for row in rows:
        size += len(msgspec.json.encode(row)) + _GAP_BYTES
        if size > MAX_BATCH_BYTES and fitting:
            break
        fitting.append(row)
    return fitting


def make_batch(gate: GateId, epoch: EpochId, after: Seq, rows: Sequence[JournalRow]) -> bytes:
    """The message with these rows; numbers that are not there are declared missing."""
    missing = []
    expected = after + 1
    for row in rows:
        if row.seq > expected:
            missing.append((Seq(expected), Seq(row.seq - 1)))
        expected = row.seq + 1
    batch = Batch(gate=gate, epoch=epoch, records=tuple(rows), missing=tuple(missing))
    return msgspec.json.encode(batch)


def make_ahead(gate: GateId, epoch: EpochId, rows: Sequence[JournalRow]) -> bytes:
    """A message with rows whose turn has not come: nothing between them is declared missing."""
    return msgspec.json.encode(Batch(gate=gate, epoch=epoch, records=tuple(rows)))
