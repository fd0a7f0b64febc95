"""What earlier passages, at any gate of the compound, mean for the scan at hand.

A LedgerEntry is the latest word on one opened door, as a gate's ledger keeps it (sync/journal/ledger.py finds those
that bear on a scan by index). Only real passages count: the door contact saw somebody, or without one the relock
was not undone. In which order entries become known does not matter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

import msgspec

from checkpoint.ids import GateId, HouseholdId, PersonId, Seq
from checkpoint.policy import Direction
from checkpoint.records import Crossing, Evidence

OWN_GATE: Final = GateId("")
"""How a gate's ledger names the gate itself."""
_AHEAD_US: Final = 600_000_000
"""A gate cut off for a month is a few minutes off; what lies further ahead was stamped by a wrong clock."""
_EVER: Final = 2**63 - 1


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger keeps of one crossing."""

    gate: GateId
    passage_at_us: int = msgspec.field(name="of_us")
    """When the door opened. Gate and this name the crossing."""
    recorded_at_us: int = msgspec.field(name="said_us")
    """When its record was written."""
    seq: Seq
    """Place of that record in its gate's journal."""
    person: PersonId
    serial: int
    household: HouseholdId | None
    direction: Direction
    how: Evidence
    charged_day: date | None

    @classmethod
    def of(cls, gate: GateId, seq: Seq, crossing: Crossing) -> Self:
        """The entry that a record makes."""
        return cls(
            gate=gate,
            passage_at_us=crossing.passage_at_us,
            recorded_at_us=crossing.stamp.at_us,
            seq=seq,
            person=crossing.bearer.person,
            serial=crossing.bearer.serial,
            household=crossing.household,
            direction=crossing.direction,
            how=crossing.how,
            charged_day=crossing.charged_day,
        )

    @property
    def went_through(self) -> bool:
        """Whether somebody really went through."""
        return self.how in {Evidence.DOOR, Evidence.RELOCK}

    @property
    def charged(self) -> bool:
        """Whether it was an outing on the household's quota."""
        return self.direction is Direction.OUT and self.charged_day is not None

    @property
    def order(self) -> tuple[int, GateId, Seq]:
        """Later is higher."""
        return self.passage_at_us, self.gate, self.seq


@dataclass(frozen=True, slots=True)
class LastCrossing:
    """The latest time that somebody really went through a gate."""

    direction: Direction
    at_s: int
    """UTC seconds."""
    charged: bool = False
    """Going out: it was an outing on the household's quota."""


@dataclass(frozen=True, slots=True)
class History:
    """What bears on one scan; the default is a person of whom no passage is known."""

    last: LastCrossing | None = None
    """Of this person."""
    entry_used: bool = False
    """This very pass (person and serial) has come in before."""
    housemate_out: bool = False
    """Another member of the household is out on the quota."""
    last_outing_day: date | None = None
    """Of the household: the day to which its latest outing was charged."""


NO_HISTORY = History()
"""Nobody knows of any earlier passage."""


def latest_word(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """One entry a crossing: a later record replaces an earlier one, and what was undone stays undone."""
    kept: dict[tuple[GateId, int], LedgerEntry] = {}
    for entry in entries:
        before = kept.setdefault((entry.gate, entry.passage_at_us), entry)
        if _weight(entry) > _weight(before):
            kept[entry.gate, entry.passage_at_us] = entry
    return list(kept.values())


def history_of(
    entries: Iterable[LedgerEntry],
    person: PersonId,
    serial: int,
    household: HouseholdId | None,
    now_us: int | None,
) -> History:
    """What the latest words on all crossings mean for one bearer of a pass.

    ``now_us``: UTC; what is stamped well after it is not believed. None: the clock is not trusted.
    """
    until_us = _EVER if now_us is None else now_us + _AHEAD_US
    real = [entry for entry in entries if entry.went_through and entry.passage_at_us <= until_us]
    latest: dict[PersonId, LedgerEntry] = {}
    for entry in sorted(real, key=lambda entry: entry.order):
        latest[entry.person] = entry
    outings = [
        entry
        for entry in real
        if entry.charged and household is not None and entry.household == household
    ]
    last = latest.get(person)
    return History(
        last=LastCrossing(last.direction, last.passage_at_us // 1_000_000, last.charged)
        if last
        else None,
        entry_used=any(
            entry.direction is Direction.IN and (entry.person, entry.serial) == (person, serial)
            for entry in real
        ),
        housemate_out=any(
            outing.person != person and latest[outing.person] is outing for outing in outings
        ),
        last_outing_day=max(
            (outing.charged_day for outing in outings if outing.charged_day is not None),
            default=None,
        ),
    )


def _weight(entry: LedgerEntry) -> tuple[bool, int, Seq]:
    return entry.how is Evidence.UNDONE, entry.recorded_at_us, entry.seq
