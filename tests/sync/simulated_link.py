"""A gate's uplink and a collector's intake on either side of a bad link, in virtual time.

The link drops, repeats, cuts short, delays and thereby reorders batches and acknowledgements, and goes away. The
gate's sync process restarts with what it has saved. The collector dies between commit and acknowledgement,
or is restored from an old backup. The journal grows, loses rows, and begins new epochs; some of its rows are
urgent. All from one seed.

Both sides are the real decisions; only the journal and the collector's tables are kept in dictionaries.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol, TypeVar
from uuid import UUID

from checkpoint.chain import GENESIS, SALT_BYTES, JournalRow, seal
from checkpoint.ids import EpochId, GateId, Seq
from checkpoint.records import encode
from collector.domain.batch_check import Delivery, examine
from collector.domain.ingest import Neighbour, Progress, StoredContext, acknowledge, judge, reject
from sync import uplink
from sync.journal.reader import Head
from sync.wire.batch import make_ahead, make_batch
from sync.wire.messages import Ack
from tests.sync.journal.journal_files import change

GATE = GateId("east-in")
Load = TypeVar("Load")
_BODIES = [encode(change(number)) for number in range(20)]
CHAOS_MS = 60_000
WELL_MS = 300_000
STEP_MS = 250


class SimulatedJournal:
    """Rows by epoch, as the reader would show them."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.version = 0
        self.epochs: dict[EpochId, dict[Seq, JournalRow]] = {}
        self.ever: dict[tuple[EpochId, Seq], str] = {}
        self.begin_epoch()

    def begin_epoch(self) -> None:
        self.epoch = EpochId(str(UUID(int=self._chance.getrandbits(128), version=4)))
        self.epochs[self.epoch] = {}
        self._seq, self._hash = 0, GENESIS

    def append(self) -> None:
        salt = self._chance.randbytes(SALT_BYTES)
        body = self._chance.choice(_BODIES)
        row = seal(self.epoch, Seq(self._seq + 1), self._hash, salt, body)
        self.epochs[self.epoch][row.seq] = row
        self.ever[self.epoch, row.seq] = row.hash
        self._seq, self._hash = row.seq, row.hash
        self.version += 1

    def lose_some(self) -> None:
        """As a salvage does: rows gone anywhere, and a new epoch."""
        rows = self.epochs[self.epoch]
        for seq in list(rows):
            if self._chance.random() < 0.3:
                del rows[seq]
        self.begin_epoch()
        self.append()  # the story of it, which every new epoch begins with

    def heads(self) -> tuple[Head, ...]:
        newest = [(epoch, rows[max(rows)]) for epoch, rows in self.epochs.items() if rows]
        return tuple(Head(epoch, row.seq, row.hash) for epoch, row in newest)

    def rows(self, epoch: EpochId, after: Seq, most: int) -> list[JournalRow]:
        found = self.epochs.get(epoch, {})
        return [found[seq] for seq in sorted(found) if seq > after][:most]

    def hash_at(self, epoch: EpochId, seq: Seq) -> str | None:
        if seq == 0:
            return GENESIS
        row = self.epochs.get(epoch, {}).get(seq)
        return None if row is None else row.hash


class Centre(Protocol):
    """The collector as the link sees it."""

    def receive(self, payload: bytes) -> Ack | None:
        """Store a message, commit, answer."""

    def back_up(self) -> None:
        """Remember everything as it is."""

    def restore(self) -> None:
        """Be as at the last back_up(), under a new generation."""


@dataclass(slots=True)
class _Tables:
    rows: dict[EpochId, dict[Seq, Neighbour]] = field(default_factory=dict)
    accounted: dict[EpochId, set[tuple[Seq, Seq]]] = field(default_factory=dict)
    quarantined: set[str] = field(default_factory=set)

    def copy(self) -> "_Tables":
        rows = {epoch: dict(held) for epoch, held in self.rows.items()}
        accounted = {epoch: set(held) for epoch, held in self.accounted.items()}
        return _Tables(rows, accounted, set(self.quarantined))


class MemoryCentre:
    """The real judgements over dictionaries; fails where a row would be stored twice."""

    def __init__(self) -> None:
        self.tables, self._backup, self._generation = _Tables(), _Tables(), 1

    def back_up(self) -> None:
        self._backup = self.tables.copy()

    def restore(self) -> None:
        self.tables = self._backup.copy()
        self._generation += 1

    def receive(self, payload: bytes) -> Ack | None:
        arrival = examine(GATE, payload)
        quarantined = frozenset(self.tables.quarantined)
        if not isinstance(arrival, Delivery):
            written = reject(arrival, StoredContext(quarantined=quarantined), 0)
            self.tables.quarantined |= {kept.fingerprint for kept in written.quarantined}
            return acknowledge(arrival, Progress(Seq(0), GENESIS), str(self._generation))
        rows = self.tables.rows.setdefault(arrival.epoch, {})
        accounted = self.tables.accounted.setdefault(arrival.epoch, set())
        written = judge(arrival, StoredContext(rows, frozenset(accounted), quarantined), 0)
        for stored in written.rows:
            assert stored.row.seq not in rows, "stored twice"
            rows[stored.row.seq] = Neighbour(stored.row.prev, stored.row.hash)
        accounted |= {(each.first, each.last) for each in written.accounted}
        self.tables.quarantined |= {kept.fingerprint for kept in written.quarantined}
        return acknowledge(arrival, self._progress(arrival.epoch), str(self._generation))

    def _progress(self, epoch: EpochId) -> Progress:
        rows, upto = self.tables.rows[epoch], Seq(0)
        while True:
            gone = [last for first, last in self.tables.accounted[epoch] if first <= upto + 1]
            further = max([upto, *gone])
            if Seq(further + 1) in rows:
                further = Seq(further + 1)
            if further == upto:
                break
            upto = further
        held = rows.get(upto)
        return Progress(upto, GENESIS if upto == 0 else held.hash if held else "")


