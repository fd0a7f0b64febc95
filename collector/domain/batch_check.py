"""What has come from a gate, looked at by itself: values in, values out, nothing raised.

A batch whose envelope parses becomes a Delivery, each of its rows examined: its shape, its own hash, its
body. One row of the wrong shape does not take the others along. Everything else is Rejected whole.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from checkpoint.chain import JournalRow, is_canonical, is_sound
from checkpoint.ids import EpochId, GateId, Seq
from checkpoint.records import Record, decode
from sync.wire.messages import MAX_BATCH_RECORDS, Batch

_MAX_SEQ: Final = 2**63 - 1
_MAX_AT_US: Final = 2**62


class Why(enum.StrEnum):
    """Why something was set aside."""

    NO_BATCH = "no-batch"
    OTHER_GATE = "other-gate"
    UNREADABLE = "unreadable"
    OTHER_CONTENT = "other-content"
    NOT_SOUND = "not-sound"


class Item(msgspec.Struct, frozen=True, gc=False):
    """One row of a batch, examined by itself."""

    row: JournalRow | None
    """None: not even the shape of a row."""
    record: Record | None
    """None: the body does not parse, or the row is not sound."""
    sound: bool
    seq: Seq | None
    content: bytes | None = None
    """The bytes of something that is no Row."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A batch whose envelope parses and whose gate is the topic's."""

    gate: GateId
    epoch: EpochId
    items: tuple[Item, ...]
    missing: tuple[tuple[Seq, Seq], ...]
    is_plain: bool
    """Whether it is what nearly all are: readable rows that follow each other, and none is missing."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is set aside whole."""

    gate: GateId
    why: Why
    content: bytes


Arrival = Delivery | Rejected


class _LooseBatch(msgspec.Struct, frozen=True):
    gate: GateId
    epoch: EpochId
    records: tuple[msgspec.Raw, ...]
    missing: tuple[tuple[Seq, Seq], ...] = ()


class _Numbered(msgspec.Struct, frozen=True):
    seq: Seq


_BATCH: Final = msgspec.json.Decoder(Batch)
_LOOSE: Final = msgspec.json.Decoder(_LooseBatch)
_ROW: Final = msgspec.json.Decoder(JournalRow)
_NUMBERED: Final = msgspec.json.Decoder(_Numbered)


def examine(gate: GateId, payload: bytes) -> Arrival:
    """What came on this gate's ``up/records``. Never raises."""
    try:
        batch: Batch | _LooseBatch = _decode_batch(payload)
        canonical = is_canonical(batch.epoch)
    except (ValueError, RecursionError):
        return Rejected(gate, Why.NO_BATCH, payload)
    if batch.gate != gate:
        return Rejected(gate, Why.OTHER_GATE, payload)
    if len(batch.records) > MAX_BATCH_RECORDS or not canonical:
        return Rejected(gate, Why.NO_BATCH, payload)
    if not all(1 <= first <= last <= _MAX_SEQ for first, last in batch.missing):
        return Rejected(gate, Why.NO_BATCH, payload)
    items = tuple(
        _item(batch.epoch, row)
        if isinstance(row, JournalRow)
        else _loose_item(batch.epoch, bytes(row))
        for row in batch.records
    )
    return Delivery(gate, batch.epoch, items, batch.missing, _is_plain(items, batch.missing))


def _is_plain(items: Sequence[Item], missing: Sequence[object]) -> bool:
    if missing or not items or any(item.record is None for item in items):
        return False
    first = items[0].seq or Seq(0)
    return [item.seq for item in items] == list(range(first, first + len(items)))


def runs(delivery: Delivery) -> list[tuple[Seq, Seq]]:
    """The numbers in a batch as ranges, both ends included, in rising order; nearly always one."""
    found: list[tuple[Seq, Seq]] = []
    for seq in sorted({item.seq for item in delivery.items if item.seq is not None}):
        if found and seq == found[-1][1] + 1:
            found[-1] = (found[-1][0], seq)
        else:
            found.append((seq, seq))
    return found


def _decode_batch(payload: bytes) -> Batch | _LooseBatch:
    try:
        return _BATCH.decode(payload)
    except msgspec.ValidationError:  # one row of the wrong shape must not take the others along
        return _LOOSE.decode(payload)


def _item(epoch: EpochId, row: JournalRow) -> Item:
    if not 1 <= row.seq <= _MAX_SEQ:
        return Item(row, None, False, None)
    if not is_sound(epoch, row):
        return Item(row, None, False, row.seq)
    return Item(row, _record(row.body), True, row.seq)


def _loose_item(epoch: EpochId, content: bytes) -> Item:
    try:
        return _item(epoch, _ROW.decode(content))
    except ValueError:
        return Item(None, None, False, _seq_in(content), content)


def _seq_in(content: bytes) -> Seq | None:
    try:
        seq = _NUMBERED.decode(content).seq
    except ValueError:
        return None
    return seq if 1 <= seq <= _MAX_SEQ else None


def _record(body: str) -> Record | None:
    if "\\u0000" in body:  # a NUL can be stored as text in SQLite only
        return None
    try:
        record = decode(body)
    except (ValueError, RecursionError):
        return None
    return record if 0 <= record.stamp.at_us <= _MAX_AT_US else None
