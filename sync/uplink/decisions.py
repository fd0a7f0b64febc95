"""What the uplink decides, without I/O: events in, effects out.

The uplink drains the journal's epochs, oldest first. Of the epoch in hand it sends batches beyond what was
sent, at most WINDOW of them unacknowledged; the shell reads the rows, sends what fits one message and
says how far that went (Sent). Only the collector's signed acknowledgement moves the cursor:

- of another epoch: ignored, unless it says that a batch could not be read at all;
- beyond our last row, or with another hash than ours there: the two journals contradict each other.
  Nothing more is sent of this epoch; the gate is asked to begin a new one. Beyond the last row of an epoch
  that is over it is believed: a salvage may have lost rows there that had arrived;
- of another database generation: the collector was restored, so every cursor starts again at what it says;
- asking for rows again: sending goes back to them, unless those very rows are on their way. They may lie
  below the cursor, where the collector was restored and nobody told it to take a new generation;
- asking for single records: batches of one until what was in flight has passed. Asking so of what already
  goes singly changes nothing, or a row that never parses would be sent as fast as it is refused.

No acknowledgement within a time that doubles from ACK_TIMEOUT_MS: everything beyond the cursor goes again.

A batch is as long as the link is fast: it begins with FIRST_MOST rows, doubles while acknowledgements come within
FAST_MS and halves when they take SLOW_MS. On 64 kbit/s a full one would be under way for eight seconds, be sent again
for want of an answer, and whatever is urgent would wait behind it.

Urgent rows that cannot go at once because others are before them go ahead, in a message of their own that the
window does not count. Nobody waits for its acknowledgement: they come again when it is their turn, or ahead once more
when nothing was answered for so long that everything goes again.
"""

from dataclasses import replace

from checkpoint.ids import Seq
from sync.journal.reader import Head
from sync.uplink.events import (
    Acked,
    Contradicted,
    Event,
    Grown,
    LinkDown,
    LinkUp,
    Passed,
    SaveCursor,
    Send,
    SendAhead,
    Sent,
    Step,
    Urgent,
)
from sync.uplink.state import ACK_TIMEOUT_MS, NOTHING, InFlight, Uplink
from sync.wire.messages import MAX_BATCH_RECORDS, Ack

WINDOW = 2
LEAST_MOST = 5
FAST_MS, SLOW_MS = 1_000, 4_000
MOST_AHEAD = 20
"""Rows of about 1 kB; a connection of 64 kbit/s takes 3 s for them."""
MAX_ACK_TIMEOUT_MS = 60_000


def step(state: Uplink, event: Event, now_ms: int) -> Step:
    """The next state and what is to be done; ``now_ms`` is monotonic."""
    before = state.in_hand
    state, effects = _take_in(state, event, now_ms)
    after = state.in_hand
    if (before and before.epoch) != (after and after.epoch):
        state = _go_back(state, state.cursor(after.epoch) if after else NOTHING)
        state = replace(state, single_upto=NOTHING)
    state, more = _fill(state)
    state, ahead = _hurry(state)
    return state, effects + more + ahead


def _take_in(state: Uplink, event: Event, now_ms: int) -> Step:
    match event:
        case LinkUp():
            state = replace(state, connected=True, timeout_ms=ACK_TIMEOUT_MS)
            return _restart(_ahead_again(state)), ()
        case LinkDown():
            return replace(state, connected=False, in_flight=(), asked_for=False), ()
        case Grown(heads):
            if [head.epoch for head in heads[-1:]] != [head.epoch for head in state.heads[-1:]]:
                state = replace(state, urgent=(), ahead=())
            return replace(state, heads=heads, asked_for=False), ()
        case Urgent(epoch, seqs):
            if not state.heads or state.heads[-1].epoch != epoch:
                return state, ()
            return replace(state, urgent=_newest_of(state.urgent, seqs)), ()
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
    most = 1 if state.sent < state.single_upto else state.most
    return replace(state, asked_for=True), (Send(head.epoch, state.sent, most),)


def _hurry(state: Uplink) -> Step:
    """Once no batch more can go: the urgent rows that none of them carries."""
    if not state.urgent or not state.connected or state.asked_for:
        return state, ()
    newest, head = state.heads[-1], state.in_hand
    sent = state.sent if head == newest else state.cursor(newest.epoch)
    left = tuple(seq for seq in state.urgent if seq > sent)
    state = replace(state, urgent=())
    if not left or newest.epoch in state.contradicted:
        return state, ()
    state = replace(state, ahead=_newest_of(state.ahead, left))
    return state, (SendAhead(newest.epoch, left),)


def _ahead_again(state: Uplink) -> Uplink:
    return replace(state, urgent=_newest_of(state.ahead, state.urgent), ahead=())


def _newest_of(some: tuple[Seq, ...], others: tuple[Seq, ...]) -> tuple[Seq, ...]:
    return tuple(sorted({*some, *others}))[-MOST_AHEAD:]


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
    state = _land(state, ack, now_ms)
    state, effects = _move_cursor(state, ack, restored=restored)
    if restored:
        return _restart(state), effects
    if head is None or head.epoch != ack.epoch:
        return state, effects
    if ack.singly:
        return _send_singly(state), effects
    if ack.resend_from is not None and not _on_its_way(state, ack.resend_from, now_ms):
        return _go_back(state, Seq(min(state.cursor(ack.epoch), ack.resend_from - 1))), effects
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


def _land(state: Uplink, ack: Ack, now_ms: int) -> Uplink:
    """What the collector has is no longer on its way, and how long it took tells how fast the link is."""
    head = state.in_hand
    if head is None or head.epoch != ack.epoch:
        return state
    landed = [batch for batch in state.in_flight if batch.last <= ack.upto]
    most = state.most
    if landed:
        took_ms = now_ms - landed[-1].sent_at_ms
        most = most * 2 if took_ms < FAST_MS else most // 2 if took_ms >= SLOW_MS else most
    return replace(
        state,
        in_flight=tuple(batch for batch in state.in_flight if batch.last > ack.upto),
        sent=max(state.sent, ack.upto),
        most=min(max(most, LEAST_MOST), MAX_BATCH_RECORDS),
    )


def _move_cursor(state: Uplink, ack: Ack, *, restored: bool) -> Step:
    assert ack.epoch is not None  # noqa: S101 (for the type checker; _acknowledge has looked)
    cursor = state.cursor(ack.epoch)
    if not restored and ack.upto <= cursor and state.db_generation is not None:
        return state, ()
    others = {} if restored else state.cursors
    upto = ack.upto if restored else max(ack.upto, cursor)
    state = replace(
        state,
        cursors={**others, ack.epoch: upto},
        db_generation=ack.db_generation,
        timeout_ms=ACK_TIMEOUT_MS,
    )
    return state, (SaveCursor(ack.epoch, upto, ack.db_generation, restored),)


def _on_its_way(state: Uplink, first: Seq, now_ms: int) -> bool:
    return any(
        batch.first <= first <= batch.last and now_ms - batch.sent_at_ms < state.timeout_ms
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
    return replace(
        _restart(_ahead_again(state)), timeout_ms=slower, most=max(state.most // 2, LEAST_MOST)
    )


def _restart(state: Uplink) -> Uplink:
    head = state.in_hand
    return _go_back(state, state.cursor(head.epoch) if head else NOTHING)


def _go_back(state: Uplink, sent: Seq) -> Uplink:
    return replace(state, sent=sent, in_flight=(), asked_for=False)
