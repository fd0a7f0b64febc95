"""What the uplink decides, without I/O: events in, effects out.

The uplink drains the journal's epochs, oldest first. Of the epoch in hand it sends batches beyond what was
sent, at most WINDOW of them unacknowledged; the shell reads the rows, sends what fits one message and
says how far that went (Sent). Only the collector's signed acknowledgement moves the cursor:

- of another epoch: ignored, unless it says that a batch could not be read at all;
- beyond our last row, or with another hash than ours there: the two journals contradict each other.
  Nothing more is sent of this epoch; the gate is asked to begin a new one. Beyond the last row of an epoch
  that is over it is believed: a salvage may have lost rows there that had arrived;
- of another database generation: the collector was restored, so every cursor starts again at what it says;
- asking for rows again: sending goes back, unless those very rows are on their way;
- asking for single records: batches of one until what was in flight has passed. Asking so of what already
  goes singly changes nothing, or a row that never parses would be sent as fast as it is refused.

No acknowledgement within a time that doubles from ACK_TIMEOUT_MS: everything beyond the cursor goes again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from checkpoint.ids import EpochId, Seq
from sync.journal_reader import Head
from sync.wire import MAX_BATCH_RECORDS, Ack

WINDOW = 2
ACK_TIMEOUT_MS = 5_000
MAX_ACK_TIMEOUT_MS = 60_000
NOTHING = Seq(0)


@dataclass(frozen=True, slots=True)
class InFlight:
    """A batch on its way."""

    first: Seq
    last: Seq
    sent_at_ms: int


@dataclass(frozen=True, slots=True)
class Uplink:
    """All that the uplink knows."""

    heads: tuple[Head, ...] = ()
    cursors: Mapping[EpochId, Seq] = field(default_factory=dict)
    """The highest acknowledged row of each epoch."""
    db_generation: str | None = None
    contradicted: frozenset[EpochId] = frozenset()
    connected: bool = False
    sent: Seq = NOTHING
    """The highest row of the epoch in hand that was sent since the last setback."""
    in_flight: tuple[InFlight, ...] = ()
    asked_for: bool = False
    """A Send is out. Where it finds no rows, none other goes out until the journal has changed."""
    single_upto: Seq = NOTHING
    """Up to here one record a batch."""
    timeout_ms: int = ACK_TIMEOUT_MS

    def cursor(self, epoch: EpochId) -> Seq:
        """The highest acknowledged row; 0: none."""
        return self.cursors.get(epoch, NOTHING)

    @property
    def in_hand(self) -> Head | None:
        """The oldest epoch with rows to send."""
        for head in self.heads:
            if head.epoch not in self.contradicted and self.cursor(head.epoch) < head.seq:
                return head
        return None

    @property
    def unsynced(self) -> int:
        """Rows that the collector has not acknowledged."""
        return sum(max(0, head.seq - self.cursor(head.epoch)) for head in self.heads)


# Events


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The broker is there."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The broker is gone."""


@dataclass(frozen=True, slots=True)
class Grown:
    """The journal's heads as they are now."""

    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """Rows after ``after`` up to ``last`` have been published; last == after: there was nothing."""

    epoch: EpochId
    after: Seq
    last: Seq


@dataclass(frozen=True, slots=True)
class Acked:
    """A genuine acknowledgement for this gate, and our own hash at its upto; None: no such row here."""

    ack: Ack
    own_hash: str | None


@dataclass(frozen=True, slots=True)
class Passed:
    """Time has passed."""


Event = LinkUp | LinkDown | Grown | Sent | Acked | Passed


# Effects


@dataclass(frozen=True, slots=True)
class Send:
    """Publish at most so many rows of the epoch with a higher seq, and report Sent."""

    epoch: EpochId
    after: Seq
    most: int


@dataclass(frozen=True, slots=True)
class SaveCursor:
    """Remember: this is acknowledged. A new generation forgets all other cursors."""

    epoch: EpochId
    upto: Seq
    db_generation: str
    forget_others: bool


@dataclass(frozen=True, slots=True)
class Contradicted:
    """Ask the gate for a new epoch."""

    epoch: EpochId
    why: str


Effect = Send | SaveCursor | Contradicted
Step = tuple[Uplink, tuple[Effect, ...]]


def step(state: Uplink, event: Event, now_ms: int) -> Step:
    """The next state and what is to be done; ``now_ms`` is monotonic."""
    before = state.in_hand
    state, effects = _take_in(state, event, now_ms)
    after = state.in_hand
    if (before and before.epoch) != (after and after.epoch):
        state = _go_back(state, state.cursor(after.epoch) if after else NOTHING)
        state = replace(state, single_upto=NOTHING)
    state, more = _fill(state)
    return state, effects + more


