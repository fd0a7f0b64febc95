"""The life of a gate: phases, events, effects and the transition table.

A lane is in one phase at a time. READY waits for a pass. A pass that a row refuses at once goes to
REFUSED; otherwise, where the policy measures this direction, MEASURING collects readings until they
settle, or until a silent thermometer has had its time. Then the rules decide: OPEN, HELD or REFUSED.
Those three end by time, and READY follows; HELD and REFUSED also give way to the next pass, so that a
queue is never blocked by somebody sent aside.

Every verdict leaves through _conclude(): one value becomes first the record, then the lock, then the
screen. If the record could not be kept at all, RecordFailed comes back before the lock has moved,
and the admission becomes a Hold.

step() is total: TABLE has a row for every phase and event, and a row that stays says why. Effects are
data; whoever performs them stops at the first that fails. OPEN is the only phase with an open lock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from checkpoint.entry_pass import Claims, Rejection
from checkpoint.ids import CompoundId
from checkpoint.people import Standing
from checkpoint.policy import Direction, Policy
from checkpoint.records import Basis, Bearer, Passage, Record, Result, Stamp
from checkpoint.rules import (
    Admit,
    Hold,
    JournalHealth,
    Question,
    Reason,
    Refuse,
    Verdict,
    decide,
    needs_reading,
)
from checkpoint.thermometry import Reading, Temperature, settle


@dataclass(frozen=True, slots=True)
class Scan:
    """One presented code and what the gate knows about it, attached by the loop."""

    shown: Claims | Rejection
    standing: Standing
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What does not change while the gate runs."""

    compound: CompoundId
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
    roster_age_s: int | None
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


Phase = Ready | Measuring | Open | Held | Refused


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


Event = PassShown | SeveralCodes | ReadingTaken | Tick | RecordFailed


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


Effect = Measure | Keep | Unlock | Show
Step = tuple[Phase, tuple[Effect, ...]]


def step(phase: Phase, event: Event, moment: Moment) -> Step:
    """The next phase and what is to be done, in order."""
    return TABLE[type(phase), type(event)].handle(phase, event, moment)


def _begin(_: Phase, event: PassShown, moment: Moment) -> Step:
    if needs_reading(_question(event.scan, None, moment)):
        return _measure(event.scan, (), moment)
    return _conclude(event.scan, (), None, moment)


def _measure(scan: Scan, readings: tuple[Reading, ...], moment: Moment) -> Step:
    asked_ms = moment.monotonic_ms
    show = Show(Face.CHECKING, standing=scan.standing, attempt=len(readings) + 1)
    return Measuring(scan, readings, asked_ms), (Measure(asked_ms), show)


def _ask_for_one(_: Phase, __: SeveralCodes, ___: Moment) -> Step:
    return Ready(), (Show(Face.READY, one_at_a_time=True),)


def _take_reading(phase: Measuring, event: ReadingTaken, moment: Moment) -> Step:
    if event.asked_ms != phase.asked_ms:
        return phase, ()
    readings = (*phase.readings, event.reading)
    settled = settle(readings)
    if settled is None:
        return _measure(phase.scan, readings, moment)
    return _conclude(phase.scan, readings, settled, moment)


def _give_up(phase: Measuring, _: Tick, moment: Moment) -> Step:
    """No reading at all is no temperature: row 15 holds."""
    if moment.monotonic_ms < phase.asked_ms + moment.lane.measure_ms:
        return phase, ()
    return _conclude(phase.scan, phase.readings, None, moment)


def _expire(phase: Open | Held | Refused, _: Tick, moment: Moment) -> Step:
    if moment.monotonic_ms < phase.until_ms:
        return phase, ()
    return Ready(), (Show(Face.READY),)


def _withdraw(phase: Open, _: RecordFailed, moment: Moment) -> Step:
    """Nothing was written and nothing was opened: the same scan as a Hold, which only the screen can tell."""
    verdict = Hold(Reason.JOURNAL_DOWN)
    until_ms = moment.monotonic_ms + moment.lane.result_ms
    return Held(verdict, until_ms), (_show(phase.scan, verdict, None),)


def _stay(phase: Phase, _: Event, __: Moment) -> Step:
    return phase, ()


def _conclude(
    scan: Scan, readings: tuple[Reading, ...], settled: Reading | None, moment: Moment
) -> Step:
    """Where a verdict becomes a record, a movement of the lock and a picture: once, in this order."""
    verdict = decide(_question(scan, settled, moment))
    keep = Keep(_passage(scan, readings, settled, verdict, moment))
    show = _show(scan, verdict, settled)
    until_ms = moment.monotonic_ms + moment.lane.result_ms
    match verdict:
        case Admit():
            unlock_ms = moment.lane.unlock_ms
            opened = Open(scan, readings, moment.monotonic_ms + unlock_ms)
            return opened, (keep, Unlock(unlock_ms), show)
        case Hold():
            return Held(verdict, until_ms), (keep, show)
        case Refuse():
            return Refused(verdict, until_ms), (keep, show)


