"""What becomes of a batch, through the real store."""

import json
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from checkpoint.chain import GENESIS
from checkpoint.ids import EpochId, GateId, Seq
from collector.domain.batch_check import Delivery, Rejected, examine
from collector.domain.ingest import MAX_QUARANTINED_BYTES
from sync.wire.messages import MAX_BATCH_RECORDS
from tests.collector.centre import Centre
from tests.collector.journals import (
    EPOCH,
    GATE,
    START_US,
    admitted,
    batch,
    fever,
    journal,
    passage,
    rotten,
)


def test_a_batch_is_stored_and_acknowledged_up_to_its_last_row(centre: Centre) -> None:
    rows = journal(admitted(5))
    ack = centre.acked(batch(rows))
    assert centre.rows() == {row.seq: row.hash for row in rows}
    assert (ack.epoch, ack.upto, ack.hash_at_upto) == (EPOCH, 5, rows[-1].hash)
    assert ack.gate == GATE
    assert ack.db_generation == centre.db_generation
    assert ack.resend_from is None
    assert not ack.singly


def test_fault_46_a_repeated_batch_is_stored_once_and_acknowledged_again(centre: Centre) -> None:
    payload = batch(journal([fever(), *admitted(3)]))
    assert centre.acked(payload) == centre.acked(payload)
    assert len(centre.rows()) == 4
    assert [(alert.code, alert.count) for alert in centre.alerts()] == [("FEVER", 1)]


@pytest.mark.parametrize(
    "poison", ["", "{", '{"kind":"unheard-of"}', "[" * 20_000, '{"a":"\\u0000"}']
)
def test_fault_47_a_record_that_does_not_parse_is_set_aside_and_stops_nobody(
    centre: Centre, poison: str
) -> None:
    rows = journal([*admitted(2), poison, fever()])
    ack = centre.acked(batch(rows))
    assert ack.upto == 4
    assert ack.resend_from is None
    kept = centre.quarantine()
    assert [(each["seq"], each["why"], each["epoch"]) for each in kept] == [
        (3, "unreadable", EPOCH)
    ]
    assert json.loads(kept[0]["content"])["body"] == poison
    assert centre.alert_codes(3) == ["RECORD_QUARANTINED"]
    assert centre.alert_codes(4) == ["FEVER"]


def test_fault_47_a_row_that_does_not_verify_is_asked_for_again_and_then_passed_over(
    centre: Centre,
) -> None:
    rows = journal(admitted(3))
    rows[1] = rotten(rows[1])
    first = centre.acked(batch(rows))
    assert (first.upto, first.resend_from) == (1, 2)
    again = centre.acked(batch(rows[1:]))
    assert (again.upto, again.resend_from) == (3, None)
    assert sorted(centre.rows()) == [1, 3]
    assert [each["why"] for each in centre.quarantine()] == ["not-sound"]
    assert [alert.count for alert in centre.alerts()] == [1]


def test_fault_47_a_row_that_was_only_bent_on_its_way_is_stored_when_it_comes_whole(
    centre: Centre,
) -> None:
    rows = journal(admitted(3))
    centre.acked(batch([rows[0], rotten(rows[1]), rows[2]]))
    assert centre.acked(batch(rows[1:])).upto == 3
    assert sorted(centre.rows()) == [1, 2, 3]


def test_fault_47_a_row_of_the_wrong_shape_does_not_take_the_others_along(centre: Centre) -> None:
    rows = journal(admitted(3))
    message = json.loads(batch(rows))
    message["records"][1]["body"] = 7
    payload = json.dumps(message).encode()
    assert centre.acked(payload).upto == 1
    assert sorted(centre.rows()) == [1, 3]
    assert centre.acked(payload).upto == 3


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"null",
        b"\xff\xfe",
        b'{"gate":"gate-a","epoch":"x","records":[]}',
        b"[" * 100_000,
    ],
    ids=["empty", "cut", "null", "no UTF-8", "no epoch", "deep"],
)
def test_fault_47_a_message_that_is_no_batch_is_kept_once_and_single_records_are_asked_for(
    centre: Centre, payload: bytes
) -> None:
    for _ in range(2):
        ack = centre.acked(payload)
        assert (ack.epoch, ack.upto, ack.hash_at_upto, ack.singly) == (None, 0, GENESIS, True)
    (kept,) = centre.quarantine()
    assert (kept["why"], kept["content"]) == ("no-batch", payload[:MAX_QUARANTINED_BYTES])
    assert [(alert.code, alert.count) for alert in centre.alerts()] == [("RECORD_QUARANTINED", 1)]


