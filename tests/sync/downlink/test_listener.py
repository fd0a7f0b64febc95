"""The sync process hears the centre: with a real sync.db and a real journal, messages as they come from a broker."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checkpoint.ids import EpochId, GateId, Revision, Seq
from checkpoint.people import Colour, Roster
from checkpoint.policy import Direction
from checkpoint.records import Evidence
from checkpoint.rules.history import LedgerEntry
from sync.downlink.listener import REFUSALS_AT_MOST, Listening
from sync.journal.reader import NOWHERE, InboxPlace
from sync.journal.view import JournalView
from sync.journal.writer import Journal
from sync.store.inbox import CommandItem, InboxItem, PassagesItem, RefusedItem, RosterItem
from sync.store.reader import SyncReader
from sync.store.writer import SyncStore
from sync.wire.downlink_messages import CrossingsUpdate, NoticesOrder, Want
from sync.wire.messages import down, down_to_all
from sync.wire.signed import Purpose
from tests.sync.downlink.test_orders import (
    GATE,
    HERE,
    HOME,
    KEYS,
    WANG,
    WHOLE,
    change,
    command,
    signed,
)

EPOCH = EpochId("e1")


class Ear:
    """One gate's ear, and what it asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.wants, self.at_us = folder, list[Want](), 1_893_456_000_000_000
        self.journal = Journal.on(folder / "journal.db")
        self.store = SyncStore.on(folder / "sync.db")
        self.reader = SyncReader(folder / "sync.db")
        self.view = JournalView(folder / "journal.db")
        self.start()

    def start(self) -> None:
        """Begin as a new process does."""
        self.view.close()
        self.view.grown()
        self.listening = Listening(GATE, HERE, KEYS, self.view, self.wants.append)
        self.listening.look_after(self.store, EPOCH)

    def hear(
        self, leaf: str, message: bytes, *, retained: bool = False, ours: bool = False
    ) -> None:
        topic = down(HERE, GATE, leaf) if ours else down_to_all(HERE, leaf)
        self.listening.hear(self.store, topic, message, retained=retained)

    def page(self, after: str, upto: str, *entries: LedgerEntry) -> None:
        self.hear("passages", self.written(after=after, upto=upto, entries=entries))

    def written(self, **page: Any) -> bytes:
        """The centre's next page, signed."""
        self.at_us += 1
        page = {"after": "", "upto": "db:0", "entries": (), "at_us": self.at_us, **page}
        return signed(Purpose.PASSAGES, CrossingsUpdate(compound=HERE, **page))

    def items(self) -> list[InboxItem]:
        return [item for _, item in self.inbox()]

    def inbox(self) -> list[tuple[InboxPlace, InboxItem]]:
        return self.reader.inbox(NOWHERE, 1000)

    def asked(self) -> list[Want]:
        """What it asks for by now."""
        self.wants.clear()
        self.listening.look_after(self.store, EPOCH)
        return self.wants


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    ear = Ear(tmp_path)
    yield ear
    for each in (ear.reader, ear.view, ear.store, ear.journal):
        each.close()


def passed(gate: str, passage_at_us: int) -> LedgerEntry:
    return LedgerEntry(
        gate=GateId(gate),
        passage_at_us=passage_at_us,
        recorded_at_us=passage_at_us,
        seq=Seq(1),
        person=WANG.id,
        serial=1,
        household=HOME.id,
        direction=Direction.OUT,
        how=Evidence.DOOR,
        charged_day=None,
    )


def red(base: int, revision: int) -> bytes:
    home = msgspec.structs.replace(HOME, colour=Colour.RED)
    return signed(Purpose.ROSTER_CHANGE, change(base, revision, households=(home,)))


def test_at_a_connect_the_gate_says_how_far_it_is(ear: Ear) -> None:
    ear.listening.connected()
    assert ear.asked() == [Want()]
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE), retained=True)
    ear.hear("roster-change", red(1000, 2000))
    ear.listening.connected()
    assert ear.asked() == [Want(roster=Revision(2000))]


def test_a_change_whose_base_is_missing_is_asked_for_and_nothing_is_journalled(ear: Ear) -> None:
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE))
    ear.asked()
    before = ear.items()
    ear.listening.connected()  # the last want is long ago
    ear.asked()
    ear.hear("roster-change", red(1500, 2000))
    assert ear.items() == before
    ear.listening.connected()
    assert ear.asked() == [Want(roster=Revision(1000))]
    ear.hear("roster-change", red(1000, 2000), ours=True)
    assert ear.items()[-1] == RosterItem(Revision(2000), 1)


def test_a_changed_roster_outlives_a_restart_and_takes_the_next_change(ear: Ear) -> None:
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE))
    ear.hear("roster-change", red(1000, 2000))
    ear.start()
    ear.hear("roster-change", signed(Purpose.ROSTER_CHANGE, change(2000, 3000)))
    assert ear.reader.roster_revision() == 3000
    assert len(ear.reader.roster_changes(Revision(1000))) == 2


