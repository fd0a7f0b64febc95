"""Records that were written before the gate's clock was right get their time from others of the same boot."""

from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from checkpoint.ids import GateId, Seq
from checkpoint.records import Passage, Stamp
from collector.domain.clock_correction import Times
from collector.store.log import LogFilter, newest_log
from collector.store.schema import RECORDS, UNTIMED
from tests.collector.centre import Centre
from tests.collector.journals import START_US, batch, journal, passage, stamp

BOOTED_US = START_US
EPOCH_OF_A_PI_US = 1_000_000
"""1970: a Pi without a battery before anybody has set its clock."""


def at(uptime_s: int, *, right: bool, boot: str = "boot-1") -> Passage:
    """A passage so long after the boot, by a clock that was right or said 1970."""
    began_us = BOOTED_US if right else EPOCH_OF_A_PI_US
    said = msgspec.structs.replace(
        stamp(began_us + uptime_s * 1_000_000, clock_synced=right),
        boot_id=boot,
        uptime_ms=uptime_s * 1000,
    )
    return passage(stamp=said)


def corrected(centre: Centre) -> dict[int, int | None]:
    """Seconds after the boot by seq."""
    with centre.engine.begin() as connection:
        found = connection.execute(select(RECORDS.c.seq, RECORDS.c.corrected_us)).all()
    return {seq: None if us is None else (us - BOOTED_US) // 1_000_000 for seq, us in found}


def waiting(centre: Centre) -> int:
    with centre.engine.begin() as connection:
        return len(connection.execute(select(UNTIMED)).all())


def test_fault_37_records_before_the_clock_was_set_get_their_time_from_the_first_one_after(
    centre: Centre,
) -> None:
    rows = journal([at(10, right=False), at(20, right=False), at(60, right=True)])
    centre.acked(batch(rows[:2]))
    assert corrected(centre) == {1: None, 2: None}
    assert waiting(centre) == 2
    centre.acked(batch(rows[2:]))
    assert corrected(centre) == {1: 10, 2: 20, 3: None}
    assert waiting(centre) == 0
    with centre.engine.begin() as connection:
        assert [row.corrected_us for row in newest_log(connection, 9)] == [
            None,
            BOOTED_US + 20_000_000,
            BOOTED_US + 10_000_000,
        ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_whatever_order_they_arrive_the_times_are_the_same(
    centre: Centre, order: tuple[int, ...]
) -> None:
    rows = journal([at(10, right=False), at(60, right=True), at(70, right=False)])
    for place in order:
        centre.acked(batch([rows[place]]))
    assert corrected(centre) == {1: 10, 2: None, 3: 70}
    assert waiting(centre) == 0


def test_all_in_one_batch_and_once_more_is_no_different(centre: Centre) -> None:
    payload = batch(journal([at(10, right=False), at(60, right=True), at(70, right=False)]))
    for _ in range(2):
        centre.acked(payload)
        assert corrected(centre) == {1: 10, 2: None, 3: 70}


def test_another_boot_or_another_gate_tells_nothing(centre: Centre) -> None:
    rows = journal([at(10, right=False), at(60, right=True, boot="boot-2")])
    centre.acked(batch(rows))
    other = GateId("gate-b")
    centre.deliver(batch(journal([at(60, right=True)]), gate=other), other)
    assert waiting(centre) == 1
    assert corrected(centre)[1] is None


def test_fault_38_a_clock_that_jumps_later_does_not_move_what_was_corrected(centre: Centre) -> None:
    ten_years_on = at(80, right=True)
    wrong = ten_years_on.stamp.at_us + 10 * 365 * 86_400_000_000
    ten_years_on = msgspec.structs.replace(
        ten_years_on, stamp=msgspec.structs.replace(ten_years_on.stamp, at_us=wrong)
    )
    rows = journal([at(60, right=True), ten_years_on, at(90, right=False)])
    for row in rows:
        centre.acked(batch([row]))
    assert corrected(centre)[3] == 90


def test_the_log_is_searched_by_the_corrected_time(centre: Centre) -> None:
    centre.acked(batch(journal([at(10, right=False), at(60, right=True)])))
    wanted = LogFilter(from_us=BOOTED_US, until_us=BOOTED_US + 30_000_000)
    with centre.engine.begin() as connection:
        assert [row.seq for row in newest_log(connection, 9, wanted)] == [1]


HUGE = st.integers(-(2**70), 2**70)


@given(st.lists(st.tuples(st.integers(0, 2**62), HUGE, st.booleans()), max_size=5))
def test_no_stamp_makes_a_number_that_a_database_cannot_hold(
    stamps: list[tuple[int, int, bool]],
) -> None:
    times = Times()
    for at_us, uptime_ms, right in stamps:
        said: Stamp = msgspec.structs.replace(stamp(at_us, clock_synced=right), uptime_ms=uptime_ms)
        times.note(Seq(1), said)
    assert all(abs(us) < 2**63 for us in times.begun_us.values())
    assert all(0 <= each.uptime_ms < 2**63 for each in times.untimed)


def test_a_senseless_uptime_stops_nobody(centre: Centre) -> None:
    for uptime_ms in (-5, 2**63, 2**80):
        said = msgspec.structs.replace(stamp(clock_synced=False), uptime_ms=uptime_ms)
        right = msgspec.structs.replace(stamp(), uptime_ms=uptime_ms)
        gate = GateId(f"gate{abs(uptime_ms)}")
        rows = journal([passage(stamp=said), passage(stamp=right)])
        ack = centre.deliver(batch(rows, gate=gate), gate)
        assert ack is not None
        assert ack.upto == 2
