"""The ledger in journal.db: written with the record, true whatever the order, bounded, and never lost with a page."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import product
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from checkpoint.ids import GateId, PersonId, Seq
from checkpoint.policy import Direction, OutingQuota
from checkpoint.records import Crossing, Evidence
from checkpoint.rules.history import OWN_GATE, LedgerEntry, history_of, latest_word
from checkpoint.rules.outings import excess
from sync.journal.ledger import KEPT_EACH, create, enter, entries_about, every_entry
from sync.journal.opening import open_journal
from sync.journal.reader import JournalReader
from sync.journal.writer import Journal, JournalDown
from tests.checkpoint.examples import HOUSEHOLD, NOW_S, crossing, stamp
from tests.checkpoint.rules.crossings import HOUSEHOLDS, LEDGERS, PERSONS, QUOTAS
from tests.sync.journal.journal_files import PAGE_BYTES, change, head

ME = PersonId("P1")
NOW_US = NOW_S * 1_000_000
EAST = GateId("east")
IN, OUT = Direction


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal, _ = open_journal(tmp_path / "journal.db", None)
    yield journal
    journal.close()


def ledger(path: Path) -> list[LedgerEntry]:
    reader = JournalReader.on(path)
    found = list(reader.ledger(newest_first=False))
    reader.close()
    return found


def at(minute: int, direction: Direction = OUT, **changes: object) -> Crossing:
    return crossing(passage_at_us=NOW_US + minute * 60_000_000, direction=direction, **changes)


def of_east(seq: int, record: Crossing) -> LedgerEntry:
    return LedgerEntry.of(EAST, Seq(seq), record)


def test_a_crossing_is_in_the_ledger_when_its_record_is_in_the_journal(journal: Journal) -> None:
    row = journal.append(at(1))
    assert journal.entries_about(ME, None) == [LedgerEntry.of(OWN_GATE, row.seq, at(1))]


def test_other_records_leave_the_ledger_alone(journal: Journal, tmp_path: Path) -> None:
    journal.append(change(1))
    assert ledger(tmp_path / "journal.db") == []


def test_a_record_that_cannot_be_written_leaves_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, _ = open_journal(path, None)
    journal.append(at(1))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON crossings BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    before = head(path)
    with pytest.raises(JournalDown):
        journal.append(at(2))
    assert head(path) == before
    assert len(ledger(path)) == 1
    journal.close()


def test_what_is_taken_back_is_no_longer_charged(journal: Journal) -> None:
    day = date(2030, 3, 17)
    journal.append(at(1, charged_day=day))
    undone = at(1, charged_day=day, how=Evidence.UNDONE, stamp=stamp(at_us=NOW_US + 90_000_000))
    journal.append(undone)
    found = journal.entries_about(ME, HOUSEHOLD.id)
    assert [entry.how for entry in found] == [Evidence.UNDONE]
    assert history_of(found, ME, 3, HOUSEHOLD.id, None).last_outing_day is None


def test_other_gates_crossings_are_entered_once_with_how_far_they_reach(journal: Journal) -> None:
    assert journal.known_of_others() == ""
    told = [of_east(1, at(1)), of_east(2, at(2, IN))]
    for _ in range(2):
        journal.learn(told, "db-1:2")
    assert journal.entries_about(ME, None) == told
    assert journal.known_of_others() == "db-1:2"


def test_what_cannot_all_be_learnt_is_not_learnt_and_the_place_stays(
    journal: Journal, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db, db:
        db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON crossings WHEN NEW.seq = 2"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(JournalDown):
        journal.learn([of_east(1, at(1)), of_east(2, at(2))], "db-1:2")
    assert (journal.entries_about(ME, None), journal.known_of_others()) == ([], "")


@settings(deadline=None)
@given(entries=LEDGERS, quota=QUOTAS, order=st.randoms(use_true_random=False))
def test_in_whatever_order_the_gates_hear_of_each_other_the_table_says_what_the_pure_history_says(
    entries: list[LedgerEntry], quota: OutingQuota, order: random.Random
) -> None:
    kept = latest_word(entries)
    # The shuffle asks hypothesis, which may end an example there.
    with closing(Database(memory=True)) as db:
        create(db)
        shuffled = [*entries, *entries]
        order.shuffle(shuffled)
        for entry in shuffled:
            enter(db.conn, entry)
        for person, household, now_us in product(
            PERSONS, [*HOUSEHOLDS, None], [None, 86_400_000_000]
        ):
            ask = person, 1, household, now_us
            found = entries_about(db.conn, person, household)
            assert history_of(found, *ask) == history_of(kept, *ask)
        everything = list(every_entry(db.conn, newest_first=False))
        assert sorted(everything, key=lambda e: e.order) == sorted(kept, key=lambda e: e.order)
        assert excess(everything, quota) == excess(entries, quota)


def test_a_persons_crossings_do_not_pile_up_but_none_that_matters_goes(journal: Journal) -> None:
    first_day = date(2030, 3, 1)
    journal.append(at(0, IN, bearer=msgspec.structs.replace(at(0).bearer, serial=1)))
    journal.append(at(1, OUT, charged_day=first_day))
    for minute in range(2, 100):
        journal.append(at(minute, IN if minute % 2 else OUT))
    found = journal.entries_about(ME, HOUSEHOLD.id)
    assert len(found) == KEPT_EACH + 2
    now = history_of(found, ME, 3, HOUSEHOLD.id, None)
    assert now.last is not None
    assert (now.last.direction, now.last.at_s) == (IN, NOW_S + 99 * 60)
    assert now.last_outing_day == first_day
    assert history_of(found, ME, 1, HOUSEHOLD.id, None).entry_used


def test_fault_38_a_gate_whose_clock_ran_ten_years_ahead_for_a_day_does_not_lose_the_days_after(
    journal: Journal,
) -> None:
    ahead = 5_260_000
    journal.append(at(0, IN))
    for minute in range(4):
        journal.append(at(ahead + minute, IN if minute % 2 else OUT))
    for minute in range(1, 2 * KEPT_EACH):
        journal.append(at(minute, OUT if minute % 2 else IN))
    now_us = NOW_US + 2 * KEPT_EACH * 60_000_000
    last = history_of(journal.entries_about(ME, None), ME, 3, None, now_us).last
    assert last is not None
    assert (last.direction, last.at_s) == (OUT, NOW_S + (2 * KEPT_EACH - 1) * 60)


@pytest.mark.parametrize("damaged", ["rows", "ledger"])
def test_fault_17_the_ledger_outlives_a_damaged_page(tmp_path: Path, damaged: str) -> None:
    path = tmp_path / "journal.db"
    write_history(path)
    before = ledger(path)
    content = bytearray(path.read_bytes())
    spoil(content, b'"kind":"device"' if damaged == "rows" else b"east")
    path.write_bytes(content)
    journal, breach = open_journal(path, None)
    assert breach is not None
    assert breach.cause == "damaged"
    own = [entry for entry in before if entry.gate == OWN_GATE]
    assert {e.order: e for e in own}.items() <= {e.order: e for e in ledger(path)}.items()
    if damaged == "rows":
        assert len(ledger(path)) == len(before)
    assert journal.known_of_others() == ""
    journal.close()


def write_history(path: Path) -> None:
    journal, _ = open_journal(path, None)
    for number in range(200):
        journal.append(change(number))
        person = PersonId(f"P{number}")
        mine = msgspec.structs.replace(at(0).bearer, person=person)
        journal.append(at(2 * number, bearer=mine))
        journal.learn([of_east(number, at(2 * number + 1, IN, bearer=mine))], str(number))
    journal.close()


def spoil(content: bytearray, holding: bytes) -> None:
    """Zero the middle one of the table pages that hold these bytes."""
    leaf = 0x0D
    pages = [
        start
        for start in range(PAGE_BYTES, len(content), PAGE_BYTES)
        if content[start] == leaf and holding in content[start : start + PAGE_BYTES]
    ]
    start = pages[len(pages) // 2]
    content[start : start + PAGE_BYTES] = bytes(PAGE_BYTES)
