"""What a gate remembers of earlier passages when somebody comes again, also of those it could not write down."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checkpoint.entry_pass import Kind
from checkpoint.ids import GateId, PersonId, Seq
from checkpoint.policy import Direction
from checkpoint.records import Bearer, Crossing, Evidence, Result, Stamp
from checkpoint.rules.history import NO_HISTORY, LedgerEntry
from checkpoint.verdict import Flag, Reason
from kiosk.files.journal_buffer import JournalBuffer
from simulation.compound import COMPOUND, person
from sync.journal.opening import Breach, open_journal
from sync.journal.writer import Journal, JournalDown
from tests.checkpoint.examples import HOUSEHOLD, NOW_S, crossing, stamp
from tests.kiosk.one_gate import OneGate

ME = PersonId("P1")
NOW_US = NOW_S * 1_000_000
IN, OUT = Direction
Opened = Callable[[], tuple[Journal, Breach | None]]


def went(minutes_ago: int, direction: Direction = OUT, **changes: Any) -> Crossing:
    return crossing(passage_at_us=NOW_US - minutes_ago * 60_000_000, direction=direction, **changes)


class Disk:
    """A disk for one journal that can be pulled."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.db"
        self.works = True

    def open(self) -> tuple[Journal, Breach | None]:
        if not self.works:
            raise JournalDown("no disk")
        return open_journal(self._path, None)


def test_what_was_journalled_is_remembered_over_a_restart(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    journal_buffer = JournalBuffer(disk.open, stamp, 9)
    journal_buffer.keep(went(9))
    journal_buffer.close()
    journal_buffer = JournalBuffer(disk.open, stamp, 9)
    last = journal_buffer.history(ME, 3, HOUSEHOLD.id).last
    assert last is not None
    assert (last.direction, last.at_s) == (OUT, NOW_S - 540)
    journal_buffer.close()


def test_what_waits_in_memory_counts_before_and_after_it_is_written(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.works = False
    journal_buffer = JournalBuffer(disk.open, stamp, 9)
    assert journal_buffer.history(ME, 3, HOUSEHOLD.id) == NO_HISTORY
    journal_buffer.keep(went(9))
    journal_buffer.keep(went(3, IN))
    waiting = journal_buffer.history(ME, 3, HOUSEHOLD.id)
    assert waiting.entry_used
    disk.works = True
    journal_buffer.mend()
    assert journal_buffer.trouble == ""
    assert journal_buffer.history(ME, 3, HOUSEHOLD.id) == waiting
    journal_buffer.close()


def test_without_a_trusted_clock_a_later_date_is_believed(tmp_path: Path) -> None:
    def untrusted() -> Stamp:
        return stamp(at_us=0, clock_synced=False)

    journal_buffer = JournalBuffer(Disk(tmp_path).open, untrusted, 9)
    journal_buffer.keep(went(9))
    assert journal_buffer.history(ME, 3, HOUSEHOLD.id).last is not None
    journal_buffer.close()


@pytest.mark.parametrize(
    ("seconds_ago", "how", "result", "reason", "flags"),
    [
        (60, Evidence.DOOR, Result.HOLD, Reason.ALREADY_INSIDE, (Flag.PASS_SHARED,)),
        (60, Evidence.ANNULLED, Result.ADMIT, None, ()),
        (600, Evidence.DOOR, Result.ADMIT, None, ()),
    ],
)
def test_fault_8_a_pass_that_just_came_in_at_another_gate_is_held_and_flagged(
    tmp_path: Path,
    seconds_ago: int,
    how: Evidence,
    result: Result,
    reason: Reason | None,
    flags: tuple[Flag, ...],
) -> None:
    gate = OneGate(tmp_path)
    bearer = Bearer(person=person(4), serial=2, compound=COMPOUND, kind=Kind.RESIDENT)
    passage_at_us = time.time_ns() // 1000 - seconds_ago * 1_000_000
    elsewhere = crossing(passage_at_us=passage_at_us, direction=IN, bearer=bearer, how=how)
    journal, _ = open_journal(gate.settings.gate.data / "journal.db", None)
    journal.learn([LedgerEntry.of(GateId("west-in"), Seq(1), elsewhere)], "1")
    journal.close()
    gate.start()
    gate.play(gate.pass_of(4))
    [passage] = gate.wait_for_passages(1)
    gate.stop()
    gate.store.close()
    assert (passage.result, passage.reason, passage.flags) == (result, reason, flags)
