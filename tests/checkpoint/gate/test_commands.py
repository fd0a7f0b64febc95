"""Commands of the centre: which are done, which are not and why, and what they do to the lane."""

import pytest

from checkpoint.gate.commands import Command, answer, event_of
from checkpoint.gate.context import Context, Keep, Measure, Unlock
from checkpoint.gate.events import OpeningAsked, RemeasureAsked
from checkpoint.gate.state import Attempt, Case, GateState, Measuring, Open
from checkpoint.gate.table import step
from checkpoint.ids import CommandId, GateId
from checkpoint.policy import Direction
from checkpoint.records import Basis, Cause, CommandKind, NotDone, Opened
from checkpoint.verdict import Hold, Reason
from tests.checkpoint.examples import NOW_S, SCAN, context, stamp

ATTEMPT = Attempt(SCAN, Direction.IN, Basis.LANE)
HELD = GateState(cases=(Case(5, ATTEMPT, Hold(Reason.UNSURE), ()),))
SERVING = GateState(cases=HELD.cases, phase=Measuring(ATTEMPT, (), 0))
LATE = context(stamp=stamp(at_us=(NOW_S + 31) * 1_000_000))
EARLY = context(stamp=stamp(at_us=(NOW_S - 31) * 1_000_000))
"""As by a centre whose clock is ahead."""
NO_CLOCK = context(stamp=stamp(clock_synced=False))


def command(kind: CommandKind, lives_s: int = 30) -> Command:
    return Command(
        gate=GateId("east-in"),
        id=CommandId("7b0f4c0e-93a5-4a38-8f5b-5c0f1a9e2d41"),
        kind=kind,
        issued_us=NOW_S * 1_000_000,
        expires_us=(NOW_S + lives_s) * 1_000_000,
        issued_by="chen",
        reason="ambulance",
    )


@pytest.mark.parametrize(
    ("kind", "state", "when", "not_done"),
    [
        (CommandKind.OPEN, GateState(), context(), None),
        (CommandKind.OPEN, GateState(), LATE, NotDone.EXPIRED),
        (CommandKind.OPEN, GateState(), EARLY, NotDone.CLOCK_UNTRUSTED),
        (CommandKind.LOCK_OUT, GateState(), EARLY, None),
        (CommandKind.OPEN, GateState(), NO_CLOCK, NotDone.CLOCK_UNTRUSTED),
        (CommandKind.OPEN, GateState(), context(lock_ready=False), NotDone.LOCK_DOWN),
        (CommandKind.LOCK_OUT, GateState(), context(), None),
        (CommandKind.LOCK_OUT, GateState(), NO_CLOCK, None),
        (CommandKind.LOCK_OUT, GateState(), LATE, NotDone.EXPIRED),
        (CommandKind.LIFT, SERVING, context(), None),
        (CommandKind.RESTART, SERVING, context(), None),
        (CommandKind.REMEASURE, GateState(), context(), NotDone.NOBODY_HELD),
        (CommandKind.REMEASURE, SERVING, context(), NotDone.BUSY),
        (CommandKind.REMEASURE, HELD, context(), None),
    ],
)
def test_a_command_is_done_or_the_record_says_why_not(
    kind: CommandKind, state: GateState, when: Context, not_done: NotDone | None
) -> None:
    record = answer(state, command(kind), when)
    assert (record.command, record.by, record.not_done) == (kind, "chen", not_done)


def test_a_command_to_open_opens_and_is_recorded_with_its_issuer() -> None:
    event = event_of(GateState(), command(CommandKind.OPEN))
    assert isinstance(event, OpeningAsked)
    state, effects = step(GateState(), event, context())
    assert isinstance(state.phase, Open)
    opened = next(effect.record for effect in effects if isinstance(effect, Keep))
    assert isinstance(opened, Opened)
    assert (opened.cause, opened.by, opened.reason) == (Cause.REMOTE, "chen", "ambulance")
    assert [type(effect) for effect in effects].index(Keep) < [
        type(effect) for effect in effects
    ].index(Unlock)


def test_a_command_to_measure_takes_the_one_who_was_held_last() -> None:
    event = event_of(HELD, command(CommandKind.REMEASURE))
    assert isinstance(event, RemeasureAsked)
    state, effects = step(HELD, event, context())
    assert isinstance(state.phase, Measuring)
    assert any(isinstance(effect, Measure) for effect in effects)
    assert step(SERVING, event, context()) == (SERVING, ()), "whoever is being served goes first"


@pytest.mark.parametrize(
    ("kind", "lives_s", "too_long"),
    [
        (CommandKind.OPEN, 30, False),
        (CommandKind.OPEN, 31, True),
        (CommandKind.LOCK_OUT, 600, False),
        (CommandKind.LOCK_OUT, 601, True),
        (CommandKind.OPEN, 0, True),
        (CommandKind.OPEN, -5, True),
    ],
)
def test_no_command_lives_longer_than_anybody_may_ask_for(
    kind: CommandKind, lives_s: int, *, too_long: bool
) -> None:
    assert command(kind, lives_s).lives_too_long is too_long
