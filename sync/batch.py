"""Filling one message with journal rows."""

from collections.abc import Sequence

import msgspec

from checkpoint.chain import Row
from checkpoint.ids import EpochId, GateId, Seq
from sync.wire import MAX_BATCH_BYTES, Batch

_ENVELOPE_BYTES = 200
"""Gate, epoch and keys; measured 110 with a short gate id."""
_GAP_BYTES = 45
"""The comma after a row, and a missing range before it with its numbers at their longest."""


def fit(rows: Sequence[Row]) -> Sequence[Row]:
    """The first rows that fit one message; at least one, however long it is."""
    size = _ENVELOPE_BYTES
    for count, row in enumerate(rows):
        size += len(msgspec.json.encode(row)) + _GAP_BYTES
        if size > MAX_BATCH_BYTES and count:
            return rows[:count]
    return rows


def make_batch(gate: GateId, epoch: EpochId, after: Seq, rows: Sequence[Row]) -> bytes:
    """The message with these rows; numbers that are not there are declared missing."""
    missing = []
    expected = after + 1
    for row in rows:
        if row.seq > expected:
            missing.append((Seq(expected), Seq(row.seq - 1)))
        expected = row.seq + 1
    batch = Batch(gate=gate, epoch=epoch, records=tuple(rows), missing=tuple(missing))
    return msgspec.json.encode(batch)
