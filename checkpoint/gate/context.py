"""One lane: what does not change while it runs, the circumstances of a moment, and what it can ask for.

state.py has the phases that it can be in, events.py what can happen to it, table.py the table that joins them.
Everything here is a plain value.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from checkpoint.entry_pass import Claims, Rejection
from checkpoint.ids import CompoundId, Revision
from checkpoint.people import Standing
from checkpoint.policy import Direction, Policy
from checkpoint.records import Record, Result, Stamp
from checkpoint.rules.facts import GateConditions
from checkpoint.rules.history import History
from checkpoint.verdict import Reason


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
    direction: Direction | None
    """None: people come in and go out here, and the direction of each is inferred or asked for."""
    policy: Policy
    measure_ms: int
    """How long one reading may take before the gate goes on without it."""
    unlock_ms: int
    result_ms: int
    """How long a Hold or a Refuse stays on the screen."""


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of one event."""

    lane: Lane
    monotonic_ms: int
    stamp: Stamp
    gate: GateConditions
    door_contact: bool = False
    """A contact tells when the door moves; without one, a relock counts as somebody's passage."""
    cut_off: bool = False
    """The other gates' passages may be missing: an outing is granted provisionally."""

    def local(self, at_us: int) -> datetime | None:
        """The compound's wall clock at that time; None: the clock is not to be trusted."""
        if not self.stamp.clock_synced:
            return None
        return datetime.fromtimestamp(at_us // 1_000_000, self.lane.zone)


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


class Ask(Enum):
    """What the bearer is asked for while the gate waits."""

    ONE_CODE = "one_code"
    """Several are in view."""
    DIRECTION = "direction"
    """In or out? The volunteer chooses on the screen."""
    DUTY_PASS = "duty_pass"
    """To sign on or off."""


@dataclass(frozen=True, slots=True)
class Show:
    """Change the screen."""

    face: Face
    result: Result | None = None
    reason: Reason | None = None
    standing: Standing | None = None
    temperature_centicelsius: int | None = None
    attempt: int = 0
    ask: Ask | None = None


class Objection(Enum):
    """Why the gate does not do what a volunteer asks of it."""

    NOBODY_ON_DUTY = "NOBODY_ON_DUTY"
    NOT_ON_DUTY = "NOT_ON_DUTY"
    """Somebody is, but not the one who asks."""
    REASON_MISSING = "REASON_MISSING"
    BUSY = "BUSY"
    """Somebody is being measured, or the door is open; ask again in a moment."""
    NO_SUCH_CASE = "NO_SUCH_CASE"
    NOTHING_TO_UNDO = "NOTHING_TO_UNDO"
    LOCK_DOWN = "LOCK_DOWN"
    NOT_A_DUTY_PASS = "NOT_A_DUTY_PASS"
    NOT_RECORDED = "NOT_RECORDED"
    """It cannot be written down, so it is not done."""
    OUT_OF_RANGE = "OUT_OF_RANGE"
    """A hand-held value that no thermometer for people shows."""
    COUNT_OUT_OF_RANGE = "COUNT_OUT_OF_RANGE"
    """Nobody, or more people or parcels than can be."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request of a volunteer; every request gets exactly one."""

    request: int
    objection: Objection | None = None
    """None: done."""


Effect = Measure | Keep | Unlock | Secure | Show | Reply
