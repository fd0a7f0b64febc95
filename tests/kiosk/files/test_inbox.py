"""What the gate journals for sync, and that a roster counts as applied only once it is obeyed."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from checkpoint.gate.commands import Command, answer
from checkpoint.gate.state import GateState
from checkpoint.ids import HouseholdId, PersonId, Revision
from checkpoint.people import Household, Resident, RosterDocument
from checkpoint.records import Commanded, DownlinkRefused, Record, RosterApplied, Stamp, decode
from config.key_files import OPERATIONS_KEY, TRUST, make_keys
from config.trust import load_private_key, load_trust
from kiosk.files.inbox import Inbox
from kiosk.files.journal_buffer import JournalBuffer
from kiosk.files.trusted_state import TrustedState
from simulation.compound import COMPOUND, signed_roster
from sync.downlink.decisions import read_roster
from sync.journal.opening import open_journal
from sync.journal.reader import JournalReader
from sync.store.inbox import RefusedItem
from sync.store.reader import INBOX_AT_ONCE, SyncReader
from sync.store.writer import SyncStore
from sync.wire.signed import Purpose, sign
from tests.checkpoint.examples import POLICY, context, stamp
from tests.drivers.waiting import eventually
from tests.sync.downlink.test_orders import command


class Bench:
    """sync.db, what the gate trusts of it, and its journal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_keys(folder / "keys")
        self.trust = load_trust(folder / "keys" / TRUST)
        self.store = SyncStore.on(folder / "sync.db")
        self.trusted_state = TrustedState(
            self.trust, SyncReader(folder / "sync.db"), COMPOUND, POLICY
        )
        self.journal_buffer = JournalBuffer(
            lambda: open_journal(folder / "journal.db", None), stamp, 0
        )
        self.inbox = Inbox(self.journal_buffer, self.trusted_state, self.stamp, self.answer)
        self.done: list[Command] = []

    def new_roster(self) -> bytes:
        return signed_roster(load_private_key(self.folder / "keys" / OPERATIONS_KEY))

    def large_roster(self, people: int) -> bytes:
        """A later one, of so many."""
        key = load_private_key(self.folder / "keys" / OPERATIONS_KEY)
        homes = [
            Household(id=HouseholdId(f"H{n:05}"), building="1", unit=str(n)) for n in range(500)
        ]
        residents = [
            Resident(id=PersonId(f"P{n:06}"), name="王*", household=homes[n % 500].id)
            for n in range(people)
        ]
        document = RosterDocument(
            compound=COMPOUND,
            revision=Revision(time.time_ns() // 1000),
            households=tuple(homes),
            residents=tuple(residents),
        )
        return sign(Purpose.ROSTER, msgspec.json.encode(document), key)

    def apply(self, message: bytes) -> int:
        """What sync does with a roster that it accepts."""
        roster = read_roster(message, self.trust.operations)
        self.store.replace_roster(roster.revision, message, len(roster.residents))
        return roster.revision

    def stamp(self) -> Stamp:
        return stamp(roster_revision=self.trusted_state.roster_revision)

    def answer(self, command: Command) -> Commanded:
        return answer(GateState(), command, context(stamp=self.stamp()))

    def is_behind(self) -> bool:
        """Whether the last look may have left something."""
        return not self.inbox.is_taken

    def journalled(self) -> list[Record]:
        eventually(self.trusted_state.refresh)
        self.done += self.inbox.commands()
        reader = JournalReader.on(self.folder / "journal.db")
        records = [decode(row.body) for _, row in reader.everything()]
        reader.close()
        return records


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()
    bench.journal_buffer.close()
    bench.trusted_state.close()


def test_a_roster_that_comes_after_the_last_look_is_obeyed_before_it_is_journalled(
    bench: Bench,
) -> None:
    revision = bench.apply(bench.new_roster())
    (applied,) = bench.journalled()
    assert isinstance(applied, RosterApplied)
    assert applied.revision == applied.stamp.roster_revision == revision


def test_every_roster_is_journalled_although_two_came_at_once(bench: Bench) -> None:
    revisions = [bench.apply(bench.new_roster()) for _ in range(2)]
    assert [r.revision for r in bench.journalled() if isinstance(r, RosterApplied)] == revisions


def test_a_sync_db_that_is_replaced_is_noticed_and_its_inbox_read_from_the_beginning(
    bench: Bench,
) -> None:
    bench.apply(bench.new_roster())
    assert len(bench.journalled()) == 1
    bench.store.close()
    (bench.folder / "sync.db").unlink()
    bench.store = SyncStore.on(bench.folder / "sync.db")
    revision = bench.apply(bench.new_roster())
    applied = bench.journalled()[-1]
    assert isinstance(applied, RosterApplied)
    assert applied.revision == applied.stamp.roster_revision == revision


def test_fault_21_an_edited_roster_is_journalled_as_refused_and_never_as_applied(
    bench: Bench,
) -> None:
    bench.apply(bench.new_roster())
    with closing(sqlite3.connect(bench.folder / "sync.db")) as db, db:
        db.execute("UPDATE roster SET message = replace(message, 'R0000000', 'R0000099')")
    (refused,) = bench.journalled()
    assert isinstance(refused, DownlinkRefused)
    assert refused.what == "roster"


def test_fault_21_a_roster_rolled_back_in_the_file_is_not_obeyed(bench: Bench) -> None:
    older, newer = bench.new_roster(), bench.new_roster()
    revision = bench.apply(newer)
    eventually(bench.trusted_state.refresh)
    bench.apply(older)
    eventually(bench.trusted_state.refresh)
    assert bench.trusted_state.roster_revision == revision


def test_a_large_roster_is_verified_beside_the_loop_and_journalled_when_it_is_obeyed(
    bench: Bench,
) -> None:
    bench.apply(bench.new_roster())
    before = len(bench.journalled())
    revision = bench.apply(bench.large_roster(20_000))
    bench.done += bench.inbox.commands()
    assert bench.is_behind(), "the look that begins the check does not wait for it"
    assert bench.trusted_state.roster_revision != revision
    records = bench.journalled()
    assert bench.trusted_state.roster_revision == revision
    applied = records[before]
    assert isinstance(applied, RosterApplied)
    assert applied.revision == applied.stamp.roster_revision == revision


def test_a_roster_that_comes_while_another_is_verified_is_obeyed_next(bench: Bench) -> None:
    first = bench.apply(bench.large_roster(20_000))
    assert not bench.trusted_state.refresh(), "it has begun with this one"
    second = bench.apply(bench.new_roster())
    obeyed = set()

    def look() -> bool:
        done = bench.trusted_state.refresh()
        obeyed.add(bench.trusted_state.roster_revision)
        return done

    eventually(look)
    assert bench.trusted_state.roster_revision == second
    assert obeyed <= {None, first, second}


def test_an_item_of_a_later_version_holds_up_nothing_behind_it(bench: Bench) -> None:
    with closing(sqlite3.connect(bench.folder / "sync.db")) as db, db:
        db.execute("""INSERT INTO inbox (item) VALUES ('{"type":"weather","celsius":20}')""")
    assert bench.store.take_command(command())
    refused, commanded = bench.journalled()
    assert isinstance(refused, DownlinkRefused)
    assert (refused.what, "weather" in refused.why) == ("inbox", True)
    assert isinstance(commanded, Commanded)
    assert len(bench.journalled()) == 2


def test_a_days_items_are_taken_some_at_a_time_and_until_then_passages_may_be_missing(
    bench: Bench,
) -> None:
    for number in range(2 * INBOX_AT_ONCE):
        bench.store.put(RefusedItem("roster", f"number {number}"))
    assert len(bench.journalled()) == INBOX_AT_ONCE
    assert bench.is_behind()
    bench.journalled()
    records = bench.journalled()
    assert not bench.is_behind()
    said = [record.why for record in records if isinstance(record, DownlinkRefused)]
    assert said == [f"number {number}" for number in range(2 * INBOX_AT_ONCE)]


def test_while_the_journal_is_down_the_inbox_waits_and_passages_may_be_missing(
    bench: Bench,
) -> None:
    assert bench.journalled() == []
    assert not bench.is_behind()
    bench.journal_buffer.trouble = "no room"
    bench.store.put(RefusedItem("roster", "later"))
    assert bench.journalled() == []
    assert bench.is_behind()
    bench.journal_buffer.trouble = ""
    assert len(bench.journalled()) == 1
    assert not bench.is_behind()
