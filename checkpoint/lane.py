"""The words of a lane: the phases it can be in, what can happen to it, and what it can ask for.

gate.py has the table that joins them. Everything here is a plain value.
"""

from dataclasses import dataclass
from datetime import tzinfo
from enum import Enum

from checkpoint.entry_pass import Claims, Rejection
from checkpoint.history import History
from checkpoint.ids import CompoundId, Revision
from checkpoint.people import Standing
from checkpoint.policy import Direction, Policy
from checkpoint.question import JournalHealth
from checkpoint.records import Record, Result, Stamp
from checkpoint.thermometry import Reading
from checkpoint.verdict import Hold, Reason, Refuse


@dataclass(frozen=True, slots=True)
class Scan:
    """One presented code and what the gate knows about it, attached by the loop."""

    shown: Claims | Rejection
    standing: Standing
    fingerprint: str
    history: History
    roster_revision: Revision | None
    """The roster that ``standing`` comes from, by which the scan is judged to its end; None: there has been none."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What does not change while the gate runs."""

    compound: CompoundId
    zone: tzinfo
    direction: Direction
    policy: Policy
    measure_ms: int
    """How long one reading may take before the gate goes on without it."""
    unlock_ms: int
    result_ms: int
    """How long a Hold or a Refuse stays on the screen."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The circumstances of one event."""

    lane: Lane
    monotonic_ms: int
    stamp: Stamp
    journal: JournalHealth
    lock_ready: bool


# Phases


@dataclass(frozen=True, slots=True)
class Ready:
    """Nobody is being served."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """A pass is in hand and its bearer's temperature is being taken."""

    scan: Scan
    readings: tuple[Reading, ...]
    asked_ms: int
    """When the reading that is awaited was asked for: an answer to an older question is not taken."""


@dataclass(frozen=True, slots=True)
class Open:
    """Admitted; the lock is released until then."""

    scan: Scan
    readings: tuple[Reading, ...]
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


@dataclass(frozen=True, slots=True)
class Asking:
    """Several codes are in view; the bearer is asked for one."""

    until_ms: int


Phase = Ready | Measuring | Open | Held | Refused | Asking


# Events


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
    """The verdict could be kept neither on disk nor within the policy's number in memory."""


@dataclass(frozen=True, slots=True)
class LockFailed:
    """The lock did not do what it was told."""


Event = PassShown | SeveralCodes | ReadingTaken | Tick | RecordFailed | LockFailed


# Effects


@dataclass(frozen=True, slots=True)
class Measure:
    """Take the bearer's temperature; the answer names the time at which it was asked for."""

    asked_ms: int


@dataclass(frozen=True, slots=True)
class Keep:
    """Journal this; what follows may only happen once it is kept."""

    record: Record


@dataclass(frozen=True, slots=True)
class Unlock:
    """Release the lock; it shuts by its own timer."""

    milliseconds: int


@dataclass(frozen=True, slots=True)
class Secure:
    """Shut the lock now."""


class Face(Enum):
    """What the whole screen says at one glance."""

    READY = "ready"
    CHECKING = "checking"
    PASS = "pass"
    STOP_FEVER = "stop-fever"
    STOP = "stop"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Show:
    """Change the screen."""

    face: Face
    result: Result | None = None
    reason: Reason | None = None
    standing: Standing | None = None
    temperature_centicelsius: int | None = None
    attempt: int = 0
    one_at_a_time: bool = False


Effect = Measure | Keep | Unlock | Secure | Show