def test_a_newer_whole_roster_takes_the_place_of_the_changes(ear: Ear) -> None:
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE))
    ear.hear("roster-change", red(1000, 2000))
    newer = msgspec.structs.replace(WHOLE, revision=Revision(3000))
    ear.hear("roster", signed(Purpose.ROSTER, newer))
    assert (ear.reader.roster_revision(), ear.reader.roster_changes(Revision(0))) == (3000, [])


def test_a_change_of_a_restored_database_is_not_laid_on_what_the_database_has_lost(
    ear: Ear,
) -> None:
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE))
    ear.hear("roster-change", red(1000, 2000))
    # The backup knows nothing of 2000: its next change rests on 1000, and says nothing of the household.
    ear.hear("roster-change", signed(Purpose.ROSTER_CHANGE, change(1000, 3000)))
    assert ear.reader.roster_revision() == 2000
    ear.listening.connected()
    assert ear.asked() == [Want(roster=Revision(2000))]
    restored = msgspec.structs.replace(WHOLE, revision=Revision(3000))
    ear.hear("roster", signed(Purpose.ROSTER, restored), ours=True)
    assert ear.items()[-1] == RosterItem(Revision(3000), 1)


def test_the_whole_roster_of_the_revision_in_force_makes_an_end_of_the_changes(ear: Ear) -> None:
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE))
    ear.hear("roster-change", red(1000, 2000))
    home = msgspec.structs.replace(HOME, colour=Colour.RED)
    whole = msgspec.structs.replace(WHOLE, revision=Revision(2000), households=(home,))
    before = ear.items()
    ear.hear("roster", signed(Purpose.ROSTER, whole), retained=True)
    assert (ear.reader.roster_revision(), ear.reader.roster_changes(Revision(0))) == (2000, [])
    assert ear.items() == before, "nothing new has come into force"
    ear.hear("roster-change", signed(Purpose.ROSTER_CHANGE, change(2000, 3000)))
    assert ear.items()[-1] == RosterItem(Revision(3000), 1)


def test_what_could_not_be_stored_is_asked_for(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.downlink.listener.WANT_EVERY_MS", 0)
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE))
    assert ear.asked() == []
    with closing(sqlite3.connect(ear.folder / "sync.db")) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON orders BEGIN SELECT raise(FAIL, 'full'); END"
        )
        other.commit()
        with pytest.raises(sqlite3.Error):
            ear.hear("roster-change", red(1000, 2000))
        other.execute("DROP TRIGGER full")
        other.commit()
    assert ear.asked() == [Want(roster=Revision(1000))]


def test_a_page_that_the_broker_has_kept_says_nothing_of_now(ear: Ear) -> None:
    ear.hear("passages", ear.written(), retained=True)
    assert ear.listening.caught_up_ms is None


def test_fault_52_an_old_roster_is_refused_but_what_the_broker_keeps_may_be_older(
    ear: Ear,
) -> None:
    whole = signed(Purpose.ROSTER, WHOLE)
    ear.hear("roster", whole)
    ear.hear("roster-change", red(1000, 2000))
    before = ear.items()
    ear.hear("roster", whole, retained=True)
    assert ear.items() == before
    ear.hear("roster", whole)
    assert isinstance(ear.items()[-1], RefusedItem)
    assert ear.reader.roster_revision() == 2000


def test_a_command_is_left_for_the_gate_once_and_never_when_the_broker_kept_it(ear: Ear) -> None:
    message = signed(Purpose.COMMAND, command())
    ear.hear("command", message, ours=True, retained=True)
    ear.hear("command", message, ours=True)
    ear.start()
    ear.hear("command", message, ours=True)
    retained, done, repeated = ear.items()
    assert isinstance(retained, RefusedItem)
    assert done == CommandItem(command())
    assert repeated == RefusedItem("command", "the command was repeated")


def test_a_flood_of_forged_commands_is_journalled_once(ear: Ear) -> None:
    forged = signed(Purpose.COMMAND, command()).replace(b"open", b"lock")
    for _ in range(200):
        ear.hear("command", forged, ours=True)
    assert len(ear.items()) == 1


def test_a_flood_of_forgeries_by_ever_other_keys_does_not_fill_the_journal(ear: Ear) -> None:
    for number in range(500):
        envelope = {"kid": f"{number:08x}" * 1000, "body": "{}", "signature": ""}
        ear.hear("command", msgspec.json.encode(envelope), ours=True)
    refused = [item for item in ear.items() if isinstance(item, RefusedItem)]
    assert 0 < len(refused) <= REFUSALS_AT_MOST
    assert max(len(item.why) for item in refused) < 100


def test_a_link_that_comes_and_goes_does_not_pile_up_the_same_passages(ear: Ear) -> None:
    for _ in range(5):
        ear.listening.connected()
        assert [want.passages for want in ear.asked()] == [""]
        ear.page("", "db:2", passed("west-in", 1))
        ear.page("db:2", "db:3", passed("west-in", 2))
    assert len(ear.items()) == 2


