"""What the uplink decides: events in, effects out, no I/O."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.chain import GENESIS
from checkpoint.ids import EpochId, GateId, Seq
from sync.journal.reader import Head
from sync.uplink import (
    ACK_TIMEOUT_MS,
    FAST_MS,
    FIRST_MOST,
    LEAST_MOST,
    MAX_ACK_TIMEOUT_MS,
    MOST_AHEAD,
    SLOW_MS,
    WINDOW,
    Acked,
    Contradicted,
    Effect,
    Event,
    Grown,
    LinkDown,
    LinkUp,
    Passed,
    SaveCursor,
    Send,
    SendAhead,
    Sent,
    Uplink,
    Urgent,
    step,
)
from sync.wire.messages import MAX_BATCH_RECORDS, Ack

A, B = EpochId("a"), EpochId("b")
FULL = Uplink(most=MAX_BATCH_RECORDS)
"""On a link that is known to be fast."""


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
    return drive(FULL, LinkUp(), Grown(heads))


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
    assert sends(done)[0] == (A, 0, MAX_BATCH_RECORDS // 2), "and by shorter batches"
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


def test_a_send_that_finds_nothing_is_repeated_only_when_the_journal_has_changed() -> None:
    head = Head(A, Seq(3), "h")
    state, effects = step(replace(FULL, connected=True), Grown((head,)), 0)
    assert sends(list(effects)) == [(A, 0, MAX_BATCH_RECORDS)]
    state, effects = step(state, Sent(A, Seq(0), Seq(0)), 0)
    assert effects == ()
    assert step(state, Passed(), 600_000)[1] == ()
    assert state.heads == (head,), "the head is what sync.db remembers of the journal"
    _, effects = step(state, Grown((head,)), 0)
    assert sends(list(effects)) == [(A, 0, MAX_BATCH_RECORDS)]


def test_the_wait_for_an_acknowledgement_doubles_up_to_a_minute_and_ends_with_the_next_one() -> (
    None
):
    state, _ = started(Head(A, Seq(300), "h"))
    now_ms, waits = 0, []
    for _ in range(6):
        waits.append(state.timeout_ms)
        assert drive(state, Passed(), now_ms=now_ms + state.timeout_ms - 1)[1] == []
        now_ms += state.timeout_ms
        state, done = drive(state, Passed(), now_ms=now_ms)
        assert sends(done) == [(A, 0, state.most), (A, state.most, state.most)]
    assert waits == [5_000, 10_000, 20_000, 40_000, MAX_ACK_TIMEOUT_MS, MAX_ACK_TIMEOUT_MS]
    state, _ = drive(state, Acked(ack(200), "h"), now_ms=now_ms)
    assert state.timeout_ms == ACK_TIMEOUT_MS


def test_nothing_is_sent_while_there_is_no_link_and_everything_again_once_there_is() -> None:
    state, done = drive(FULL, Grown((Head(A, Seq(3), "h"),)), Passed())
    assert done == []
    state, done = drive(state, LinkUp())
    assert sends(done) == [(A, 0, MAX_BATCH_RECORDS)]
    state, done = drive(state, LinkDown(), Passed(), now_ms=600_000)
    assert done == []
    _, done = drive(state, LinkUp())
    assert sends(done) == [(A, 0, MAX_BATCH_RECORDS)]


@pytest.mark.parametrize(
    "stranger", [ack(7, epoch="another"), ack(0, epoch=None), ack(0, epoch=None, singly=True)]
)
def test_an_acknowledgement_that_is_about_nothing_we_sent_changes_nothing(stranger: Ack) -> None:
    state, _ = drive(Uplink(), LinkUp(), Grown((Head(A, Seq(3), "h"),)), Acked(ack(3), "h"))
    assert drive(state, Acked(stranger, None)) == (state, [])


def test_a_row_that_is_asked_for_again_goes_again_unless_it_is_on_its_way() -> None:
    state, _ = started(Head(A, Seq(400), "h"))
    gap = Acked(ack(200, resend_from=Seq(201)), "h")
    waiting, done = drive(state, gap, now_ms=ACK_TIMEOUT_MS - 1)
    assert sends(done) == []
    assert len(waiting.in_flight) == 1
    _, done = drive(state, gap, now_ms=ACK_TIMEOUT_MS)
    assert sends(done)[0][:2] == (A, 200)


def test_rows_newer_than_the_heads_we_have_seen_are_no_contradiction() -> None:
    # The journal grew between the look at its heads and the reading of the batch.
    state, _ = drive(Uplink(), LinkUp(), Grown((Head(A, Seq(10), "h"),)))
    state, done = drive(state, Acked(ack(12, "h12"), "h12"))
    assert not any(isinstance(effect, Contradicted) for effect in done)
    assert state.cursor(A) == 12


def test_an_epoch_that_is_over_may_have_lost_rows_that_the_collector_has() -> None:
    state, _ = started(Head(A, Seq(10), "h"), Head(B, Seq(1), "h"))
    state, done = drive(state, Acked(ack(12), None))
    assert sends(done) == [(B, 0, MAX_BATCH_RECORDS)]
    assert not any(isinstance(effect, Contradicted) for effect in done)
    assert state.unsynced == 1


def test_nothing_more_is_sent_of_a_contradicted_epoch_and_the_next_one_goes_on() -> None:
    state, _ = started(Head(A, Seq(10), "h"))
    state, done = drive(state, Acked(ack(4, "theirs"), "ours"), Passed(), now_ms=600_000)
    assert [type(effect) for effect in done] == [Contradicted]
    state, done = drive(state, Acked(ack(4, "theirs"), "ours"), Grown((Head(A, Seq(20), "h"),)))
    assert done == []
    _, done = drive(state, Grown((Head(A, Seq(20), "h"), Head(B, Seq(1), "h"))))
    assert sends(done) == [(B, 0, MAX_BATCH_RECORDS)]


def test_an_acknowledgement_of_a_later_epoch_leaves_the_sending_of_the_older_one_alone() -> None:
    heads = (Head(A, Seq(500), "h"), Head(B, Seq(2000), "h"))
    state, _ = drive(
        replace(FULL, cursors={A: Seq(500)}, db_generation="1"), LinkUp(), Grown(heads)
    )
    state, _ = drive(state, Acked(ack(100, epoch=B, db_generation="2"), "h"))
    assert state.in_hand == heads[0], "the restored collector may have lost all of it"
    before = state
    state, _ = drive(state, Acked(ack(1200, epoch=B, db_generation="2"), "h"))
    assert (state.sent, state.in_flight) == (before.sent, before.in_flight)
    _, done = drive(state, Acked(ack(400, db_generation="2"), "h"))
    assert sends(done) == [(A, 400, MAX_BATCH_RECORDS)]


def test_a_restored_collector_that_speaks_of_another_epoch_starts_the_one_in_hand_again() -> None:
    heads = (Head(A, Seq(500), "h"), Head(B, Seq(20), "h"))
    state, _ = drive(
        replace(FULL, cursors={A: Seq(300)}, db_generation="1"), LinkUp(), Grown(heads)
    )
    _, done = drive(state, Acked(ack(10, epoch=B, db_generation="2"), "h"))
    assert SaveCursor(B, Seq(10), "2", forget_others=True) in done
    assert sends(done) == [(A, 0, MAX_BATCH_RECORDS), (A, 200, MAX_BATCH_RECORDS)]


def test_a_row_that_never_parses_is_sent_at_the_pace_of_the_timeout() -> None:
    state, _ = started(Head(A, Seq(3), "h"))
    singly = Acked(ack(0, epoch=None, singly=True), None)
    state, done = drive(state, singly)
    assert sends(done) == [(A, 0, 1), (A, 1, 1)]
    state, done = drive(state, singly, singly, now_ms=ACK_TIMEOUT_MS - 1)
    assert sends(done) == []
    _, done = drive(state, singly, Passed(), now_ms=ACK_TIMEOUT_MS)
    assert sends(done) == [(A, 0, 1), (A, 1, 1)]


def test_batches_are_full_again_once_the_unreadable_one_has_passed() -> None:
    state, _ = started(Head(A, Seq(1000), "h"))
    state, _ = drive(state, Acked(ack(0, epoch=None, singly=True), None))
    _, done = drive(state, Acked(ack(400), "h"))
    assert sends(done) == [(A, 400, MAX_BATCH_RECORDS), (A, 600, MAX_BATCH_RECORDS)]


def test_batches_double_while_answers_are_quick_and_halve_when_they_are_slow() -> None:
    state, now_ms = drive(Uplink(), LinkUp(), Grown((Head(A, Seq(100_000), "h"),)))[0], 0
    assert state.most == FIRST_MOST
    for took_ms, most in [(10, 20), (10, 40), (SLOW_MS, 20), (FAST_MS, 20), (SLOW_MS, 10)]:
        now_ms += took_ms
        landed = state.in_flight[-1].last
        state, _ = drive(state, Acked(ack(landed), "h"), now_ms=now_ms)
        assert state.most == most
    for _ in range(20):
        now_ms += 1
        state, _ = drive(state, Acked(ack(state.in_flight[-1].last), "h"), now_ms=now_ms)
    assert state.most == MAX_BATCH_RECORDS
    for _ in range(20):
        now_ms += MAX_ACK_TIMEOUT_MS
        state, _ = drive(state, Passed(), now_ms=now_ms)
    assert state.most == LEAST_MOST


def test_urgent_rows_behind_a_full_window_go_ahead_once_and_their_turn_stays_theirs() -> None:
    state, _ = started(Head(A, Seq(1000), "h"))
    state, done = drive(state, Urgent(A, (Seq(399), Seq(700), Seq(999))))
    assert done == [SendAhead(A, (Seq(700), Seq(999)))], "399 is on its way already"
    gap = Acked(ack(0, resend_from=Seq(1)), GENESIS)
    assert drive(state, gap)[1][1:] == [], "the gap that they leave is no news"
    state, done = drive(state, Acked(ack(400), "h"), Passed())
    assert sends(done) == [(A, 400, MAX_BATCH_RECORDS), (A, 600, MAX_BATCH_RECORDS)]
    assert not any(isinstance(effect, SendAhead) for effect in done)


def test_urgent_rows_go_ahead_once_more_when_nothing_was_answered_or_the_link_is_a_new_one() -> (
    None
):
    state, _ = started(Head(A, Seq(1000), "h"))
    state, _ = drive(state, Urgent(A, (Seq(700), Seq(999))))
    state, _ = drive(state, Acked(ack(200), "h"), Passed())
    _, done = drive(state, Passed(), now_ms=ACK_TIMEOUT_MS)
    assert done[-1] == SendAhead(A, (Seq(700), Seq(999)))
    state, done = drive(state, LinkDown(), LinkUp())
    assert done[-1] == SendAhead(A, (Seq(700), Seq(999)))
    state, done = drive(state, Grown((Head(A, Seq(1000), "h"), Head(B, Seq(1), "h"))), LinkUp())
    assert not any(isinstance(effect, SendAhead) for effect in done), "their epoch is over"


def test_no_more_rows_go_ahead_than_a_slow_link_bears_and_those_are_the_newest() -> None:
    state, _ = started(Head(A, Seq(1000), "h"))
    state, done = drive(state, Urgent(A, tuple(map(Seq, range(500, 600)))))
    assert done == [SendAhead(A, tuple(map(Seq, range(580, 600))))]
    assert len(state.ahead) == MOST_AHEAD


def test_an_urgent_row_that_goes_at_once_does_not_go_twice() -> None:
    state, _ = drive(FULL, LinkUp())
    state, done = drive(state, Grown((Head(A, Seq(1), "h"),)), Urgent(A, (Seq(1),)))
    assert [type(effect) for effect in done] == [Send]


def test_urgent_rows_of_a_later_epoch_do_not_wait_for_the_earlier_one() -> None:
    state, _ = started(Head(A, Seq(1000), "h"), Head(B, Seq(3), "h"))
    state, done = drive(state, Urgent(B, (Seq(2),)))
    assert done == [SendAhead(B, (Seq(2),))]
    _, done = drive(state, Acked(ack(0, epoch=B, resend_from=Seq(1)), GENESIS))
    assert sends(done) == []


def test_urgent_rows_wait_for_a_link_and_are_none_of_a_contradicted_or_unknown_epoch() -> None:
    head = Head(A, Seq(1000), "h")
    assert drive(FULL, Grown((head,)), Urgent(A, (Seq(900),)))[1] == []
    state, _ = started(head)
    assert drive(state, Urgent(B, (Seq(900),)))[1] == []
    state, _ = drive(state, Acked(ack(4, "theirs"), "ours"))
    assert drive(state, Urgent(A, (Seq(900),)))[1] == []


def test_a_collector_that_was_restored_without_a_word_gets_what_it_asks_for() -> None:
    state, _ = started(Head(A, Seq(1000), "h"))
    state, _ = drive(state, Acked(ack(1000), "h"), Grown((Head(A, Seq(1001), "h"),)))
    state, done = drive(state, Acked(ack(300, resend_from=Seq(301)), "h"), now_ms=ACK_TIMEOUT_MS)
    assert sends(done)[0] == (A, 300, state.most)
    while state.unsynced:
        landed = state.in_flight[-1].last
        state, done = drive(state, Acked(ack(landed), "h"), now_ms=ACK_TIMEOUT_MS)
    assert state.cursor(A) == 1001


_EVENTS = st.one_of(
    st.builds(LinkUp),
    st.builds(LinkDown),
    st.builds(Passed),
    st.builds(
        Grown,
        st.tuples(
            st.builds(Head, st.just(A), st.integers(1, 900).map(Seq), st.just("h")),
            st.builds(Head, st.just(B), st.integers(1, 900).map(Seq), st.just("h")),
        ),
    ),
    st.builds(
        Acked,
        st.builds(
            Ack,
            gate=st.just(GateId("g")),
            db_generation=st.sampled_from(["1", "2"]),
            epoch=st.sampled_from([A, B, None]),
            upto=st.integers(0, 1000).map(Seq),
            hash_at_upto=st.sampled_from(["h", "h", "h", "other"]),
            resend_from=st.none() | st.integers(1, 900).map(Seq),
            singly=st.booleans(),
        ),
        st.none() | st.just("h"),
    ),
    st.builds(
        Urgent,
        st.sampled_from([A, B]),
        st.sets(st.integers(1, 900).map(Seq), min_size=1).map(lambda seqs: tuple(sorted(seqs))),
    ),
)


@given(st.lists(_EVENTS, max_size=40))
def test_whatever_happens_the_window_holds_and_the_uplink_never_falls_asleep(
    events: list[Event],
) -> None:
    state, now_ms = Uplink(), 0
    for event in events:
        now_ms += 700
        state, _ = drive(state, event, now_ms=now_ms)
        assert len(state.in_flight) <= WINDOW
        head = state.in_hand
        if state.connected and head is not None:
            assert state.in_flight or state.sent < head.seq
            assert state.in_flight, "rows are there and none of them is on its way"


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

    for wait_s, arrives in [*losses, *[(61, True)] * 200]:
        collector(done)
        now_ms += wait_s * 1000
        events: list[Event] = [Passed()]
        if arrives:
            events.insert(0, Acked(ack(stored), "h"))
        state, done = drive(state, *events, now_ms=now_ms)
    assert (state.unsynced, state.cursor(A)) == (0, rows)
