"""What the rules may look at, and what one of them may find."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from checkpoint.entry_pass import Claims, Rejection
from checkpoint.ids import CompoundId
from checkpoint.people import Standing
from checkpoint.policy import Direction, Policy
from checkpoint.rules.history import History
from checkpoint.thermometry import Reading
from checkpoint.verdict import Flag, Reason


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """Whether records can be written, and how many admissions wait in memory because they could not."""

    writable: bool = True
    unwritten_admissions: int = 0


@dataclass(frozen=True, slots=True)
class GateConditions:
    """How far this gate can be relied on, and what the centre has told it; as it begins: all is in order.

    A rule on a new condition needs its field here, what kiosk.loop says of it, the rule and its reason; records, the
    screens and ``gatepost explain --suppose`` have it by that.
    """

    journal: JournalHealth = JournalHealth()
    lock_ready: bool = True
    locked_out: bool = False
    """The centre has told this gate to hold everybody."""


IN_ORDER: Final = GateConditions()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules may look at. Nothing in here is fetched while judging."""

    shown: Claims | Rejection
    standing: Standing
    history: History
    direction: Direction
    now_s: int
    """UTC seconds."""
    zone: tzinfo
    """The compound's."""
    compound: CompoundId
    policy: Policy
    clock_trusted: bool
    roster_age_s: int | None
    """None: this gate has never had a roster."""
    reading: Reading | None
    """The settled reading; None where none was taken."""
    gate: GateConditions

    @property
    def local(self) -> datetime:
        """Now by the compound's wall clock."""
        return datetime.fromtimestamp(self.now_s, self.zone)


class Outcome(enum.IntEnum):
    """What one row says; the higher wins."""

    FLAG = 0
    HOLD = 1
    REFUSE = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of the facts."""

    outcome: Outcome
    reason: Reason
    flag: Flag | None = None


Rule = Callable[[Facts], Finding | None]


def coming_in(facts: Facts, outcome: Outcome) -> Outcome:
    """The outcome on the way in; going out the row only flags."""
    return outcome if facts.direction is Direction.IN else Outcome.FLAG
