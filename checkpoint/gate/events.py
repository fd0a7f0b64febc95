"""What can happen to a lane: at the lane itself, at the door, and by a volunteer's hand.

Every request of a volunteer carries a number, under which it is answered (lane.Reply).
"""

from dataclasses import dataclass

from checkpoint.gate.context import Scan
from checkpoint.ids import HouseholdId, PersonId
from checkpoint.policy import Direction
from checkpoint.records import Cause, Record, Visiting
from checkpoint.thermometry import Reading


@dataclass(frozen=True, slots=True)
class PassShown:
    """One code came into view."""

    scan: Scan


@dataclass(frozen=True, slots=True)
class SeveralCodes:
    """More than one code is in view."""


@dataclass(frozen=True, slots=True)
class ReadingTaken:
    """The thermometer has answered, or has given up."""

    reading: Reading
    asked_ms: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class RecordFailed:
    """This record could be kept neither on disk nor within the policy's number in memory."""

    record: Record


@dataclass(frozen=True, slots=True)
class LockFailed:
    """The lock did not do what it was told."""


@dataclass(frozen=True, slots=True)
class DoorMoved:
    """The door contact changed."""

    is_open: bool
    found_so: bool = False
    """Nobody saw it move: so it stood when the contact was found, at the start or after a loss."""


@dataclass(frozen=True, slots=True)
class OpeningAsked:
    """The door is to open without a verdict: exit button, remote command, emergency."""

    cause: Cause
    by: str = ""
    """Who, as far as it is known: a remote command's issuer."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RemeasureAsked:
    """The centre wants the temperature of somebody who is held once more."""

    case: int


# Requests of a volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What every request has."""

    request: int
    by: PersonId | None = None
    """Who asks; None: whoever signed on last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionChosen(Request):
    """In or Out, on a lane that both ways share."""

    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitCase(Request):
    """Let somebody through who is held."""

    case: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyCase(Request):
    """Send somebody away who is held."""

    case: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remeasure(Request):
    """Take the temperature of somebody who is held once more."""

    case: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandHeld(Request):
    """The value that a hand-held thermometer shows for somebody who is held."""

    case: int
    centicelsius: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDoor(Request):
    """Open for somebody of whom the gate knows nothing."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutDoor(Request):
    """Shut before the time is over; nobody needs to be on duty for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Request):
    """Take back the last admission, denial or registration, within 30 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign(Request):
    """Sign on or off: the next pass shown is the volunteer's own."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Request):
    """A visitor, a delivery or a vehicle without a pass."""

    visiting: Visiting
    household: HouseholdId | None
    purpose: str
    sealed: str = ""
    """Name and phone, sealed to the centre; the gate cannot read them again."""
    count: int = 1
    plate: str = ""
    centicelsius: int | None = None
    """The hand-held value; None: not measured."""
    admit: bool = False
    """Open the door now; never for a delivery."""


VolunteerRequest = (
    DirectionChosen
    | AdmitCase
    | DenyCase
    | Remeasure
    | HandHeld
    | OpenDoor
    | ShutDoor
    | Undo
    | Sign
    | Register
)
Event = (
    PassShown
    | SeveralCodes
    | ReadingTaken
    | Tick
    | RecordFailed
    | LockFailed
    | DoorMoved
    | OpeningAsked
    | RemeasureAsked
    | VolunteerRequest
)
