"""The life of a gate: phases, events, effects and the transition table.

A lane is in one phase at a time. READY waits for a pass. A pass that a row refuses at once goes to REFUSED;
otherwise, where the policy measures this direction, MEASURING collects readings until they settle, or until a
silent thermometer has had its time. Then the rules decide: OPEN, HELD or REFUSED. On a lane that both ways share
CHOOSING asks In or Out where a guess would stop somebody. Several codes in view at once lead to ASKING for one.
OPEN ends by time or when the door falls shut, and CLOSING gives a door that was pulled in the last moment a second
to tell. HELD and REFUSED end by time, and give way to the next pass, so that a queue is never blocked
by somebody sent aside: whoever was held remains a case until a volunteer has decided. SIGNING waits for a
volunteer's own pass.

A verdict becomes first the record, then the lock, then the screen (scanning.conclude). If the record could not be
kept at all, RecordFailed comes back before the lock has moved, and the admission becomes a Hold; if the
lock then fails, a second record takes the admission back. Whoever leaves OPEN shuts the lock, although
its own timer has done so or will. The door may also open for other causes: OpeningAsked (exit button, remote
command, emergency) interrupts whoever is being measured, who is begun anew afterwards.

step() is total: TABLE has a row for every phase and each event of the lane, and a row that stays says why;
EVERYWHERE has a row for each event that means the same in every phase. Effects are data; whoever performs
them stops at the first that fails. OPEN is the only phase with an open lock.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from checkpoint.gate import door, overrides, scanning
from checkpoint.gate import duty as signing
from checkpoint.gate import registration as registering
from checkpoint.gate.context import (
    Context,
    Effect,
    Face,
    Keep,
    Objection,
    Reply,
    Scan,
    Show,
    Unlock,
)
from checkpoint.gate.events import (
    AdmitCase,
    DenyCase,
    DirectionChosen,
    DoorMoved,
    Event,
    HandHeld,
    LockFailed,
    OpenDoor,
    OpeningAsked,
    PassShown,
    ReadingTaken,
    RecordFailed,
    Register,
    Remeasure,
    RemeasureAsked,
    SeveralCodes,
    ShutDoor,
    Sign,
    Tick,
    Undo,
)
from checkpoint.gate.state import (
    Asking,
    Choosing,
    Closing,
    GateState,
    Held,
    Measuring,
    Open,
    Opening,
    Phase,
    Ready,
    Refused,
    Signing,
)
from checkpoint.records import Cause, Opened, Result, Undone, opens
from checkpoint.thermometry import decisive_reading

Step = tuple[GateState, tuple[Effect, ...]]


def step(state: GateState, event: Event, context: Context) -> Step:
    """The next state and what is to be done, in order."""
    before = state.phase
    row = EVERYWHERE.get(type(event)) or TABLE[type(before), type(event)]
    state, effects = row.handle(state, event, context)
    if isinstance(event, Tick):
        state, more = door.watch_door(state, event, context)
        effects = (*effects, *more)
    effects = (*effects, *signing.abandoned(before, state.phase, effects))
    waiting = before.opening.interrupted if isinstance(before, Open | Closing) else None
    if waiting is not None and not isinstance(state.phase, Open | Closing):
        state, more = scanning.arrive(state, waiting, context)
        effects = (*effects, *more)
    return state, effects


def is_free(phase: Phase) -> bool:
    """Whether the next pass would be taken up now."""
    return TABLE[type(phase), PassShown] in {_BEGIN, _SIGN}


def _time_over(state: GateState, _: Tick, context: Context) -> Step:
    return door.time_over(state, context)


def _unwritten(state: GateState, event: RecordFailed, context: Context) -> Step:
    """An opening that could not be written down does not happen, but in an emergency."""
    phase = state.phase
    if not isinstance(phase, Open) or not opens(event.record):
        return state, ()
    opening = phase.opening
    if opening.cause is Cause.EMERGENCY:
        return state, ()
    return scanning.hold_unwritten(replace(state, undoable=None), opening, context)


def _take_back(state: GateState, _: LockFailed, context: Context) -> Step:
    """The log must not say "admitted" before a door that stayed shut.

    A verdict is given again, now that the lock is known to be down (row 22); anything else is undone.
    """
    phase = state.phase
    assert isinstance(phase, Open)  # noqa: S101 (the table's row says so)
    opening, context = phase.opening, replace(context, gate=replace(context.gate, lock_ready=False))
    state = replace(state, undoable=None, phase=Ready())
    if opening.cause is Cause.ADMIT and opening.attempt is not None:
        decisive = decisive_reading(opening.readings) if opening.readings else None
        return scanning.conclude(state, opening.attempt, opening.readings, decisive, context)
    if opening.case is not None:
        state = replace(state, cases=(*state.cases, opening.case))
    undone = Keep(Undone(stamp=context.stamp, passage_at_us=opening.passage_at_us, by=None))
    return state, (undone, Show(Face.READY))


def _open_anyway(state: GateState, event: OpeningAsked, context: Context) -> Step:
    """Exit button, remote command, emergency. An open door stays open for as long again."""
    phase = state.phase
    keep = Keep(Opened(stamp=context.stamp, cause=event.cause, by=event.by, reason=event.reason))
    if isinstance(phase, Open) and event.cause is not Cause.EMERGENCY:
        until_ms = context.monotonic_ms + context.lane.unlock_ms
        if until_ms <= phase.until_ms:
            return state, (keep,)
        state = replace(state, phase=replace(phase, until_ms=until_ms))
        return state, (keep, Unlock(context.lane.unlock_ms))
    interrupted = _being_served(phase)
    opening = Opening(event.cause, context.stamp.at_us, interrupted=interrupted)
    ended: tuple[Effect, ...] = ()
    if isinstance(phase, Open):
        state, ended = door.shut_door(state, context)
    state, effects = door.open_door(
        state, opening, (keep,), (Show(Face.PASS, result=Result.ADMIT),), context
    )
    return state, (*ended, *effects)


def _being_served(phase: Phase) -> Scan | None:
    match phase:
        case Measuring(attempt=attempt):
            return attempt.scan
        case Choosing(scan=scan):
            return scan
        case Open(opening=opening) | Closing(opening=opening):
            return opening.interrupted
        case _:
            return None


def _not_asked(state: GateState, event: DirectionChosen, _: Context) -> Step:
    return state, (Reply(event.request, Objection.NO_SUCH_CASE),)


def _stay(state: GateState, _: Event, __: Context) -> Step:
    return state, ()


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    handle: Callable[..., Step]
    leads_to: tuple[type[Phase], ...]
    does: str


_RESULTS: Final = (Open, Held, Refused)
_BEGIN: Final = Transition(
    scanning.begin,
    (Choosing, Measuring, *_RESULTS),
    "begin: ask the way or measure where it can matter, else decide",
)
_SIGN: Final = Transition(signing.sign, (Ready,), "sign on or off")
_ONE: Final = Transition(scanning.ask_for_one, (Asking,), "ask for one code alone")
_BUSY: Final = "stay: busy, the code is taken up when the gate is free"
_LATE: Final = "stay: an answer nobody waits for any more"
_NONE: Final = "stay: no opening hangs on it"
_NOT_OPEN: Final = "stay: the lock is shut anyway"
_NOT_CHOOSING: Final = "stay: nobody is asked"


def _stays(phase: type[Phase], why: str) -> Transition:
    return Transition(_stay, (phase,), why)


def _expires(phase: type[Phase]) -> Transition:
    return Transition(scanning.expire, (phase, Ready), "ready again once the time is over")


def _rows(
    phase: type[Phase],
    shown: Transition,
    several: Transition,
    tick: Transition,
    *,
    reading: Transition | None = None,
    unwritten: Transition | None = None,
    lock_failed: Transition | None = None,
    chosen: Transition | None = None,
) -> dict[tuple[type[Phase], type[Event]], Transition]:
    """The rows of one phase; what is not given stays."""
    return {
        (phase, PassShown): shown,
        (phase, SeveralCodes): several,
        (phase, ReadingTaken): reading or _stays(phase, _LATE),
        (phase, Tick): tick,
        (phase, RecordFailed): unwritten or _stays(phase, _NONE),
        (phase, LockFailed): lock_failed or _stays(phase, _NOT_OPEN),
        (phase, DirectionChosen): chosen or Transition(_not_asked, (phase,), _NOT_CHOOSING),
    }


TABLE: Final[dict[tuple[type[Phase], type[Event]], Transition]] = {
    **_rows(Ready, _BEGIN, _ONE, _stays(Ready, "stay: waiting")),
    **_rows(Asking, _BEGIN, _ONE, _expires(Asking)),
    **_rows(
        Choosing,
        _stays(Choosing, _BUSY),
        _stays(Choosing, _BUSY),
        _expires(Choosing),
        chosen=Transition(
            scanning.choose,
            (Measuring, *_RESULTS),
            "go on: measure where it can matter, else decide",
        ),
    ),
    **_rows(
        Signing,
        _SIGN,
        _stays(Signing, "stay: the duty pass alone, please"),
        Transition(signing.sign_no_more, (Signing, Ready), "ready again once the time is over"),
    ),
    **_rows(
        Measuring,
        _stays(Measuring, _BUSY),
        _stays(Measuring, _BUSY),
        Transition(
            scanning.give_up,
            (Measuring, *_RESULTS),
            "decide without another reading once its time is over",
        ),
        reading=Transition(
            scanning.take_reading,
            (Measuring, *_RESULTS),
            "measure again until settled, then decide",
        ),
    ),
    **_rows(
        Open,
        _stays(Open, _BUSY),
        _stays(Open, _BUSY),
        Transition(_time_over, (Open, Closing, Ready), "shut once the time is over"),
        unwritten=Transition(_unwritten, (Open, Held), "hold: the lock has not moved"),
        lock_failed=Transition(_take_back, (Held, Ready), "take the opening back"),
    ),
    **_rows(
        Closing,
        _stays(Closing, _BUSY),
        _stays(Closing, _BUSY),
        Transition(
            _time_over,
            (Closing, Ready),
            "nobody went: annul, and ready again once the time is over",
        ),
    ),
    **_rows(Held, _BEGIN, _ONE, _expires(Held)),
    **_rows(Refused, _BEGIN, _ONE, _expires(Refused)),
}

EVERYWHERE: Final[dict[type[Event], Transition]] = {
    DoorMoved: Transition(
        door.door_moved,
        (Ready,),
        "while open: the bearer went through, and the lock shuts behind them; otherwise an alarm",
    ),
    OpeningAsked: Transition(
        _open_anyway, (Open,), "open, and go on afterwards where it interrupted"
    ),
    AdmitCase: Transition(overrides.admit_case, (Open,), "open for somebody held"),
    DenyCase: Transition(overrides.deny_case, (), "close the case"),
    Remeasure: Transition(overrides.remeasure, (Measuring,), "measure somebody held once more"),
    RemeasureAsked: Transition(
        overrides.remeasure_for_centre, (Measuring,), "measure somebody held once more"
    ),
    HandHeld: Transition(
        overrides.hand_held, _RESULTS, "decide again with the hand-held value; a fever stays held"
    ),
    OpenDoor: Transition(overrides.open_for, (Open,), "open for somebody unknown"),
    ShutDoor: Transition(overrides.shut, (Closing, Ready), "shut now"),
    Undo: Transition(overrides.undo, (Ready,), "take back the last decision within 30 s"),
    Sign: Transition(signing.ask_to_sign, (Signing,), "ask for the duty pass"),
    Register: Transition(
        registering.register,
        (Open,),
        "write down who came, and open where nothing speaks against it",
    ),
}
