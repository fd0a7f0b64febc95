"""Whether the gate does what a volunteer asks: the objections that every request shares.

Whoever decides must have signed on with the own pass. What opens the door waits until the lane is free; what only
writes something down does not. Every request is answered exactly once.
"""

from checkpoint.gate.context import Context, Effect, Objection, Reply
from checkpoint.gate.events import Request
from checkpoint.gate.state import Case, Choosing, Closing, GateState, Measuring, Open
from checkpoint.ids import PersonId

Step = tuple[GateState, tuple[Effect, ...]]


def who(state: GateState, asked: Request) -> PersonId:
    """Who asks. Only after objection() has had nothing to say."""
    return state.on_duty[-1] if asked.by is None else asked.by


def case_of(state: GateState, passage_at_us: int) -> Case | None:
    """The open case of this name."""
    return next((case for case in state.cases if case.passage_at_us == passage_at_us), None)


def without(state: GateState, case: Case) -> tuple[Case, ...]:
    """The other cases."""
    return tuple(each for each in state.cases if each.passage_at_us != case.passage_at_us)


def objection(state: GateState, asked: Request, reason: str | None = None) -> Objection | None:
    """Nobody is on duty, or not the one who asks; a reason is needed and blank. ``reason`` None: none is needed."""
    if not state.on_duty:
        return Objection.NOBODY_ON_DUTY
    if who(state, asked) not in state.on_duty:
        return Objection.NOT_ON_DUTY
    if reason is not None and not reason.strip():
        return Objection.REASON_MISSING
    return None


def busy(state: GateState) -> Objection | None:
    """Somebody else is being served."""
    serving = isinstance(state.phase, Measuring | Choosing | Open | Closing)
    return Objection.BUSY if serving else None


def objection_to_opening(
    state: GateState, asked: Request, reason: str, context: Context
) -> Objection | None:
    """What speaks against opening the door now."""
    found = objection(state, asked, reason) or busy(state)
    if found is None and not context.gate.lock_ready:
        return Objection.LOCK_DOWN
    return found


def decline(state: GateState, asked: Request, why: Objection) -> Step:
    """Nothing happens, and the volunteer is told why."""
    return state, (Reply(asked.request, why),)