def _take_in(state: Uplink, event: Event, now_ms: int) -> Step:
    match event:
        case LinkUp():
            return _restart(replace(state, connected=True, timeout_ms=ACK_TIMEOUT_MS)), ()
        case LinkDown():
            return replace(state, connected=False, in_flight=(), asked_for=False), ()
        case Grown(heads):
            return replace(state, heads=heads, asked_for=False), ()
        case Sent():
            return _note_sent(state, event, now_ms), ()
        case Acked(ack, own_hash):
            return _acknowledge(state, ack, own_hash, now_ms)
        case Passed():
            return _retry(state, now_ms), ()


def _fill(state: Uplink) -> Step:
    head = state.in_hand
    full = len(state.in_flight) >= WINDOW
    if head is None or not state.connected or state.asked_for or full or state.sent >= head.seq:
        return state, ()
    most = 1 if state.sent < state.single_upto else MAX_BATCH_RECORDS
    return replace(state, asked_for=True), (Send(head.epoch, state.sent, most),)


def _note_sent(state: Uplink, sent: Sent, now_ms: int) -> Uplink:
    head = state.in_hand
    if head is None or head.epoch != sent.epoch or sent.after != state.sent:
        return replace(state, asked_for=False)
    if sent.last == sent.after:
        return state
    in_flight = (*state.in_flight, InFlight(Seq(sent.after + 1), sent.last, now_ms))
    return replace(state, asked_for=False, sent=sent.last, in_flight=in_flight)


def _acknowledge(state: Uplink, ack: Ack, own_hash: str | None, now_ms: int) -> Step:
    head = state.in_hand
    if ack.epoch is None:
        return (_send_singly(state), ()) if ack.singly else (state, ())
    known = next((each for each in state.heads if each.epoch == ack.epoch), None)
    if known is None or ack.epoch in state.contradicted:
        return state, ()
    why = _contradiction(known, ack, own_hash, is_newest=known == state.heads[-1])
    if why is not None:
        contradicted = state.contradicted | {ack.epoch}
        return replace(state, contradicted=contradicted), (Contradicted(ack.epoch, why),)
    restored = state.db_generation is not None and ack.db_generation != state.db_generation
    state, effects = _move_cursor(state, ack, restored=restored)
    if restored:
        return _restart(state), effects
    if head is None or head.epoch != ack.epoch:
        return state, effects
    if ack.singly:
        return _send_singly(state), effects
    if ack.resend_from is not None and not _on_its_way(state, ack.resend_from, now_ms):
        return _restart(state), effects
    return state, effects


def _contradiction(known: Head, ack: Ack, own_hash: str | None, *, is_newest: bool) -> str | None:
    if own_hash is None:
        # A row that is here may be newer than the heads that we have seen; one that is not here is another's.
        beyond = is_newest and ack.upto > known.seq
        said = f"the collector acknowledged row {ack.upto}, the last one here is {known.seq}"
        return said if beyond else None
    if own_hash != ack.hash_at_upto:
        return f"the collector has another row {ack.upto} than the one here"
    return None


def _move_cursor(state: Uplink, ack: Ack, *, restored: bool) -> Step:
    assert ack.epoch is not None  # noqa: S101 (for the type checker; _acknowledge has looked)
    cursor = state.cursor(ack.epoch)
    if not restored and ack.upto <= cursor and state.db_generation is not None:
        return state, ()
    others = {} if restored else state.cursors
    upto = ack.upto if restored else max(ack.upto, cursor)
    head = state.in_hand
    if head is not None and head.epoch == ack.epoch:
        in_flight = tuple(batch for batch in state.in_flight if batch.last > upto)
        state = replace(state, in_flight=in_flight, sent=max(state.sent, upto))
    state = replace(
        state,
        cursors={**others, ack.epoch: upto},
        db_generation=ack.db_generation,
        timeout_ms=ACK_TIMEOUT_MS,
    )
    return state, (SaveCursor(ack.epoch, upto, ack.db_generation, restored),)


def _on_its_way(state: Uplink, first: Seq, now_ms: int) -> bool:
    return any(
        batch.first <= first <= batch.last and now_ms - batch.sent_at_ms < ACK_TIMEOUT_MS
        for batch in state.in_flight
    )


def _send_singly(state: Uplink) -> Uplink:
    upto = max((batch.last for batch in state.in_flight), default=NOTHING)
    if upto <= state.single_upto:
        return state
    return replace(_restart(state), single_upto=upto)


def _retry(state: Uplink, now_ms: int) -> Uplink:
    if not state.in_flight or now_ms - state.in_flight[0].sent_at_ms < state.timeout_ms:
        return state
    slower = min(state.timeout_ms * 2, MAX_ACK_TIMEOUT_MS)
    return replace(_restart(state), timeout_ms=slower)


def _restart(state: Uplink) -> Uplink:
    head = state.in_hand
    return _go_back(state, state.cursor(head.epoch) if head else NOTHING)


def _go_back(state: Uplink, sent: Seq) -> Uplink:
    return replace(state, sent=sent, in_flight=(), asked_for=False)