def test_pages_that_no_gate_takes_are_not_kept_without_end(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.store.writer.MANY_WAITING", 3)
    ear.page("", "db:1", passed("west-in", 1))
    for number in range(1, 9):
        ear.page(f"db:{number}", f"db:{number + 1}", passed("west-in", number))
    waiting = ear.inbox()
    assert [place.id for place, _ in waiting] == [1, 2, 3]
    ear.store.prune_inbox(waiting[0][0])
    ear.page("db:3", "db:4", passed("west-in", 4))
    assert ear.items()[-1] == PassagesItem("db:4", (passed("west-in", 4),))


def test_pages_of_passages_follow_on_and_the_own_ones_are_left_out(ear: Ear) -> None:
    ear.page("", "db:2", passed("west-in", 1), passed(GATE, 2))
    ear.page("db:2", "db:3", passed(GATE, 3))
    ear.page("db:3", "db:4", passed("west-in", 4))
    assert ear.items() == [
        PassagesItem("db:2", (passed("west-in", 1),)),
        PassagesItem("db:4", (passed("west-in", 4),)),
    ]


def test_a_page_that_does_not_follow_on_is_not_taken_and_the_gate_is_not_abreast(ear: Ear) -> None:
    ear.page("db:4", "db:5", passed("west-in", 5))
    assert (ear.items(), ear.listening.caught_up_ms) == ([], None)
    ear.page("", "db:5", passed("west-in", 1), passed("west-in", 5))
    assert len(ear.items()) == 1
    caught_up_ms = ear.listening.caught_up_ms
    assert caught_up_ms is not None
    ear.page("db:7", "db:8", passed("west-in", 8))
    assert (len(ear.items()), ear.listening.caught_up_ms) == (1, caught_up_ms)


@pytest.mark.parametrize(
    ("unheard", "abreast"), [((), True), ((GATE,), True), (("west-in",), False)]
)
def test_while_another_gate_is_not_heard_its_passages_may_be_missing(
    ear: Ear, unheard: tuple[GateId, ...], *, abreast: bool
) -> None:
    ear.hear("passages", ear.written(unheard=unheard))
    assert (ear.listening.caught_up_ms is not None) is abreast


def test_a_page_that_is_sent_again_does_not_say_that_the_gate_is_abreast(ear: Ear) -> None:
    page = ear.written()
    ear.hear("passages", page)
    assert ear.listening.caught_up_ms is not None
    ear.listening.caught_up_ms = None
    ear.hear("passages", page)
    assert ear.listening.caught_up_ms is None
    ear.hear("passages", ear.written())
    assert ear.listening.caught_up_ms is not None


@pytest.mark.parametrize("leaf", ["roster", "policy", "notices"])
def test_what_was_lost_on_its_way_is_missed_by_the_next_page_and_asked_for_once(
    ear: Ear, monkeypatch: pytest.MonkeyPatch, leaf: str
) -> None:
    monkeypatch.setattr("sync.downlink.listener.WANT_EVERY_MS", 0)
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE))
    ear.asked()
    ear.hear("passages", ear.written(roster=Revision(1000)))
    assert ear.asked() == [], "nothing is missing"
    ear.hear("passages", ear.written(**{"roster": Revision(1000), leaf: Revision(2000)}))
    assert ear.asked() == [Want(roster=Revision(1000), passages="db:0")]
    ear.hear("passages", ear.written(**{"roster": Revision(1000), leaf: Revision(2000)}))
    assert ear.asked() == [], "it may have come and been refused"
    ear.hear("passages", ear.written(**{"roster": Revision(1000), leaf: Revision(3000)}))
    assert len(ear.asked()) == 1


def test_what_does_not_follow_on_is_asked_for(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.downlink.listener.WANT_EVERY_MS", 0)
    ear.asked()
    ear.page("", "db:2", passed("west-in", 1))
    assert ear.asked() == []
    ear.page("db:5", "db:6", passed("west-in", 6))
    assert len(ear.asked()) == 1


def test_after_a_restart_pages_are_asked_for_from_where_the_gates_ledger_ends(ear: Ear) -> None:
    ear.page("", "db:2", passed("west-in", 1))
    ear.journal.learn([passed("west-in", 1)], "db:2")
    ear.page("db:2", "db:3", passed("west-in", 2))
    ear.start()
    ear.listening.connected()
    assert [want.passages for want in ear.asked()] == ["db:2"], (
        "what waits in the inbox may come again"
    )


def test_notices_are_kept_without_a_word_in_the_journal(ear: Ear) -> None:
    order = NoticesOrder(compound=HERE, revision=Revision(7), notices=("水质检测",))
    ear.hear("notices", signed(Purpose.NOTICES, order), retained=True)
    assert (ear.reader.order_revision(Purpose.NOTICES), ear.items()) == (7, [])


def test_the_roster_in_force_is_what_was_signed(ear: Ear) -> None:
    ear.hear("roster", signed(Purpose.ROSTER, WHOLE))
    stored = ear.reader.roster_message()
    assert stored == signed(Purpose.ROSTER, WHOLE)
    assert Roster.of(WHOLE).revision == 1000
