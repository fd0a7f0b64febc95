"""The life of a gate: phases, events, effects and the transition table.

A lane is in one phase at a time. READY waits for a pass. A pass that a row refuses at once goes to
REFUSED; otherwise, where the policy measures this direction, MEASURING collects readings until they
settle, or until a silent thermometer has had its time. Then the rules decide: OPEN, HELD or REFUSED.
Those three end by time, and READY follows; HELD and REFUSED also give way to the next pass, so that a
queue is never blocked by somebody sent aside. Several codes in view at once lead to ASKING for one.

Every verdict leaves through _conclude(): one value becomes first the record, then the lock, then the
screen. If the record could not be kept at all, RecordFailed comes back before the lock has moved, and
the admission becomes a Hold; if the lock then fails, a second record takes the admission back. Whoever
leaves OPEN shuts the lock, although its own timer has done so or will.

step() is total: TABLE has a row for every phase and event, and a row that stays says why. Effects are
data; whoever performs them stops at the first that fails. OPEN is the only phase with an open lock.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from checkpoint.conclusion import passage_of, question_of, show_of
from checkpoint.lane import (
    Asking,
    Effect,
    Event,
    Face,
    Held,
    Keep,
    LockFailed,
    Measure,
    Measuring,
    Moment,
    Open,
    PassShown,
    Phase,
    ReadingTaken,
    Ready,
    RecordFailed,
    Refused,
    Scan,
    Secure,
    SeveralCodes,
    Show,
    Tick,
    Unlock,
)
from checkpoint.rules import decide, needs_reading
from checkpoint.thermometry import Reading, settle, uncontradicted_fever
from checkpoint.verdict import Admit, Hold, Reason, Refuse

Step = tuple[Phase, tuple[Effect, ...]]


def step(phase: Phase, event: Event, moment: Moment) -> Step:
    """The next phase and what is to be done, in order."""
    return TABLE[type(phase), type(event)].handle(phase, event, moment)


def _begin(_: Phase, event: PassShown, moment: Moment) -> Step:
    if needs_reading(question_of(event.scan, None, moment)):
        return _measure(event.scan, (), moment)
    return _conclude(event.scan, (), None, moment)


def _measure(scan: Scan, readings: tuple[Reading, ...], moment: Moment) -> Step:
    asked_ms = moment.monotonic_ms
    show = Show(Face.CHECKING, standing=scan.standing, attempt=len(readings) + 1)
    return Measuring(scan, readings, asked_ms), (Measure(asked_ms), show)


def _ask_for_one(_: Phase, __: SeveralCodes, moment: Moment) -> Step:
    until_ms = moment.monotonic_ms + moment.lane.result_ms
    return Asking(until_ms), (Show(Face.READY, one_at_a_time=True),)


def _take_reading(phase: Measuring, event: ReadingTaken, moment: Moment) -> Step:
    if event.asked_ms != phase.asked_ms:
        return phase, ()
    readings = (*phase.readings, event.reading)
    settled = settle(readings)
    if settled is None:
        return _measure(phase.scan, readings, moment)
    return _conclude(phase.scan, readings, settled, moment)


def _give_up(phase: Measuring, _: Tick, moment: Moment) -> Step:
    """A thermometer that fell silent: no reading is no temperature (row 15), a fever stays one (row 16)."""
    if moment.monotonic_ms < phase.asked_ms + moment.lane.measure_ms:
        return phase, ()
    fever = uncontradicted_fever(phase.readings)
    return _conclude(phase.scan, phase.readings, fever, moment)


def _expire(phase: Held | Refused | Asking, _: Tick, moment: Moment) -> Step:
    if moment.monotonic_ms < phase.until_ms:
        return phase, ()
    return Ready(), (Show(Face.READY),)


def _shut(phase: Open, _: Tick, moment: Moment) -> Step:
    if moment.monotonic_ms < phase.until_ms:
        return phase, ()
    return Ready(), (Secure(), Show(Face.READY))


def _hold_unwritten(phase: Open, _: RecordFailed, moment: Moment) -> Step:
    """Nothing was written and nothing was opened: only the screen can tell."""
    verdict = Hold(Reason.JOURNAL_DOWN)
    until_ms = moment.monotonic_ms + moment.lane.result_ms
    return Held(verdict, until_ms), (show_of(phase.scan, verdict, None),)


def _take_back(phase: Open, _: LockFailed, moment: Moment) -> Step:
    """The same scan judged again, now that the lock is known to be down (row 22)."""
    settled = settle(phase.readings) if phase.readings else None
    return _conclude(phase.scan, phase.readings, settled, replace(moment, lock_ready=False))


def _stay(phase: Phase, _: Event, __: Moment) -> Step:
    return phase, ()


def _conclude(
    scan: Scan, readings: tuple[Reading, ...], settled: Reading | None, moment: Moment
) -> Step:
    """Where a verdict becomes a record, a movement of the lock and a picture: once, in this order."""
    verdict = decide(question_of(scan, settled, moment))
    keep = Keep(passage_of(scan, readings, settled, verdict, moment))
    show = show_of(scan, verdict, settled)
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


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    handle: Callable[..., Step]
    leads_to: tuple[type[Phase], ...]
    does: str


_BEGIN: Final = Transition(
    _begin, (Measuring, Open, Held, Refused), "begin: measure where it can matter, else decide"
)
_ONE: Final = Transition(_ask_for_one, (Asking,), "ask for one code alone")
_BUSY: Final = "stay: busy, the code is taken up when the gate is free"
_LATE: Final = "stay: an answer nobody waits for any more"
_NONE: Final = "stay: nothing was to be recorded"


_OVER: Final = "ready again once the time is over"
_NOT_OPEN: Final = "stay: the lock is shut anyway"


def _stays(phase: type[Phase], why: str) -> Transition:
    return Transition(_stay, (phase,), why)


TABLE: Final[dict[tuple[type[Phase], type[Event]], Transition]] = {
    (Ready, PassShown): _BEGIN,
    (Ready, SeveralCodes): _ONE,
    (Ready, ReadingTaken): _stays(Ready, _LATE),
    (Ready, Tick): _stays(Ready, "stay: waiting"),
    (Ready, RecordFailed): _stays(Ready, _NONE),
    (Ready, LockFailed): _stays(Ready, _NOT_OPEN),
    (Measuring, PassShown): _stays(Measuring, _BUSY),
    (Measuring, SeveralCodes): _stays(Measuring, _BUSY),
    (Measuring, ReadingTaken): Transition(
        _take_reading, (Measuring, Open, Held, Refused), "measure again until settled, then decide"
    ),
    (Measuring, Tick): Transition(
        _give_up, (Measuring, Held, Refused), "decide without another reading once its time is over"
    ),
    (Measuring, RecordFailed): _stays(Measuring, _NONE),
    (Measuring, LockFailed): _stays(Measuring, _NOT_OPEN),
    (Open, PassShown): _stays(Open, _BUSY),
    (Open, SeveralCodes): _stays(Open, _BUSY),
    (Open, ReadingTaken): _stays(Open, _LATE),
    (Open, Tick): Transition(_shut, (Open, Ready), "shut, and ready again, once the time is over"),
    (Open, RecordFailed): Transition(_hold_unwritten, (Held,), "hold: the lock has not moved"),
    (Open, LockFailed): Transition(_take_back, (Held,), "take the admission back and hold"),
    (Held, PassShown): _BEGIN,
    (Held, SeveralCodes): _ONE,
    (Held, ReadingTaken): _stays(Held, _LATE),
    (Held, Tick): Transition(_expire, (Held, Ready), _OVER),
    (Held, RecordFailed): _stays(Held, _NOT_OPEN),
    (Held, LockFailed): _stays(Held, _NOT_OPEN),
    (Refused, PassShown): _BEGIN,
    (Refused, SeveralCodes): _ONE,
    (Refused, ReadingTaken): _stays(Refused, _LATE),
    (Refused, Tick): Transition(_expire, (Refused, Ready), _OVER),
    (Refused, RecordFailed): _stays(Refused, _NOT_OPEN),
    (Refused, LockFailed): _stays(Refused, _NOT_OPEN),
    (Asking, PassShown): _BEGIN,
    (Asking, SeveralCodes): _ONE,
    (Asking, ReadingTaken): _stays(Asking, _LATE),
    (Asking, Tick): Transition(_expire, (Asking, Ready), _OVER),
    (Asking, RecordFailed): _stays(Asking, _NONE),
    (Asking, LockFailed): _stays(Asking, _NOT_OPEN),
}


def is_free(phase: Phase) -> bool:
    """Whether the next pass would be taken up now."""
    return TABLE[type(phase), PassShown] is _BEGIN
