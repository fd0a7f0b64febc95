"""Scans and what became of them: who wanted to pass, and who did."""

import enum
from datetime import date

import msgspec

from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, HouseholdId, PersonId
from checkpoint.policy import Direction
from checkpoint.records.stamp import Stamp
from checkpoint.thermometry import Reading
from checkpoint.verdict import Flag, Reason


class Result(enum.Enum):
    """What became of a scan."""

    ADMIT = "admit"
    HOLD = "hold"
    REFUSE = "refuse"


class Basis(enum.Enum):
    """How the direction is known."""

    LANE = "lane"
    PRESENCE = "presence"
    """The other way than last time."""
    ASSUMED = "assumed"
    """No passage is known: residents are taken to be inside, others outside."""
    VOLUNTEER = "volunteer"


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """What the genuine pass said."""

    person: PersonId
    serial: int
    compound: CompoundId
    kind: Kind


class Passage(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="passage", tag_field="kind"
):
    """One scan and its verdict."""

    stamp: Stamp
    direction: Direction
    direction_basis: Basis
    result: Result
    reason: Reason | None
    """None: admitted."""
    flags: tuple[Flag, ...] = ()
    code: str
    """The first 16 hex digits of SHA-256 over the QR's text: two scans of one code can be told, its text cannot."""
    bearer: Bearer | None = None
    """None: the code was no genuine pass, so nothing that it claims is worth keeping."""
    readings: tuple[Reading, ...] = ()
    """In order; the last one is not always the one that settled it."""
    temperature_centicelsius: int | None = None
    """The settled estimate; None: not measured, or no trustworthy reading."""


class Evidence(enum.Enum):
    """How it is known whether somebody went through the opened door."""

    DOOR = "door"
    """The contact saw it move: somebody passed."""
    RELOCK = "relock"
    """There is no contact, and the lock shut again: taken for a passage."""
    UNDONE = "undone"
    """A volunteer took the admission back: nobody passed."""
    ANNULLED = "annulled"
    """The contact saw nothing within the time: nobody passed."""


class Crossing(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="crossing", tag_field="kind"
):
    """What became of an opened door: only this makes presence, and uses up outings and entries.

    The gate and ``of_us`` name it. A later one of the same name replaces it: undone un-charges.
    """

    stamp: Stamp
    passage_at_us: int = msgspec.field(name="of_us")
    """``at_us`` of the record that opened the door; also the time of the passage."""
    bearer: Bearer
    household: HouseholdId | None = None
    direction: Direction
    direction_basis: Basis
    how: Evidence
    charged_day: date | None = None
    """The day, in the compound's zone, to which an outing on the quota is charged; None: to none."""
    provisional: bool = False
    """Granted while cut off from the other gates, which may have granted one too."""

    @property
    def went_through(self) -> bool:
        """Whether somebody really went through."""
        return self.how in {Evidence.DOOR, Evidence.RELOCK}