class History:
    """One seeded run."""

    def __init__(self, seed: int, centre: Centre) -> None:
        self._chance = Random(seed)
        self.journal, self.centre = SimulatedJournal(self._chance), centre
        self._now_ms, self._order = 0, 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._well = False
        self._seen = -1
        self._loss, self._repeats = self._chance.choice([(0.0, 0.0), (0.1, 0.3), (0.5, 0.5)])
        self._delay_ms = self._chance.choice([20, 2_000, 20_000])
        self._cursors: dict[EpochId, Seq] = {}
        self._generation: str | None = None
        self.state = uplink.Uplink()
        self.published = self.went_ahead = 0
        self.contradicted: list[EpochId] = []

    def run(self) -> None:
        """Trouble first, then a good link and one more row."""
        self._start_sync()
        for at_ms in range(0, CHAOS_MS, STEP_MS):
            self._at(at_ms, self._trouble)
        self._play(CHAOS_MS)
        self._well = True
        self._play(CHAOS_MS + 2 * self._delay_ms)  # what is still under way arrives
        self.journal.append()
        if not self.state.connected:
            self._feed(uplink.LinkUp())
        limit_ms = self._now_ms + WELL_MS
        self._play(self._now_ms + STEP_MS)
        while self.state.unsynced and self._now_ms < limit_ms:
            self._play(self._now_ms + STEP_MS)

    def _trouble(self) -> None:
        happens = self._chance.random()
        if happens < 0.25:
            for _ in range(self._chance.randrange(1, 12)):
                self.journal.append()
        elif happens < 0.27:
            self.journal.begin_epoch()
        elif happens < 0.275:
            self.journal.lose_some()
        elif happens < 0.29:
            self._start_sync()
        elif happens < 0.31:
            self._feed(uplink.LinkDown())
        elif happens < 0.36:
            self._feed(uplink.LinkUp())
        elif happens < 0.37:
            self.centre.back_up()
        elif happens < 0.376:
            self.centre.restore()

    def _start_sync(self) -> None:
        self.state = uplink.Uplink(cursors=dict(self._cursors), db_generation=self._generation)
        self._seen = -1
        self._feed(uplink.LinkUp())

    def _play(self, until_ms: int) -> None:
        while self._now_ms < until_ms:
            while self._due and self._due[0][0] <= self._now_ms:
                heapq.heappop(self._due)[2]()
            if self._seen != self.journal.version:
                self._seen = self.journal.version
                self._feed(uplink.Grown(self.journal.heads()))
                for newest in self.journal.heads()[-1:]:
                    some = self._chance.sample(range(1, newest.seq + 1), min(3, newest.seq))
                    self._feed(uplink.Urgent(newest.epoch, tuple(map(Seq, sorted(some)))))
            self._feed(uplink.Passed())
            self._now_ms += STEP_MS

    def _at(self, at_ms: int, action: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._due, (at_ms, self._order, action))

    def _feed(self, event: uplink.Event) -> None:
        events = [event]
        while events:
            self.state, effects = uplink.step(self.state, events.pop(0), self._now_ms)
            for effect in effects:
                events += self._perform(effect)

    def _perform(self, effect: uplink.Effect) -> list[uplink.Event]:
        match effect:
            case uplink.Send(epoch, after, most):
                rows = self.journal.rows(epoch, after, min(most, self._chance.randrange(1, 12)))
                if rows:
                    self.published += 1
                    payload = make_batch(GATE, epoch, after, rows)
                    if not self._well and self._chance.random() < self._loss / 10:
                        payload = payload[: self._chance.randrange(len(payload))]
                    self._carry(payload, self._arrive)
                return [uplink.Sent(epoch, after, rows[-1].seq if rows else after)]
            case uplink.SendAhead(epoch, seqs):
                ahead = [row for row in self.journal.rows(epoch, Seq(0), 10**6) if row.seq in seqs]
                self.went_ahead += 1
                self._carry(make_ahead(GATE, epoch, ahead), self._arrive)
            case uplink.SaveCursor(epoch, upto, generation, forget_others):
                kept = {} if forget_others else self._cursors
                self._cursors, self._generation = {**kept, epoch: upto}, generation
            case uplink.Contradicted(epoch, _):
                self.contradicted.append(epoch)
        return []

    def _arrive(self, payload: bytes) -> None:
        ack = self.centre.receive(payload)
        died = not self._well and self._chance.random() < 0.05
        if ack is not None and not died:
            self._carry(ack, self._hear)

    def _hear(self, ack: Ack) -> None:
        own = None if ack.epoch is None else self.journal.hash_at(ack.epoch, ack.upto)
        self._feed(uplink.Acked(ack, own))

    def _carry(self, load: Load, deliver: Callable[[Load], None]) -> None:
        copies = 1
        delay_ms = 20
        if not self._well:
            copies = (self._chance.random() >= self._loss) + (self._chance.random() < self._repeats)
            delay_ms = self._delay_ms
        for _ in range(copies):
            at_ms = self._now_ms + self._chance.randrange(delay_ms)
            self._at(at_ms, lambda: deliver(load))