def test_fault_48_rows_behind_a_gap_are_kept_and_the_gap_is_asked_for(centre: Centre) -> None:
    rows = journal(admitted(6))
    centre.acked(batch(rows[:2]))
    behind = centre.acked(batch(rows[4:]))
    assert (behind.upto, behind.hash_at_upto, behind.resend_from) == (2, rows[1].hash, 3)
    filled = centre.acked(batch(rows[2:4]))
    assert (filled.upto, filled.hash_at_upto, filled.resend_from) == (6, rows[5].hash, None)


def test_fault_48_rows_that_the_gate_has_lost_are_not_waited_for(centre: Centre) -> None:
    rows = journal(admitted(9))
    ack = centre.acked(batch([*rows[:3], *rows[7:]], missing=((4, 7),)))
    assert (ack.upto, ack.resend_from) == (9, None)
    centre.acked(batch([*rows[:3], *rows[7:]], missing=((4, 7),)))
    assert [(alert.code, alert.subject, alert.count) for alert in centre.alerts()] == [
        ("JOURNAL_DAMAGED", "rows 4-7 lost", 1)
    ]


def test_where_the_last_row_is_a_lost_one_no_hash_is_claimed(centre: Centre) -> None:
    ack = centre.acked(batch(journal(admitted(2)), missing=((3, 5),)))
    assert (ack.upto, ack.hash_at_upto) == (5, "")


