"""What intake decides about one message, without I/O: values in, values out.

arrival.examine() looks at the message alone, judge() at the message and what the store knows, acknowledge()
at what the store has after the commit. Between them stands the store, in one transaction, so that a gate
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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from checkpoint.chain import GENESIS, JournalRow
from checkpoint.ids import EpochId, GateId, Seq
from checkpoint.records import Crossing, Passage, Record, Resolution
from checkpoint.records.alerts import Alert, AlertCode, alerts_of, settled_by
from collector.domain.alert_state import AlertAction, Step
from collector.domain.batch_check import Arrival, Delivery, Item, Rejected, Why
from collector.domain.clock_correction import Times
from sync.wire.messages import Ack

MAX_QUARANTINED_BYTES: Final = 65_536
MAX_QUARANTINED_MESSAGES: Final = 100
"""Whole messages of one gate. Further ones are alarmed and not kept, or one gate's rubbish would fill the disk."""


def fingerprint(content: bytes) -> str:
    """SHA-256 in hex."""
    return sha256(content).hexdigest()


class Neighbour(NamedTuple):
    """A stored row's part of the chain."""

    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class StoredContext:
    """What the store knows that bears on one message."""

    rows: Mapping[Seq, Neighbour] = field(default_factory=dict)
    """The stored rows in the message's range, one more at either end."""
    accounted: frozenset[tuple[Seq, Seq]] = frozenset()
    quarantined: frozenset[str] = frozenset()
    """Fingerprints."""
    messages: int = 0
    """How many whole messages of this gate are in the quarantine."""
    is_next: bool = False
    """The message is plain and goes on right where the store is, which has nothing beyond and nothing accounted."""


class StoredRow(NamedTuple):
    """A row to insert. ``kind`` and ``at_us`` are None, and no body is kept, where it does not parse."""

    row: JournalRow
    kind: str | None
    at_us: int | None
    result: str | None = None
    person: str | None = None
    """Of a passage, so that the log can be searched by them."""


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


@dataclass(frozen=True, slots=True)
class ClosedAtGate:
    """A volunteer's decision that closes the alert of an earlier passage."""

    alert: Alert
    passage_at_us: int
    """When that passage was."""
    step: Step


@dataclass(slots=True)
class Intake:
    """What is to be written, all of it in one transaction."""

    rows: list[StoredRow] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    accounted: list[Accounted] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)
    closed_at_gate: list[ClosedAtGate] = field(default_factory=list)
    crossings: list[tuple[Seq, Crossing]] = field(default_factory=list)
    """For the ledger of all gates."""
    times: Times = field(default_factory=Times)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the store has everything of one epoch."""

    upto: Seq
    hash_at_upto: str
    """Empty where the row at upto is one that the gate itself has lost."""


NOTHING: Final = Progress(Seq(0), GENESIS)


def judge(delivery: Delivery, known: StoredContext, now_us: int) -> Intake:
    """What is to be written for a batch."""
    return _Judgement(delivery, known, now_us).intake


def reject(rejected: Rejected, known: StoredContext, now_us: int) -> Intake:
    """What is to be written for a message that is set aside whole."""
    intake = Intake()
    kept = Quarantined(rejected.why, None, None, rejected.content)
    if kept.fingerprint not in known.quarantined:
        if known.messages < MAX_QUARANTINED_MESSAGES:
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


def answer(gate: GateId, epoch: EpochId, progress: Progress, db_generation: str) -> Ack:
    """What a gate is told that says how it is: where nothing travels, it learns so of a database that was restored."""
    return Ack(
        gate=gate,
        db_generation=db_generation,
        epoch=epoch,
        upto=progress.upto,
        hash_at_upto=progress.hash_at_upto,
    )


def continues(delivery: Delivery, before: Progress) -> bool:
    """Whether a message is plain and begins right behind this row."""
    return delivery.is_plain and delivery.items[0].seq == before.upto + 1


class _Judgement:
    """The table at the head of this file, row by row."""

    def __init__(self, delivery: Delivery, known: StoredContext, now_us: int) -> None:
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

    def _store(self, row: JournalRow, record: Record | None) -> None:
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
        self.intake.rows.append(_stored(row, record))
        self.intake.times.note(row.seq, record.stamp)
        for alert in alerts_of(record):
            self.intake.raised.append(Raised(alert, at_us, self._epoch, row.seq))
        if isinstance(record, Crossing):
            self.intake.crossings.append((row.seq, record))
        decided = settled_by(record)
        if isinstance(record, Resolution) and decided is not None:
            step = Step(AlertAction.CLOSE, record.by, at_us, record.reason)
            self.intake.closed_at_gate.append(ClosedAtGate(*decided, step))

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


def _stored(row: JournalRow, record: Record) -> StoredRow:
    kind = str(record.__struct_config__.tag)
    result = record.result.value if isinstance(record, Passage) else None
    bearer = record.bearer if isinstance(record, Passage | Crossing) else None
    return StoredRow(row, kind, record.stamp.at_us, result, bearer.person if bearer else None)


def _quarantine_alert(why: Why) -> Alert:
    return Alert(AlertCode.RECORD_QUARANTINED, why.value)