def _question(scan: Scan, settled: Reading | None, moment: Moment) -> Question:
    return Question(
        shown=scan.shown,
        standing=scan.standing,
        direction=moment.lane.direction,
        now_s=moment.stamp.at_us // 1_000_000,
        compound=moment.lane.compound,
        policy=moment.lane.policy,
        clock_trusted=moment.stamp.clock_synced,
        roster_age_s=moment.roster_age_s,
        reading=settled,
        journal=moment.journal,
        lock_ready=moment.lock_ready,
    )


def _passage(
    scan: Scan,
    readings: tuple[Reading, ...],
    settled: Reading | None,
    verdict: Verdict,
    moment: Moment,
) -> Passage:
    return Passage(
        stamp=moment.stamp,
        direction=moment.lane.direction,
        direction_basis=Basis.LANE,
        result=_result(verdict),
        reason=_reason(verdict),
        flags=tuple(sorted(verdict.flags)),
        code=scan.fingerprint,
        bearer=_bearer(scan.shown),
        readings=readings,
        temperature_centicelsius=_estimate(settled),
    )


def _show(scan: Scan, verdict: Verdict, settled: Reading | None) -> Show:
    reason = _reason(verdict)
    stop = Face.STOP_FEVER if reason is Reason.FEVER else Face.STOP
    return Show(
        Face.PASS if reason is None else stop,
        result=_result(verdict),
        reason=reason,
        standing=scan.standing,
        temperature_centicelsius=_estimate(settled),
    )


def _bearer(shown: Claims | Rejection) -> Bearer | None:
    if isinstance(shown, Rejection):
        return None
    return Bearer(
        person=shown.person,
        serial=shown.serial,
        compound=shown.compound,
        kind=shown.kind.name.lower(),
    )


def _estimate(settled: Reading | None) -> int | None:
    """What may be shown and recorded as the temperature: not what a cold or hot site made of it."""
    if settled is None or settled.outcome is Temperature.AMBIENT_OUT_OF_RANGE:
        return None
    return settled.estimate_centicelsius


def _result(verdict: Verdict) -> Result:
    match verdict:
        case Admit():
            return Result.ADMIT
        case Hold():
            return Result.HOLD
        case Refuse():
            return Result.REFUSE


def _reason(verdict: Verdict) -> Reason | None:
    return None if isinstance(verdict, Admit) else verdict.reason


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    handle: Callable[..., Step]
    leads_to: tuple[type[Phase], ...]
    does: str


_BEGIN: Final = Transition(
    _begin, (Measuring, Open, Held, Refused), "begin: measure where it can matter, else decide"
)
_ONE: Final = Transition(_ask_for_one, (Ready,), "ask for one code alone")
_BUSY: Final = "stay: busy, the code is taken up when the gate is free"
_LATE: Final = "stay: an answer nobody waits for any more"
_NONE: Final = "stay: nothing was to be recorded"


def _stays(phase: type[Phase], why: str) -> Transition:
    return Transition(_stay, (phase,), why)


TABLE: Final[dict[tuple[type[Phase], type[Event]], Transition]] = {
    (Ready, PassShown): _BEGIN,
    (Ready, SeveralCodes): _ONE,
    (Ready, ReadingTaken): _stays(Ready, _LATE),
    (Ready, Tick): _stays(Ready, "stay: waiting"),
    (Ready, RecordFailed): _stays(Ready, _NONE),
    (Measuring, PassShown): _stays(Measuring, _BUSY),
    (Measuring, SeveralCodes): _stays(Measuring, _BUSY),
    (Measuring, ReadingTaken): Transition(
        _take_reading, (Measuring, Open, Held, Refused), "measure again until settled, then decide"
    ),
    (Measuring, Tick): Transition(
        _give_up, (Measuring, Held, Refused), "decide without a reading once its time is over"
    ),
    (Measuring, RecordFailed): _stays(Measuring, _NONE),
    (Open, PassShown): _stays(Open, _BUSY),
    (Open, SeveralCodes): _stays(Open, _BUSY),
    (Open, ReadingTaken): _stays(Open, _LATE),
    (Open, Tick): Transition(_expire, (Open, Ready), "ready again once the time is over"),
    (Open, RecordFailed): Transition(_withdraw, (Held,), "hold instead: the lock has not moved"),
    (Held, PassShown): _BEGIN,
    (Held, SeveralCodes): _ONE,
    (Held, ReadingTaken): _stays(Held, _LATE),
    (Held, Tick): Transition(_expire, (Held, Ready), "ready again once the time is over"),
    (Held, RecordFailed): _stays(Held, "stay: the lock is shut anyway"),
    (Refused, PassShown): _BEGIN,
    (Refused, SeveralCodes): _ONE,
    (Refused, ReadingTaken): _stays(Refused, _LATE),
    (Refused, Tick): Transition(_expire, (Refused, Ready), "ready again once the time is over"),
    (Refused, RecordFailed): _stays(Refused, "stay: the lock is shut anyway"),
}


def is_free(phase: Phase) -> bool:
    """Whether the next pass would be taken up now."""
    return TABLE[type(phase), PassShown] is _BEGIN
