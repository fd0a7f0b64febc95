"""What the uplink decides: events in, effects out, no I/O."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from checkpoint.ids import EpochId, GateId, Seq
from sync.journal_reader import Head
from sync.uplink import (
    ACK_TIMEOUT_MS,
    Acked,
    Contradicted,
    Effect,
    Event,
    Grown,
    LinkUp,
    Passed,
    SaveCursor,
    Send,
    Sent,
    Uplink,
    step,
)
from sync.wire import MAX_BATCH_RECORDS, Ack

A, B = EpochId("a"), EpochId("b")


def ack(upto: int, hash_: str = "h", **changes: object) -> Ack:
    plain = Ack(gate=GateId("g"), db_generation="1", epoch=A, upto=Seq(upto), hash_at_upto=hash_)
    return Ack(**{**{name: getattr(plain, name) for name in plain.__struct_fields__}, **changes})


def drive(state: Uplink, *events: Event, now_ms: int = 0) -> tuple[Uplink, list[Effect]]:
    """Feed events, and a full batch for every Send, as the shell does."""
    done: list[Effect] = []
    queue = list(events)
    while queue:
        state, effects = step(state, queue.pop(0), now_ms)
        done += effects
        for effect in effects:
            if isinstance(effect, Send):
                last = min(effect.after + effect.most, dict(_heads(state))[effect.epoch])
                queue.append(Sent(effect.epoch, effect.after, Seq(last)))
    return state, done


def _heads(state: Uplink) -> list[tuple[EpochId, Seq]]:
    return [(head.epoch, head.seq) for head in state.heads]


def started(*heads: Head) -> tuple[Uplink, list[Effect]]:
    return drive(Uplink(), LinkUp(), Grown(heads))


def sends(effects: list[Effect]) -> list[tuple[EpochId, int, int]]:
    return [(e.epoch, e.after, e.most) for e in effects if isinstance(e, Send)]


def test_at_most_two_batches_travel_unacknowledged() -> None:
    _, done = started(Head(A, Seq(1000), "h"))
    assert sends(done) == [(A, 0, MAX_BATCH_RECORDS), (A, 200, MAX_BATCH_RECORDS)]


def test_an_acknowledgement_moves_the_cursor_and_lets_the_next_batch_go() -> None:
    state, _ = started(Head(A, Seq(1000), "h"))
    state, done = drive(state, Acked(ack(200), "h"))
    assert SaveCursor(A, Seq(200), "1", forget_others=False) in done
    assert sends(done) == [(A, 400, MAX_BATCH_RECORDS)]
    assert state.unsynced == 800


def test_fault_46_an_acknowledgement_repeated_or_older_changes_nothing() -> None:
    state, _ = started(Head(A, Seq(1000), "h"))
    state, _ = drive(state, Acked(ack(400), "h"))
    assert drive(state, Acked(ack(200), "h"))[0].cursor(A) == 400
    assert drive(state, Acked(ack(400), "h"))[1] == []


def test_silence_sends_everything_beyond_the_cursor_again_and_waits_longer_each_time() -> None:
    state, _ = started(Head(A, Seq(300), "h"))
    assert drive(state, Passed(), now_ms=ACK_TIMEOUT_MS - 1)[1] == []
    state, done = drive(state, Passed(), now_ms=ACK_TIMEOUT_MS)
    assert sends(done)[0] == (A, 0, MAX_BATCH_RECORDS)
    assert state.timeout_ms == 2 * ACK_TIMEOUT_MS


def test_an_acknowledgement_of_rows_we_never_had_ends_the_epoch_once() -> None:
    state, _ = started(Head(A, Seq(10), "h"))
    state, done = drive(state, Acked(ack(11), None))
    assert [type(effect) for effect in done] == [Contradicted]
    state, done = drive(state, Acked(ack(11), None), Grown((Head(A, Seq(20), "h"),)))
    assert done == []


def test_an_acknowledgement_of_another_row_under_our_number_ends_the_epoch() -> None:
    state, _ = started(Head(A, Seq(10), "h"))
    _, done = drive(state, Acked(ack(10, "theirs"), "ours"))
    assert [type(effect) for effect in done] == [Contradicted]


def test_epochs_are_drained_oldest_first() -> None:
    state, done = started(Head(A, Seq(5), "h"), Head(B, Seq(7), "h"))
    assert sends(done) == [(A, 0, MAX_BATCH_RECORDS)]
    _, done = drive(state, Acked(ack(5), "h"))
    assert sends(done) == [(B, 0, MAX_BATCH_RECORDS)]


def test_a_restored_collector_gets_again_what_it_has_lost() -> None:
    state, _ = started(Head(A, Seq(100), "h"))
    state, _ = drive(state, Acked(ack(100), "h"))
    state, done = drive(state, Acked(ack(20, db_generation="2"), "h"))
    assert SaveCursor(A, Seq(20), "2", forget_others=True) in done
    assert sends(done) == [(A, 20, MAX_BATCH_RECORDS)]


def test_a_batch_that_could_not_be_read_goes_again_row_by_row() -> None:
    state, _ = started(Head(A, Seq(3), "h"))
    state, done = drive(state, Acked(ack(0, epoch=None, singly=True), None))
    assert sends(done)[:2] == [(A, 0, 1), (A, 1, 1)]


def test_a_journal_that_vanished_under_a_send_does_not_spin() -> None:
    state, effects = step(replace(Uplink(), connected=True), Grown((Head(A, Seq(3), "h"),)), 0)
    assert len(effects) == 1
    _, effects = step(state, Sent(A, Seq(0), Seq(0)), 0)
    assert effects == ()


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=60), st.integers(1, 900))
def test_whatever_acknowledgements_get_lost_everything_is_acknowledged_in_the_end(
    losses: list[tuple[int, bool]], rows: int
) -> None:
    state, done = started(Head(A, Seq(rows), "h"))
    stored, now_ms = 0, 0

    def collector(effects: list[Effect]) -> None:
        nonlocal stored
        for effect in effects:
            if isinstance(effect, Send) and effect.after <= stored:
                stored = max(stored, min(rows, effect.after + effect.most))

    for wait_s, arrives in [*losses, *[(61, True)] * 12]:
        collector(done)
        now_ms += wait_s * 1000
        events: list[Event] = [Passed()]
        if arrives:
            events.insert(0, Acked(ack(stored), "h"))
        state, done = drive(state, *events, now_ms=now_ms)
    assert (state.unsynced, state.cursor(A)) == (0, rows)
