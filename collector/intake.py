"""What intake decides about one message, without I/O: values in, values out.

examine() looks at the message alone, judge() at the message and what the store knows, acknowledge() at
what the store has after the commit. Between them stands the store, in one transaction, so that a gate
is never told more than what is committed.

A row ends in one of these ways. "Counts" means that the gate may forget it: contiguity steps over it.

    row is sound, its place is free, its body parses      stored, its alerts raised               counts
    ... its body does not parse                           stored without a body, and quarantined  counts
    ... its place holds the same hash                     repeated: ignored                       counts
    ... its place holds another hash                      quarantined; the first one stays        counts
    row does not verify, first time                       quarantined, asked for again            does not
    row does not verify, the very same bytes again        accounted for, so that it stops nobody  counts
    declared missing by the gate                          accounted for                           counts

Every quarantine is alarmed once, every range that the gate has lost once. A new row whose prev is not
its stored neighbour's hash is stored and alarmed: both neighbours are looked at, so that the order of
arrival does not matter.

A message that is no batch is quarantined whole, and the gate is asked for single records. A batch that
names another gate than its topic is quarantined whole and not acknowledged.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

from checkpoint.alerts import Alert, AlertCode, alerts_of
from checkpoint.chain import GENESIS, Row, is_sound
from checkpoint.ids import EpochId, GateId, Seq
from checkpoint.records import Record, decode
from sync.wire import Ack, Batch

MAX_QUARANTINED_BYTES: Final = 65_536
_MAX_SEQ: Final = 2**63 - 1
_MAX_AT_US: Final = 2**62


class Why(enum.StrEnum):
    """Why something was set aside."""

    NO_BATCH = "no-batch"
    OTHER_GATE = "other-gate"
    UNREADABLE = "unreadable"
    OTHER_CONTENT = "other-content"
    NOT_SOUND = "not-sound"


class Item(msgspec.Struct, frozen=True):
    """One row of a batch, examined by itself."""

    row: Row | None
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


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is set aside whole."""

    gate: GateId
    why: Why
    content: bytes


Arrival = Delivery | Rejected


class Neighbour(msgspec.Struct, frozen=True):
    """A stored row's part of the chain."""

    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows that bears on one message."""

    rows: Mapping[Seq, Neighbour] = field(default_factory=dict)
    """The stored rows in the message's range, one more at either end."""
    accounted: frozenset[tuple[Seq, Seq]] = frozenset()
    quarantined: frozenset[str] = frozenset()
    """Fingerprints."""


class StoredRow(msgspec.Struct, frozen=True):
    """A row to insert. ``kind`` and ``at_us`` are None, and no body is kept, where it does not parse."""

    row: Row
    kind: str | None
    at_us: int | None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something to set aside, with what it came in."""

    why: Why
    epoch: EpochId | None
    seq: Seq | None
    content: bytes

    @property
    def fingerprint(self) -> str:
        """Its name in the quarantine, where it is kept once."""
        return fingerprint(self.content)


@dataclass(frozen=True, slots=True)
class Accounted:
    """A range, both ends included, that is not stored and not waited for."""

    first: Seq
    last: Seq
    hash_at_last: str


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert, when it was raised, and by which row."""

    alert: Alert
    at_us: int
    epoch: EpochId | None = None
    seq: Seq | None = None


@dataclass(slots=True)
class Intake:
    """What is to be written, all of it in one transaction."""

    rows: list[StoredRow] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    accounted: list[Accounted] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the store has everything of one epoch."""

    upto: Seq
    hash_at_upto: str
    """Empty where the row at upto is one that the gate itself has lost."""


NOTHING: Final = Progress(Seq(0), GENESIS)


class _LooseBatch(msgspec.Struct, frozen=True):
    gate: GateId
    epoch: EpochId
    records: tuple[msgspec.Raw, ...]
    missing: tuple[tuple[Seq, Seq], ...] = ()


class _Numbered(msgspec.Struct, frozen=True):
    seq: Seq


class _Kind(msgspec.Struct, frozen=True):
    kind: str


_BATCH: Final = msgspec.json.Decoder(Batch)
_LOOSE: Final = msgspec.json.Decoder(_LooseBatch)
_ROW: Final = msgspec.json.Decoder(Row)
_NUMBERED: Final = msgspec.json.Decoder(_Numbered)


def fingerprint(content: bytes) -> str:
    """SHA-256 in hex."""
    return sha256(content).hexdigest()


def examine(gate: GateId, payload: bytes) -> Arrival:
    """What came on this gate's ``up/records``. Never raises."""
    try:
        batch: Batch | _LooseBatch = _decode_batch(payload)
        canonical = str(UUID(batch.epoch)) == batch.epoch
    except (ValueError, RecursionError):
        return Rejected(gate, Why.NO_BATCH, payload)
    if batch.gate != gate:
        return Rejected(gate, Why.OTHER_GATE, payload)
    if not canonical or not all(1 <= first <= last <= _MAX_SEQ for first, last in batch.missing):
        return Rejected(gate, Why.NO_BATCH, payload)
    items = tuple(
        _item(batch.epoch, row) if isinstance(row, Row) else _loose_item(batch.epoch, bytes(row))
        for row in batch.records
    )
    return Delivery(gate, batch.epoch, items, batch.missing)


