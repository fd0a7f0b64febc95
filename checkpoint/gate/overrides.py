"""What a volunteer decides: somebody held goes through or does not, the door opens, the last decision is undone."""

from dataclasses import replace

from checkpoint.gate.context import Context, Effect, Face, Keep, Objection, Reply, Secure, Show
from checkpoint.gate.decision import bearer_of
from checkpoint.gate.door import UNDO_MS, crossing_undone, open_door, shut_door
from checkpoint.gate.events import (
    AdmitCase,
    DenyCase,
    HandHeld,
    OpenDoor,
    Remeasure,
    RemeasureAsked,
    ShutDoor,
    Undo,
)
from checkpoint.gate.limits import HAND_HELD_CENTICELSIUS
from checkpoint.gate.requests import (
    Step,
    busy,
    case_of,
    decline,
    objection,
    objection_to_opening,
    who,
    without,
)
from checkpoint.gate.scanning import conclude, measure
from checkpoint.gate.state import Case, Closing, GateState, Open, Opening, Ready, Undoable
from checkpoint.ids import PersonId
from checkpoint.records import (
    Action,
    Cause,
    HandHeldTaken,
    Opened,
    Resolution,
    Result,
    Undone,
    Visit,
)
from checkpoint.thermometry import HAND_HELD, Reading, outcome_of
from checkpoint.verdict import Reason


def admit_case(state: GateState, asked: AdmitCase, context: Context) -> Step:
    """Override: the held person goes through, on the volunteer's word."""
    case = case_of(state, asked.case)
    if case is None:
        return decline(state, asked, Objection.NO_SUCH_CASE)
    found = objection_to_opening(state, asked, asked.reason, context)
    if found is not None:
        return decline(state, asked, found)
    keep = _resolution(case, Action.ADMIT, who(state, asked), asked.reason, context)
    opening = Opening(
        Cause.VOLUNTEER,
        context.stamp.at_us,
        case.attempt,
        case.readings,
        case=case,
    )
    show = Show(Face.PASS, result=Result.ADMIT, standing=case.attempt.scan.standing)
    return open_door(
        replace(state, cases=without(state, case)),
        opening,
        (keep,),
        (show, Reply(asked.request)),
        context,
    )


def deny_case(state: GateState, asked: DenyCase, context: Context) -> Step:
    """The held person is sent away."""
    case = case_of(state, asked.case)
    if case is None:
        return decline(state, asked, Objection.NO_SUCH_CASE)
    found = objection(state, asked, asked.reason)
    if found is not None:
        return decline(state, asked, found)
    keep = _resolution(case, Action.DENY, who(state, asked), asked.reason, context)
    undoable = Undoable(case, context.stamp.at_us, context.monotonic_ms + UNDO_MS)
    return replace(state, cases=without(state, case), undoable=undoable), (
        keep,
        Reply(asked.request),
    )


def remeasure(state: GateState, asked: Remeasure, context: Context) -> Step:
    """The held person stands before the thermometer once more; a new verdict follows."""
    case = case_of(state, asked.case)
    if case is None:
        return decline(state, asked, Objection.NO_SUCH_CASE)
    found = objection(state, asked) or busy(state)
    if found is not None:
        return decline(state, asked, found)
    state, effects = measure(state, case.attempt, (), context)
    return state, (*effects, Reply(asked.request))


def remeasure_for_centre(state: GateState, asked: RemeasureAsked, context: Context) -> Step:
    """As remeasure(), without a volunteer; nothing happens where it is too late."""
    case = case_of(state, asked.case)
    if case is None or busy(state) is not None:
        return state, ()
    return measure(state, case.attempt, (), context)


def hand_held(state: GateState, asked: HandHeld, context: Context) -> Step:
    """A hand-held value settles what the sensor could not. A fever stays held: a person decides on it."""
    case = case_of(state, asked.case)
    if case is None:
        return decline(state, asked, Objection.NO_SUCH_CASE)
    found = objection(state, asked)
    if found is None and asked.centicelsius not in HAND_HELD_CENTICELSIUS:
        found = Objection.OUT_OF_RANGE
    if found is None and case.verdict.reason is not Reason.FEVER:
        found = busy(state)
    if found is not None:
        return decline(state, asked, found)
    taken = HandHeldTaken(
        stamp=context.stamp,
        passage_at_us=case.passage_at_us,
        by=who(state, asked),
        centicelsius=asked.centicelsius,
    )
    reading = Reading(
        outcome=outcome_of(asked.centicelsius, context.lane.policy.temperature),
        sensor=HAND_HELD,
        estimate_centicelsius=asked.centicelsius,
        samples=1,
    )
    readings = (*case.readings, reading)
    if case.verdict.reason is Reason.FEVER:
        cases = (*without(state, case), replace(case, readings=readings))
        return replace(state, cases=cases), (Keep(taken), Reply(asked.request))
    state, effects = conclude(state, case.attempt, readings, reading, context)
    return state, (Keep(taken), *effects, Reply(asked.request))


def open_for(state: GateState, asked: OpenDoor, context: Context) -> Step:
    """Open for somebody of whom the gate knows nothing."""
    found = objection_to_opening(state, asked, asked.reason, context)
    if found is not None:
        return decline(state, asked, found)
    keep = Keep(
        Opened(
            stamp=context.stamp,
            cause=Cause.VOLUNTEER,
            by=who(state, asked),
            reason=asked.reason,
        )
    )
    opening = Opening(Cause.VOLUNTEER, context.stamp.at_us)
    show = Show(Face.PASS, result=Result.ADMIT)
    return open_door(state, opening, (keep,), (show, Reply(asked.request)), context)


def shut(state: GateState, asked: ShutDoor, context: Context) -> Step:
    """Shut before the time is over. Where nothing is open the lock is secured all the same."""
    if not isinstance(state.phase, Open):
        return state, (Secure(), Reply(asked.request))
    state, effects = shut_door(state, context)
    return state, (*effects, Reply(asked.request))


def undo(state: GateState, asked: Undo, context: Context) -> Step:
    """Take back the last decision while its time runs."""
    found = objection(state, asked)
    last = state.undoable
    if found is not None:
        return decline(state, asked, found)
    if last is None or context.monotonic_ms >= last.until_ms:
        return decline(state, asked, Objection.NOTHING_TO_UNDO)
    undone = Keep(
        Undone(stamp=context.stamp, passage_at_us=last.passage_at_us, by=who(state, asked))
    )
    state = replace(state, undoable=None)
    match last.done:
        case Opening() as opening:
            state, effects = _take_back(state, opening, context)
        case Case() as case:
            state, effects = replace(state, cases=(*state.cases, case)), ()
        case Visit():
            effects = ()
    return state, (undone, *effects, Reply(asked.request))


def _resolution(case: Case, action: Action, by: PersonId, reason: str, context: Context) -> Effect:
    return Keep(
        Resolution(
            stamp=context.stamp,
            passage_at_us=case.passage_at_us,
            action=action,
            by=by,
            reason=reason.strip(),
            verdict=case.verdict.reason,
            direction=case.attempt.direction,
            direction_basis=case.attempt.basis,
            bearer=bearer_of(case.attempt.scan.shown),
        )
    )


def _take_back(state: GateState, opening: Opening, context: Context) -> Step:
    phase = state.phase
    crossing = crossing_undone(opening, context)
    # Another opening may have begun since: that one is not touched.
    if isinstance(phase, Open | Closing) and phase.opening.passage_at_us == opening.passage_at_us:
        return replace(state, phase=Ready()), (Secure(), *crossing, Show(Face.READY))
    return state, crossing
