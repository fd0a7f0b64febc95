"""Every reachable state of a gate x every event x every relevant circumstance, and the laws that hold in each.

States that differ only in times and in names count as one: a state is told by its phase and what that hangs on,
whether somebody is held, who is on duty, what can be undone, and how the door stands. Each is tried with every
event, now and after every wait has run out.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checkpoint.entry_pass import Kind, Rejection
from checkpoint.gate.context import Context, Effect, Keep, Lane, Reply, Scan, Secure, Show, Unlock
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
    Request,
    SeveralCodes,
    ShutDoor,
    Sign,
    Tick,
    Undo,
)
from checkpoint.gate.state import (
    Closing,
    GateState,
    Held,
    Measuring,
    Open,
    Phase,
    Ready,
    Refused,
    Signing,
)
from checkpoint.gate.table import EVERYWHERE, TABLE, step
from checkpoint.people import Standing
from checkpoint.policy import Direction
from checkpoint.records import Cause, Passage, Result, Visiting, opens
from checkpoint.rules.facts import GateConditions, JournalHealth
from checkpoint.rules.history import NO_HISTORY
from checkpoint.thermometry import Temperature
from checkpoint.verdict import Reason
from tests.checkpoint.examples import (
    NOW_S,
    ROSTER,
    SCAN,
    context,
    lane,
    person,
    policy,
    reading,
    stamp,
)

FULL = JournalHealth(writable=False, unwritten_admissions=200)
FORGED = Scan(Rejection.FORGED, Standing(), "feedfeedfeedfeed", NO_HISTORY, ROSTER)
STRANGER = replace(SCAN, standing=Standing(), fingerprint="0000000000000000", history=NO_HISTORY)
VOLUNTEER = replace(SCAN, standing=person(kind=Kind.DUTY), fingerprint="1111111111111111")
OUTCOMES = (Temperature.NORMAL, Temperature.FEVER, Temperature.NO_READING)
"""settle() has its own tests; these lead to every verdict."""
REQUEST, SIGNING_REQUEST = 7, 8
LATER_MS = 700_000
"""After everything that ends by time, an emergency too."""


@dataclass(frozen=True)
class Site:
    """A lane, and whether its door has a contact."""

    lane: Lane
    door_contact: bool = False


SITES = {
    "in, without a door contact": Site(lane()),
    "out, with a door contact, where nobody is measured": Site(
        lane(direction=Direction.OUT, policy=policy(measured=frozenset())),
        True,
    ),
    "both ways": Site(lane(direction=None)),
}


@dataclass(frozen=True)
class Visited:
    """A state, and the time at which it was reached."""

    state: GateState
    now_ms: int


def events(state: GateState, at: Site) -> list[Event]:
    """Everything that can happen on this lane, with the names that this very state knows."""
    phase = state.phase
    asked_ms = phase.asked_ms if isinstance(phase, Measuring) else -1
    case = state.cases[-1].passage_at_us if state.cases else 0
    return [
        *(PassShown(scan) for scan in (SCAN, FORGED, STRANGER, VOLUNTEER)),
        SeveralCodes(),
        *(ReadingTaken(reading(outcome), asked_ms) for outcome in OUTCOMES),
        Tick(),
        LockFailed(),
        *(DoorMoved(is_open) for is_open in (True, False) if at.door_contact),
        *(DoorMoved(is_open, found_so=True) for is_open in (True, False) if at.door_contact),
        *(OpeningAsked(cause) for cause in (Cause.EXIT_BUTTON, Cause.REMOTE, Cause.EMERGENCY)),
        *(DirectionChosen(request=REQUEST, direction=way) for way in Direction),
        AdmitCase(request=REQUEST, case=case, reason="seen"),
        DenyCase(request=REQUEST, case=case, reason="seen"),
        Remeasure(request=REQUEST, case=case),
        RemeasureAsked(case),
        HandHeld(request=REQUEST, case=case, centicelsius=3650),
        HandHeld(request=REQUEST, case=case, centicelsius=3850),
        OpenDoor(request=REQUEST, reason="ambulance"),
        ShutDoor(request=REQUEST),
        Undo(request=REQUEST),
        *(Sign(request=SIGNING_REQUEST, on=on) for on in (True, False)),
        *(
            Register(
                request=REQUEST,
                visiting=Visiting.VISITOR,
                household=None,
                purpose="repair",
                centicelsius=centicelsius,
                admit=True,
            )
            for centicelsius in (3650, 3850)
        ),
    ]


def name(state: GateState, now_ms: int) -> tuple[Any, ...]:
    """What tells this state from others."""
    phase, undo = state.phase, state.undoable
    hangs_on: tuple[Any, ...] = ()
    match phase:
        case Measuring(attempt=attempt, readings=readings):
            hangs_on = (attempt.scan.fingerprint, attempt.direction, *(r.outcome for r in readings))
        case Open(opening=opening) | Closing(opening=opening):
            someone = opening.attempt and opening.attempt.scan.fingerprint
            waits = opening.interrupted and opening.interrupted.fingerprint
            hangs_on = (
                opening.cause,
                someone,
                waits,
                opening.went_through,
                opening.case is not None,
            )
        case Held(verdict=verdict) | Refused(verdict=verdict):
            hangs_on = (verdict.reason,)
        case Signing(on=on):
            hangs_on = (on,)
    undoable = undo is not None and now_ms < undo.until_ms and type(undo.done)
    held = state.cases[-1].verdict.reason is Reason.FEVER if state.cases else None
    door = (state.door_opened_ms is not None, state.door_alarm, min(state.unmoved, 3))
    return type(phase), hangs_on, held, bool(state.on_duty), undoable, door


def circumstances(at: Site, now_ms: int) -> list[Context]:
    now = context(
        now_ms,
        lane=at.lane,
        stamp=stamp(at_us=NOW_S * 1_000_000 + now_ms),
        door_contact=at.door_contact,
    )
    full, down = GateConditions(journal=FULL), GateConditions(lock_ready=False)
    return [now, replace(now, gate=full), replace(now, gate=down)]


def check(before: GateState, event: Event, effects: tuple[Effect, ...], after: GateState) -> None:
    """The laws of one step."""
    row = EVERYWHERE.get(type(event)) or TABLE[type(before.phase), type(event)]
    if type(after.phase) is not type(before.phase):
        resumed = {type(after.phase)} if isinstance(before.phase, Open | Closing) else set()
        assert type(after.phase) in {*row.leads_to, *resumed}, (before.phase, event, after.phase)
    kinds = [type(effect) for effect in effects]
    records = [effect.record for effect in effects if isinstance(effect, Keep)]
    if row.does.startswith("stay") and not isinstance(event, Tick | Request):
        assert (after, effects) == (before, ())
    if Unlock in kinds:
        assert isinstance(after.phase, Open)
        assert any(opens(record) for record in records), "nothing opens unrecorded"
        emergency = isinstance(event, OpeningAsked) and event.cause is Cause.EMERGENCY
        if not emergency:
            assert kinds.index(Keep) < kinds.index(Unlock), "records come before locks"
        if not isinstance(before.phase, Open):
            assert Show in kinds[kinds.index(Unlock) :], "locks come before screens"
    if isinstance(before.phase, Open) and not isinstance(after.phase, Open):
        failed = isinstance(event, RecordFailed | LockFailed)
        assert Secure in kinds or failed, "nobody leaves Open with an open lock"
    for record in records:
        if isinstance(record, Passage):
            assert (record.result is Result.ADMIT) == (Unlock in kinds)
    answered = [effect.request for effect in effects if isinstance(effect, Reply)]
    waited = [before.phase.request] if isinstance(before.phase, Signing) else []
    asked = [event.request] if isinstance(event, Request) else []
    waits = [after.phase.request] if isinstance(after.phase, Signing) else []
    assert sorted(answered + waits) == sorted(waited + asked), "every request is answered once"


def settle_down(state: GateState, at: Site, now_ms: int) -> Phase:
    """Nothing but time passes."""
    for _ in range(12):
        if isinstance(state.phase, Ready):
            break
        now_ms += LATER_MS
        phase = state.phase
        if isinstance(phase, Measuring):
            event: Event = ReadingTaken(reading(Temperature.NO_READING), phase.asked_ms)
            state, _ = step(state, event, circumstances(at, now_ms)[0])
        state, _ = step(state, Tick(), circumstances(at, now_ms)[0])
    return state.phase


def walk(at: Site) -> int:
    """Walk everything that can be reached; the number of states."""
    start = Visited(GateState(), 0)
    seen = {name(start.state, 0)}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        assert settle_down(here.state, at, here.now_ms) == Ready()
        for wait_ms in (1, LATER_MS):
            now_ms = here.now_ms + wait_ms
            for now in circumstances(at, now_ms):
                for event in events(here.state, at):
                    after, effects = step(here.state, event, now)
                    check(here.state, event, effects, after)
                    reached = [after]
                    reached += failures(here.state, effects, after, now)
                    for each in reached:
                        place = name(each, now_ms)
                        if place not in seen:
                            seen.add(place)
                            queue.append(Visited(each, now_ms))
    return len(seen)


def failures(
    before: GateState, effects: tuple[Effect, ...], after: GateState, now: Context
) -> list[GateState]:
    """Where it leads when the record cannot be kept, or the lock does not move, in the middle of it."""
    reached = []
    for effect in effects:
        event: Event | None = None
        if isinstance(effect, Keep):
            event = RecordFailed(effect.record)
        elif isinstance(effect, Unlock):
            event = LockFailed()
        if event is not None:
            # Whoever performs the effects knows by then that the lock is gone.
            then = (
                replace(now, gate=GateConditions(lock_ready=False))
                if isinstance(event, LockFailed)
                else now
            )
            state, more = step(after, event, then)
            check(after, event, more, state)
            if isinstance(event, RecordFailed) and opens(event.record):
                opened = after.phase.opening if isinstance(after.phase, Open) else None
                still = state.phase.opening if isinstance(state.phase, Open) else None
                may = opened is not None and opened.cause is Cause.EMERGENCY
                assert may or isinstance(before.phase, Open) or still is None or still != opened, (
                    "what could not be written down does not open"
                )
            reached.append(state)
    return reached


# Nothing but work for the processor: half a minute on one that does nothing else.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("at", SITES.values(), ids=SITES)
def test_every_reachable_state_keeps_the_laws_and_ready_is_always_reached_again(
    at: Site, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    states = walk(at)
    with capsys.disabled():
        print(f" {states} states", end="")
    record_property("states", states)
    assert states > 200