def judge(delivery: Delivery, known: Known, now_us: int) -> Intake:
    """What is to be written for a batch."""
    return _Judgement(delivery, known, now_us).intake


def reject(rejected: Rejected, known: Known, now_us: int) -> Intake:
    """What is to be written for a message that is set aside whole."""
    intake = Intake()
    kept = Quarantined(rejected.why, None, None, rejected.content)
    if kept.fingerprint not in known.quarantined:
        intake.quarantined.append(kept)
        intake.raised.append(Raised(_quarantine_alert(rejected.why), now_us))
    return intake


def acknowledge(arrival: Arrival, progress: Progress, db_generation: str) -> Ack | None:
    """What the gate is told once everything is committed; None: nothing, for it spoke as another."""
    if isinstance(arrival, Delivery):
        seqs = (item.seq for item in arrival.items if item.seq is not None)
        beyond = max(seqs, default=0) > progress.upto
        return Ack(
            gate=arrival.gate,
            db_generation=db_generation,
            epoch=arrival.epoch,
            upto=progress.upto,
            hash_at_upto=progress.hash_at_upto,
            resend_from=Seq(progress.upto + 1) if beyond else None,
        )
    if arrival.why is Why.OTHER_GATE:
        return None
    return Ack(
        gate=arrival.gate,
        db_generation=db_generation,
        epoch=None,
        upto=Seq(0),
        hash_at_upto=GENESIS,
        singly=True,
    )


def seq_range(delivery: Delivery) -> tuple[Seq, Seq]:
    """The lowest and highest number in a batch; (0, 0) for none."""
    seqs = [item.seq for item in delivery.items if item.seq is not None]
    return (min(seqs), max(seqs)) if seqs else (Seq(0), Seq(0))


class _Judgement:
    """The table at the head of this file, row by row."""

    def __init__(self, delivery: Delivery, known: Known, now_us: int) -> None:
        self._epoch, self._known, self._now_us = delivery.epoch, known, now_us
        self._rows = dict(known.rows)
        self.intake = Intake()
        self._account(delivery.missing)
        for item in delivery.items:
            if item.row is None or not item.sound:
                self._distrust(item)
            elif (held := self._rows.get(item.row.seq)) is None:
                self._store(item.row, item.record)
            elif held.hash != item.row.hash:
                self._set_aside(Why.OTHER_CONTENT, item)

    def _store(self, row: Row, record: Record | None) -> None:
        before, after = self._rows.get(Seq(row.seq - 1)), self._rows.get(Seq(row.seq + 1))
        if before is not None and before.hash != row.prev:
            self._break(row.seq)
        if after is not None and after.prev != row.hash:
            self._break(Seq(row.seq + 1))
        self._rows[row.seq] = Neighbour(row.prev, row.hash)
        if record is None:
            self.intake.rows.append(StoredRow(row, None, None))
            self._set_aside(Why.UNREADABLE, Item(row, None, True, row.seq))
            return
        at_us = record.stamp.at_us
        self.intake.rows.append(StoredRow(row, record.__struct_config__.tag, at_us))  # type: ignore[arg-type]
        for alert in alerts_of(record):
            self.intake.raised.append(Raised(alert, at_us, self._epoch, row.seq))

    def _distrust(self, item: Item) -> None:
        if self._set_aside(Why.NOT_SOUND, item) or item.seq is None or item.seq in self._rows:
            return
        place = (item.seq, item.seq)
        if place not in self._known.accounted:
            self.intake.accounted.append(Accounted(*place, item.row.hash if item.row else ""))

    def _set_aside(self, why: Why, item: Item) -> bool:
        """Quarantine and alarm; False where that was done before."""
        content = msgspec.json.encode(item.row) if item.content is None else item.content
        kept = Quarantined(why, self._epoch, item.seq, content)
        if kept.fingerprint in self._known.quarantined:
            return False
        self.intake.quarantined.append(kept)
        self._raise(_quarantine_alert(why), item.seq)
        return True

    def _account(self, missing: Iterable[tuple[Seq, Seq]]) -> None:
        for first, last in missing:
            if (first, last) not in self._known.accounted:
                self.intake.accounted.append(Accounted(first, last, ""))
                self._raise(Alert(AlertCode.JOURNAL_DAMAGED, f"rows {first}-{last} lost"), None)

    def _break(self, seq: Seq) -> None:
        self._raise(Alert(AlertCode.JOURNAL_DAMAGED, f"chain breaks at row {seq}"), seq)

    def _raise(self, alert: Alert, seq: Seq | None) -> None:
        self.intake.raised.append(Raised(alert, self._now_us, self._epoch, seq))


def _decode_batch(payload: bytes) -> Batch | _LooseBatch:
    try:
        return _BATCH.decode(payload)
    except msgspec.ValidationError:  # one row of the wrong shape must not take the others along
        return _LOOSE.decode(payload)


def _item(epoch: EpochId, row: Row) -> Item:
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


def _quarantine_alert(why: Why) -> Alert:
    return Alert(AlertCode.RECORD_QUARANTINED, why.value)
