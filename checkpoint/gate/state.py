"""The phases of a lane, and all that a gate remembers from one event to the next."""

from dataclasses import dataclass

from checkpoint.gate.context import Scan
from checkpoint.ids import PersonId
from checkpoint.policy import Direction
from checkpoint.records import Basis, Cause, DoorState, Visit
from checkpoint.thermometry import Reading
from checkpoint.verdict import Hold, Refuse


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who wants to go through, and which way."""

    scan: Scan
    direction: Direction
    basis: Basis


@dataclass(frozen=True, slots=True)
class Opening:
    """Why the door is open, and for whom."""

    cause: Cause
    passage_at_us: int
    """``at_us`` of the record that says so: the opening's name at this gate."""
    attempt: Attempt | None = None
    """None: for nobody whom the gate knows."""
    readings: tuple[Reading, ...] = ()
    interrupted: Scan | None = None
    """Whoever was being served when the door had to be opened for another reason; begun anew afterwards."""
    went_through: bool = False
    """The door contact saw it move."""
    case: "Case | None" = None
    """The case that was closed by it, should the door not move."""


# Phases


@dataclass(frozen=True, slots=True)
class Ready:
    """Nobody is being served."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Several codes are in view; the bearer is asked for one."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class Choosing:
    """The way somebody goes is only guessed, and they would be stopped for it: In or Out?"""

    scan: Scan
    until_ms: int


@dataclass(frozen=True, slots=True)
class Signing:
    """A volunteer is about to show the duty pass."""

    on: bool
    request: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Measuring:
    """A pass is in hand and its bearer's temperature is being taken."""

    attempt: Attempt
    readings: tuple[Reading, ...]
    asked_ms: int
    """When the reading that is awaited was asked for: an answer to an older question is not taken."""


@dataclass(frozen=True, slots=True)
class Open:
    """The lock is released until then."""

    opening: Opening
    until_ms: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The lock is shut; a door that was pulled in the last moment still counts."""

    opening: Opening
    until_ms: int


@dataclass(frozen=True, slots=True)
class Held:
    """The volunteer decides; the lock is shut."""

    verdict: Hold
    until_ms: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The lock is shut."""

    verdict: Refuse
    until_ms: int


Phase = Ready | Asking | Choosing | Signing | Measuring | Open | Closing | Held | Refused


# What outlives a phase


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody held, until a volunteer has decided."""

    passage_at_us: int
    """``at_us`` of the Passage: the case's name at this gate."""
    attempt: Attempt
    verdict: Hold
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Undoable:
    """The last thing that a volunteer may still take back."""

    done: Opening | Case | Visit
    """An opening, a denied case, or a registration."""
    passage_at_us: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class GateState:
    """All that a gate remembers."""

    phase: Phase = Ready()
    cases: tuple[Case, ...] = ()
    """Newest last."""
    on_duty: tuple[PersonId, ...] = ()
    """In the order in which they signed on."""
    undoable: Undoable | None = None
    door_opened_ms: int | None = None
    """Since when the door stands open; None: it is shut, or there is no contact."""
    door_alarm: DoorState | None = None
    """FORCED or HELD, once that has been said; None: nothing is wrong."""
    unmoved: int = 0
    """Admissions running after which the door did not move."""