def test_fault_49_other_content_under_a_known_number_is_set_aside_and_the_first_stays(
    centre: Centre,
) -> None:
    ours, theirs = journal(admitted(2)), journal([passage("R1"), passage("X9")])
    centre.acked(batch(ours))
    ack = centre.acked(batch(theirs[1:]))
    assert (ack.upto, ack.hash_at_upto, ack.resend_from) == (2, ours[1].hash, None)
    assert centre.rows() == {1: ours[0].hash, 2: ours[1].hash}
    (kept,) = centre.quarantine()
    assert (kept["why"], kept["seq"]) == ("other-content", 2)
    assert json.loads(kept["content"])["hash"] == theirs[1].hash
    centre.acked(batch(theirs[1:]))
    assert [(alert.code, alert.count) for alert in centre.alerts()] == [("RECORD_QUARANTINED", 1)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_row_that_does_not_continue_its_neighbour_is_stored_and_alarmed(
    centre: Centre, order: tuple[int, int]
) -> None:
    ours, theirs = journal(admitted(2)), journal([*admitted(1), passage("X9"), passage("X8")])
    parts = (batch(ours), batch(theirs[2:]))
    for part in order:
        centre.acked(parts[part])
    assert sorted(centre.rows()) == [1, 2, 3]
    assert [(alert.code, alert.subject) for alert in centre.alerts()] == [
        ("JOURNAL_DAMAGED", "chain breaks at row 3")
    ]


def test_fault_51_a_batch_in_another_gates_name_is_set_aside_whole_and_not_acknowledged(
    centre: Centre,
) -> None:
    payload = batch(journal(admitted(2)), gate=GateId("gate-b"))
    assert centre.deliver(payload, GATE) is None
    assert centre.rows() == {}
    assert [each["why"] for each in centre.quarantine()] == ["other-gate"]
    assert [alert.gate for alert in centre.alerts()] == [GATE]


def test_the_same_numbers_of_two_gates_and_two_epochs_stay_apart(centre: Centre) -> None:
    other = EpochId("11111111-2222-3333-4444-555555555555")
    centre.acked(batch(journal(admitted(2))))
    centre.acked(batch(journal(admitted(3), other), epoch=other))
    assert centre.deliver(batch(journal(admitted(1)), gate=GateId("gate-b")), GateId("gate-b"))
    assert len(centre.rows(other)) == 3
    assert centre.alerts() == []


@pytest.mark.parametrize(
    ("minutes", "folded"),
    [((0, 9, 18), [3]), ((0, 11), [1, 1]), ((11, 0), [1, 1]), ((0, 20, 5), [2, 1])],
)
def test_repeats_of_an_alert_fold_within_ten_minutes_of_the_gates_time(
    centre: Centre, minutes: tuple[int, ...], folded: list[int]
) -> None:
    rows = journal([fever("R1", START_US + minute * 60_000_000) for minute in minutes])
    for row in rows:
        centre.acked(batch([row]))
    assert [alert.count for alert in centre.alerts()] == folded
    assert [centre.alert_codes(row.seq) for row in rows] == [["FEVER"]] * len(rows)


_HISTORY = journal(
    [*admitted(4), fever("R1"), "poison", fever("R1", START_US + 1), fever("R2"), *admitted(4)]
)
_BATCHES = st.lists(
    st.tuples(st.integers(0, len(_HISTORY)), st.integers(1, 5)), max_size=12
).flatmap(
    lambda extra: st.permutations(extra + [(start, 4) for start in range(0, len(_HISTORY), 4)])
)


@given(cuts=_BATCHES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_fault_46_any_order_and_repetition_of_batches_ends_the_same(
    cuts: list[tuple[int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        centre = Centre(Path(folder))
        for start, length in cuts:
            centre.deliver(batch(_HISTORY[start : start + length]))
        assert centre.rows() == {row.seq: row.hash for row in _HISTORY}
        assert centre.progress().upto == len(_HISTORY)
        assert centre.progress().hash_at_upto == _HISTORY[-1].hash
        found = sorted((alert.code, alert.subject, alert.count) for alert in centre.alerts())
        assert found == [
            ("FEVER", "R1", 2),
            ("FEVER", "R2", 1),
            ("RECORD_QUARANTINED", "unreadable", 1),
        ]
        centre.close()


@given(junk=st.binary(max_size=200))
def test_no_bytes_make_intake_raise(junk: bytes) -> None:
    assert isinstance(examine(GATE, junk), Rejected)


@given(
    record=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["seq", "prev", "salt", "digest", "hash", "body"]),
                inner,
                max_size=6,
            )
        ),
        max_leaves=8,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_shape_of_a_row_keeps_its_neighbours_from_being_stored(
    centre: Centre, record: object
) -> None:
    good = journal(admitted(1))[0]
    payload = msgspec.json.encode(
        {"gate": GATE, "epoch": EPOCH, "records": [record, msgspec.to_builtins(good)]}
    )
    assert isinstance(examine(GATE, payload), Delivery)
    assert centre.acked(payload).upto >= 1


@pytest.mark.parametrize("seq", [0, -1, 2**63, 2**64, 2**70])
def test_numbers_beyond_what_a_journal_has_are_set_aside(centre: Centre, seq: int) -> None:
    row = msgspec.structs.replace(journal(admitted(1))[0], seq=Seq(seq))
    assert centre.acked(batch([row])).upto == 0
    assert [each["why"] for each in centre.quarantine()] == ["not-sound"]


def test_a_time_beyond_what_a_database_holds_is_no_readable_record(centre: Centre) -> None:
    ack = centre.acked(batch(journal([passage(at_us=2**80), passage(at_us=-1)])))
    assert ack.upto == 2
    assert [each["why"] for each in centre.quarantine()] == ["unreadable"] * 2


def test_an_epoch_in_another_spelling_is_no_batch() -> None:
    payload = batch(journal(admitted(1)), epoch=EpochId(EPOCH.upper()))
    assert isinstance(examine(GATE, payload), Rejected)


def test_rows_that_are_far_apart_are_looked_at_without_all_that_lies_between(
    centre: Centre,
) -> None:
    rows = journal(admitted(60))
    for start in range(0, 60, 20):
        centre.acked(batch(rows[start : start + 20]))
    spans: list[int] = []

    def note(_: object, __: object, sql: str, values: tuple[Any, ...], *___: object) -> None:
        if "FROM records" in sql and "BETWEEN" in sql:
            spans.append(values[-1] - values[-2])

    event.listen(centre.engine, "before_cursor_execute", note)
    assert centre.acked(batch([rows[0], rows[59]])).upto == 60
    assert spans == [2, 2], "each row and its two neighbours"


def test_a_batch_of_more_rows_than_the_protocol_allows_is_asked_for_singly(centre: Centre) -> None:
    ack = centre.acked(batch(journal(admitted(MAX_BATCH_RECORDS + 1))))
    assert ack.singly
    assert centre.rows() == {}
    assert centre.acked(batch(journal(admitted(MAX_BATCH_RECORDS)))).upto == MAX_BATCH_RECORDS
