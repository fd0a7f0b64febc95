"""From a shown pass to a verdict: which way its bearer goes, measuring, deciding.

Where a lane's direction is shared it is the other one than last time, or, for somebody of whom no passage is
known, out for those who live here and in for all others. A guess only ever lets somebody through: where
it would stop them, they are asked first.
"""

from dataclasses import replace
from typing import Final

from checkpoint.entry_pass import Kind
from checkpoint.gate.context import Ask, Context, Effect, Face, Keep, Measure, Reply, Scan, Show
from checkpoint.gate.decision import facts_of, passage_of, show_of
from checkpoint.gate.door import open_door
from checkpoint.gate.events import DirectionChosen, PassShown, ReadingTaken, SeveralCodes, Tick
from checkpoint.gate.state import (
    Asking,
    Attempt,
    Case,
    Choosing,
    GateState,
    Held,
    Measuring,
    Opening,
    Ready,
    Refused,
)
from checkpoint.policy import Direction
from checkpoint.records import Basis, Cause
from checkpoint.rules.table import decide, needs_reading, rests_on_direction
from checkpoint.thermometry import Reading, decisive_reading, uncontradicted_fever
from checkpoint.verdict import Admit, Hold, Reason, Refuse

Step = tuple[GateState, tuple[Effect, ...]]

ASK_MS: Final = 15_000
"""How long the gate waits for somebody to choose a direction or to show a duty pass."""
MAX_CASES: Final = 50
_GUESSED: Final = {Basis.PRESENCE, Basis.ASSUMED}
_LIVE_HERE: Final = {Kind.RESIDENT, Kind.DUTY}


def begin(state: GateState, event: PassShown, context: Context) -> Step:
    """Somebody shows a pass."""
    return arrive(state, event.scan, context)


def arrive(state: GateState, scan: Scan, context: Context) -> Step:
    """Serve the bearer of this pass from the beginning."""
    attempt = _attempt(scan, context)
    facts = facts_of(attempt, None, context)
    if attempt.basis in _GUESSED and rests_on_direction(facts):
        waiting = Choosing(scan, context.monotonic_ms + ASK_MS)
        show = Show(Face.READY, standing=scan.standing, ask=Ask.DIRECTION)
        return replace(state, phase=waiting), (show,)
    return _go_on(state, attempt, context)


def choose(state: GateState, event: DirectionChosen, context: Context) -> Step:
    """In or Out has been said. In Choosing only."""
    assert isinstance(state.phase, Choosing)  # noqa: S101 (the table's row says so)
    attempt = Attempt(state.phase.scan, event.direction, Basis.VOLUNTEER)
    state, effects = _go_on(state, attempt, context)
    return state, (*effects, Reply(event.request))


def ask_for_one(state: GateState, _: SeveralCodes, context: Context) -> Step:
    """Two codes at once: nobody can tell whose turn it is."""
    waiting = Asking(context.monotonic_ms + context.lane.result_ms)
    return replace(state, phase=waiting), (Show(Face.READY, ask=Ask.ONE_CODE),)


def measure(
    state: GateState, attempt: Attempt, readings: tuple[Reading, ...], context: Context
) -> Step:
    """Ask for one more reading."""
    asked_ms = context.monotonic_ms
    show = Show(Face.CHECKING, standing=attempt.scan.standing, attempt=len(readings) + 1)
    measuring = Measuring(attempt, readings, asked_ms)
    return replace(state, phase=measuring), (Measure(asked_ms), show)


def take_reading(state: GateState, event: ReadingTaken, context: Context) -> Step:
    """One reading is there; the next is asked for until they settle. In Measuring only."""
    phase = state.phase
    if not isinstance(phase, Measuring) or event.asked_ms != phase.asked_ms:
        return state, ()
    readings = (*phase.readings, event.reading)
    decisive = decisive_reading(readings)
    if decisive is None:
        return measure(state, phase.attempt, readings, context)
    return conclude(state, phase.attempt, readings, decisive, context)


def give_up(state: GateState, _: Tick, context: Context) -> Step:
    """A thermometer that fell silent: no reading is no temperature (row 15), a fever stays one (row 16)."""
    phase = state.phase
    if not isinstance(phase, Measuring):
        return state, ()
    if context.monotonic_ms < phase.asked_ms + context.lane.measure_ms:
        return state, ()
    fever = uncontradicted_fever(phase.readings)
    return conclude(state, phase.attempt, phase.readings, fever, context)


def conclude(
    state: GateState,
    attempt: Attempt,
    readings: tuple[Reading, ...],
    decisive: Reading | None,
    context: Context,
) -> Step:
    """Where a verdict becomes a record, a movement of the lock and a picture: once, in this order."""
    verdict = decide(facts_of(attempt, decisive, context))
    keep = Keep(passage_of(attempt, readings, decisive, verdict, context))
    show = show_of(attempt.scan, verdict, decisive)
    until_ms = context.monotonic_ms + context.lane.result_ms
    state = _without_cases_of(state, attempt)
    match verdict:
        case Admit():
            opening = Opening(Cause.ADMIT, context.stamp.at_us, attempt, readings)
            return open_door(state, opening, (keep,), (show,), context)
        case Hold():
            case = Case(context.stamp.at_us, attempt, verdict, readings)
            cases = (*state.cases, case)[-MAX_CASES:]
            return replace(state, phase=Held(verdict, until_ms), cases=cases), (keep, show)
        case Refuse():
            return replace(state, phase=Refused(verdict, until_ms)), (keep, show)


def hold_unwritten(state: GateState, opening: Opening, context: Context) -> Step:
    """Nothing was written and nothing was opened: only the screen, and the queue, can tell."""
    verdict = Hold(Reason.JOURNAL_DOWN)
    held = Held(verdict, context.monotonic_ms + context.lane.result_ms)
    if opening.attempt is None:
        return replace(state, phase=held), (Show(Face.STOP, reason=Reason.JOURNAL_DOWN),)
    case = opening.case or Case(opening.passage_at_us, opening.attempt, verdict, opening.readings)
    state = _without_cases_of(state, opening.attempt)
    show = show_of(opening.attempt.scan, verdict, None)
    return replace(state, phase=held, cases=(*state.cases, case)), (show,)


def expire(state: GateState, _: Tick, context: Context) -> Step:
    """A result, or a wait, has had its time."""
    phase = state.phase
    if (
        not isinstance(phase, Held | Refused | Asking | Choosing)
        or context.monotonic_ms < phase.until_ms
    ):
        return state, ()
    return replace(state, phase=Ready()), (Show(Face.READY),)


def _go_on(state: GateState, attempt: Attempt, context: Context) -> Step:
    if needs_reading(facts_of(attempt, None, context)):
        return measure(state, attempt, (), context)
    return conclude(state, attempt, (), None, context)


def _attempt(scan: Scan, context: Context) -> Attempt:
    if context.lane.direction is not None:
        return Attempt(scan, context.lane.direction, Basis.LANE)
    last = scan.history.last
    if last is not None:
        inside = last.direction is Direction.IN
        return Attempt(scan, Direction.OUT if inside else Direction.IN, Basis.PRESENCE)
    resident = scan.standing.resident
    inside = resident is not None and resident.kind in _LIVE_HERE
    return Attempt(scan, Direction.OUT if inside else Direction.IN, Basis.ASSUMED)


def _without_cases_of(state: GateState, attempt: Attempt) -> GateState:
    """A new verdict on the same pass takes the place of the old one."""
    code = attempt.scan.fingerprint
    cases = tuple(case for case in state.cases if case.attempt.scan.fingerprint != code)
    return replace(state, cases=cases)
