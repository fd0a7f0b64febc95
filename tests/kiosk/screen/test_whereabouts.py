"""The counts beside the lane: who came today, and who is inside by the crossings of all gates."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database

from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, GateId, HouseholdId, PersonId, Revision, Seq
from checkpoint.people import Household, Resident, Roster, RosterDocument
from checkpoint.policy import Direction
from checkpoint.records import Evidence
from checkpoint.rules.history import OWN_GATE, LedgerEntry
from kiosk.screen.surroundings import Counts, count
from sync.journal.ledger import create, enter

_IN, _OUT = Direction.IN, Direction.OUT
_NOON_S = 1_772_337_600  # 2026-03-01 12:00 in Shanghai
_OTHER = GateId("west-in")
_HOME = Household(id=HouseholdId("H1"), building="1", unit="101")
Crossed = tuple[str, Direction, int, GateId, Evidence]


def _roster() -> Roster:
    people = [("R1", Kind.RESIDENT), ("R2", Kind.RESIDENT), ("D1", Kind.DUTY), ("W1", Kind.WORKER)]
    residents = tuple(
        Resident(id=PersonId(id_), name="王*", household=_HOME.id, kind=kind)
        for id_, kind in people
    )
    document = RosterDocument(
        compound=CompoundId(1), revision=Revision(1), households=(_HOME,), residents=residents
    )
    return Roster.of(document)


@pytest.mark.parametrize(
    ("crossed", "expected"),
    [
        ([], Counts(0, 0, 3, 0)),
        ([("R1", _OUT, -60, OWN_GATE, Evidence.DOOR)], Counts(0, 1, 2, 1)),
        (
            [
                ("R1", _OUT, -90, OWN_GATE, Evidence.DOOR),
                ("R1", _IN, -30, _OTHER, Evidence.RELOCK),
            ],
            Counts(0, 1, 3, 0),
        ),
        ([("R1", _OUT, -60, OWN_GATE, Evidence.UNDONE)], Counts(0, 0, 3, 0)),
        ([("R2", _OUT, -86_400, OWN_GATE, Evidence.DOOR)], Counts(0, 0, 2, 1)),
        ([("W1", _IN, -60, OWN_GATE, Evidence.DOOR)], Counts(1, 0, 4, 0)),
        ([("W1", _OUT, -60, OWN_GATE, Evidence.DOOR)], Counts(0, 1, 3, 0)),
    ],
)
def test_whoever_lives_here_is_inside_until_seen_to_go_and_anybody_else_only_when_seen_to_come(
    crossed: list[Crossed], expected: Counts, tmp_path: Path
) -> None:
    database = Database(tmp_path / "journal.db")
    create(database)
    for number, (person, direction, after_s, gate, how) in enumerate(crossed):
        at_us = (_NOON_S + after_s) * 1_000_000
        entry = LedgerEntry(
            gate=gate,
            passage_at_us=at_us,
            recorded_at_us=at_us,
            seq=Seq(number + 1),
            person=PersonId(person),
            serial=1,
            household=_HOME.id,
            direction=direction,
            how=how,
            charged_day=None,
        )
        with database.conn as connection:
            enter(connection, entry)
    database.close()
    zone = ZoneInfo("Asia/Shanghai")
    assert count(tmp_path, zone, _NOON_S, _roster()) == expected
    alone = count(tmp_path, zone, _NOON_S, None)
    assert (alone.inside, alone.outside) == (None, None)


def test_a_journal_that_cannot_be_asked_counts_nobody(tmp_path: Path) -> None:
    assert count(tmp_path, ZoneInfo("Asia/Shanghai"), _NOON_S, _roster()) == Counts()
