"""The door: opened for a cause, shut by time, and what its contact tells.

An opening ends as one of these, and for somebody whom the gate knows that becomes a Crossing:

- the contact saw the door move: they went through; when it falls shut again the lock shuts at once, so that
  nobody follows on their admission;
- there is a contact and it saw nothing until CLOSING_MS after the relock: nobody went (annulled). Three
  admissions of that sort running: the door is stuck;
- there is no contact: the relock counts as having gone through, until somebody undoes it.

A door that moves while nothing had opened it was forced; one that stands open for HELD_OPEN_MS is held open.
"""

from dataclasses import replace
from typing import Final

from checkpoint.gate.context import Context, Effect, Face, Keep, Secure, Show, Unlock
from checkpoint.gate.decision import bearer_of
from checkpoint.gate.events import DoorMoved, Tick
from checkpoint.gate.state import Closing, GateState, Open, Opening, Ready, Undoable
from checkpoint.records import Cause, Crossing, DoorChange, DoorState, Evidence
from checkpoint.rules.outings import charged_day

Step = tuple[GateState, tuple[Effect, ...]]

UNDO_MS: Final = 30_000
CLOSING_MS: Final = 1_000
"""A door pulled in the last moment tells of it a little later than the relock."""
HELD_OPEN_MS: Final = 30_000
EMERGENCY_MS: Final = 600_000
STUCK_AFTER: Final = 3


def open_door(
    state: GateState,
    opening: Opening,
    before: tuple[Effect, ...],
    after: tuple[Effect, ...],
    context: Context,
) -> Step:
    """Open for this cause: what must be kept, then the lock, then the rest."""
    for_ms = EMERGENCY_MS if opening.cause is Cause.EMERGENCY else context.lane.unlock_ms
    until_ms = context.monotonic_ms + for_ms
    undoable = Undoable(opening, opening.passage_at_us, until_ms + UNDO_MS)
    # In an emergency the door does not wait for the log.
    urgent = opening.cause is Cause.EMERGENCY
    effects = (Unlock(for_ms), *before) if urgent else (*before, Unlock(for_ms))
    state = replace(state, phase=Open(opening, until_ms), undoable=undoable)
    return state, (*effects, *after)


def time_over(state: GateState, context: Context) -> Step:
    """The lock's time, or the last moment after it, is over. Stays while it is not."""
    phase = state.phase
    if not isinstance(phase, Open | Closing) or context.monotonic_ms < phase.until_ms:
        return state, ()
    return shut_door(state, context) if isinstance(phase, Open) else _annul(state, context)


def shut_door(state: GateState, context: Context) -> Step:
    """Shut now. In Open only."""
    phase = state.phase
    assert isinstance(phase, Open)  # noqa: S101 (the table's row says so)
    shut = (Secure(), Show(Face.READY))
    if not context.door_contact:
        return replace(state, phase=Ready()), (
            *shut,
            *_crossing(phase.opening, Evidence.RELOCK, context),
        )
    if phase.opening.went_through:
        return replace(state, phase=Ready()), shut
    return replace(state, phase=Closing(phase.opening, context.monotonic_ms + CLOSING_MS)), shut


def crossing_undone(opening: Opening, context: Context) -> tuple[Effect, ...]:
    """What takes the passage back that this opening led to, or might have."""
    return _crossing(opening, Evidence.UNDONE, context)


def door_moved(state: GateState, event: DoorMoved, context: Context) -> Step:
    """The contact has something to say, in any phase."""
    if not event.is_open:
        return _fell_shut(state, context)
    if event.found_so:
        # Whoever opened it did so before anybody looked: it may be held, but was not seen to be forced.
        since_ms = context.monotonic_ms if state.door_opened_ms is None else state.door_opened_ms
        return replace(state, door_opened_ms=since_ms), ()
    return _opened(state, context)


def watch_door(state: GateState, _: Tick, context: Context) -> Step:
    """A door that stands open too long, in any phase."""
    opened_ms = state.door_opened_ms
    if opened_ms is None or state.door_alarm is not None or isinstance(state.phase, Open):
        return state, ()
    open_ms = context.monotonic_ms - opened_ms
    if open_ms < HELD_OPEN_MS:
        return state, ()
    state = replace(state, door_alarm=DoorState.HELD)
    return state, (_change(DoorState.HELD, context, open_ms),)


def _opened(state: GateState, context: Context) -> Step:
    phase = state.phase
    state = replace(state, door_opened_ms=context.monotonic_ms)
    if not isinstance(phase, Open | Closing):
        state = replace(state, door_alarm=DoorState.FORCED)
        return state, (_change(DoorState.FORCED, context),)
    if phase.opening.went_through:
        return state, ()
    opening = replace(phase.opening, went_through=True)
    moves = (_change(DoorState.MOVES, context),) if state.unmoved >= STUCK_AFTER else ()
    crossing = _crossing(opening, Evidence.DOOR, context)
    after = Ready() if isinstance(phase, Closing) else replace(phase, opening=opening)
    return replace(state, phase=after, unmoved=0), (*crossing, *moves)


def _fell_shut(state: GateState, context: Context) -> Step:
    alarm, opened_ms = state.door_alarm, state.door_opened_ms
    state = replace(state, door_opened_ms=None, door_alarm=None)
    effects: tuple[Effect, ...] = ()
    if alarm is not None:
        open_ms = 0 if opened_ms is None else context.monotonic_ms - opened_ms
        effects = (_change(DoorState.SHUT, context, open_ms),)
    phase = state.phase
    gone_through = isinstance(phase, Open) and phase.opening.went_through
    if isinstance(phase, Open) and gone_through and phase.opening.cause is not Cause.EMERGENCY:
        state, more = shut_door(state, context)
        return state, (*effects, *more)
    return state, effects


def _annul(state: GateState, context: Context) -> Step:
    phase = state.phase
    assert isinstance(phase, Closing)  # noqa: S101 (time_over has looked)
    crossing = _crossing(phase.opening, Evidence.ANNULLED, context)
    unmoved = state.unmoved + (phase.opening.attempt is not None)
    stuck = unmoved == STUCK_AFTER and unmoved != state.unmoved
    alarm = (_change(DoorState.STUCK, context),) if stuck else ()
    return replace(state, phase=Ready(), unmoved=unmoved), (*crossing, *alarm)


def _crossing(opening: Opening, how: Evidence, context: Context) -> tuple[Effect, ...]:
    """The record of what became of an opening; nothing where the gate does not know for whom it was."""
    attempt = opening.attempt
    bearer = None if attempt is None else bearer_of(attempt.scan.shown)
    if attempt is None or bearer is None:
        return ()
    resident = attempt.scan.standing.resident
    went_through = how in {Evidence.DOOR, Evidence.RELOCK}
    # By the day on which they were let go, also where midnight comes before the door shuts.
    local, policy = context.local(opening.passage_at_us), context.lane.policy
    day = charged_day(resident, attempt.direction, local, policy) if went_through else None
    return (
        Keep(
            Crossing(
                stamp=context.stamp,
                passage_at_us=opening.passage_at_us,
                bearer=bearer,
                household=None if resident is None else resident.household,
                direction=attempt.direction,
                direction_basis=attempt.basis,
                how=how,
                charged_day=day,
                provisional=day is not None and context.cut_off,
            )
        ),
    )


def _change(state: DoorState, context: Context, open_ms: int = 0) -> Effect:
    return Keep(DoorChange(stamp=context.stamp, state=state, open_ms=open_ms))
