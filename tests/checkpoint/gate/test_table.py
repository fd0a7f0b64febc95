"""The life of a gate, walked through its table."""

from dataclasses import replace
from typing import get_args

import pytest

from checkpoint.entry_pass import Kind, Rejection
from checkpoint.gate.context import (
    Ask,
    Context,
    Effect,
    Face,
    Keep,
    Measure,
    Scan,
    Secure,
    Show,
    Unlock,
)
from checkpoint.gate.events import (
    Event,
    LockFailed,
    PassShown,
    ReadingTaken,
    RecordFailed,
    SeveralCodes,
    Tick,
)
from checkpoint.gate.state import (
    Asking,
    Attempt,
    GateState,
    Held,
    Measuring,
    Open,
    Opening,
    Phase,
    Ready,
    Refused,
)
from checkpoint.gate.table import EVERYWHERE, TABLE, is_free
from checkpoint.gate.table import step as whole_step
from checkpoint.ids import Revision
from checkpoint.people import Standing
from checkpoint.policy import Direction
from checkpoint.records import Basis, Cause, Passage, Result
from checkpoint.rules.facts import JournalHealth
from checkpoint.rules.history import History
from checkpoint.thermometry import Temperature
from checkpoint.verdict import Flag, Hold, Reason
from tests.checkpoint.examples import NOW_S, ROSTER, SCAN, context, lane, policy, reading, stamp

UNMEASURED = lane(policy=policy(measured=frozenset()))
FORGED = Scan(Rejection.FORGED, Standing(), "feedfeedfeedfeed", History(), ROSTER)
STRANGER = replace(SCAN, standing=Standing())
FULL = JournalHealth(writable=False, unwritten_admissions=200)
ATTEMPT = Attempt(SCAN, Direction.IN, Basis.LANE)
OPENING = Opening(Cause.ADMIT, NOW_S * 1_000_000, ATTEMPT, (reading(),))
Step = tuple[Phase, tuple[Effect, ...]]


def step(phase: Phase, event: Event, at: Context) -> Step:
    """One step from a state in which nothing else is remembered."""
    state, effects = whole_step(GateState(phase=phase), event, at)
    return state.phase, effects


def answer(phase: Phase, outcome: Temperature) -> ReadingTaken:
    """The thermometer's answer to the question that this phase waits for."""
    return ReadingTaken(reading(outcome), phase.asked_ms if isinstance(phase, Measuring) else 0)


def run(*events: Event | Temperature, at: Context | None = None) -> Step:
    """From Ready through the events; a Temperature is the answer that is awaited. The last step."""
    last: Step = (Ready(), ())
    for event in events:
        ready = answer(last[0], event) if isinstance(event, Temperature) else event
        last = step(last[0], ready, at or context())
    return last


def only(effects: tuple[Effect, ...], kind: type) -> list[Effect]:
    return [effect for effect in effects if isinstance(effect, kind)]


def kept(effects: tuple[Effect, ...]) -> Passage:
    (keep,) = only(effects, Keep)
    assert isinstance(keep, Keep)
    assert isinstance(keep.record, Passage)
    return keep.record


def test_every_phase_and_event_has_a_row() -> None:
    of_the_lane = set(get_args(Event)) - set(EVERYWHERE)
    assert set(TABLE) == {(phase, event) for phase in get_args(Phase) for event in of_the_lane}


def test_an_admission_is_recorded_then_opened_then_shown() -> None:
    phase, effects = run(PassShown(SCAN), Temperature.NORMAL)
    assert phase == Open(OPENING, until_ms=5000)
    assert [type(effect) for effect in effects] == [Keep, Unlock, Show]
    assert effects[1:] == (
        Unlock(5000),
        Show(
            Face.PASS,
            result=Result.ADMIT,
            standing=SCAN.standing,
            temperature_centicelsius=3650,
        ),
    )
    record = kept(effects)
    assert (record.result, record.reason, record.flags) == (Result.ADMIT, None, ())
    assert record.bearer is not None
    assert (record.bearer.person, record.bearer.kind) == ("P1", Kind.RESIDENT)


def test_a_shown_pass_is_measured_before_anything_is_decided() -> None:
    phase, effects = run(PassShown(SCAN))
    assert phase == Measuring(ATTEMPT, (), asked_ms=0)
    assert effects == (Measure(0), Show(Face.CHECKING, standing=SCAN.standing, attempt=1))


def test_an_unmeasured_lane_decides_at_once() -> None:
    phase, effects = run(PassShown(SCAN), at=context(lane=UNMEASURED))
    assert isinstance(phase, Open)
    assert kept(effects).readings == ()


def test_a_forged_pass_is_refused_without_measuring_and_keeps_nothing_that_it_claims() -> None:
    phase, effects = run(PassShown(FORGED))
    assert isinstance(phase, Refused)
    record = kept(effects)
    assert (record.reason, record.flags, record.bearer) == (
        Reason.FORGED,
        (Flag.FORGED_PASS,),
        None,
    )
    assert record.code == "feedfeedfeedfeed"


def test_fever_is_measured_twice_and_both_readings_are_kept() -> None:
    phase, effects = run(PassShown(SCAN), Temperature.FEVER)
    assert isinstance(phase, Measuring)
    assert [type(effect) for effect in effects] == [Measure, Show]
    phase, effects = run(PassShown(SCAN), Temperature.FEVER, Temperature.FEVER)
    assert phase == Held(Hold(Reason.FEVER, frozenset({Flag.FEVER})), until_ms=4000)
    record = kept(effects)
    assert len(record.readings) == 2
    assert record.temperature_centicelsius == 3800
    (show,) = only(effects, Show)
    assert isinstance(show, Show)
    assert show.face is Face.STOP_FEVER


def test_the_temperature_of_an_untrusted_ambient_is_neither_shown_nor_recorded_as_one() -> None:
    hot = Temperature.AMBIENT_OUT_OF_RANGE
    _, effects = run(PassShown(SCAN), hot, hot)
    record = kept(effects)
    assert record.temperature_centicelsius is None
    assert record.readings[0].estimate_centicelsius == 3640
    (show,) = only(effects, Show)
    assert isinstance(show, Show)
    assert show.temperature_centicelsius is None


def test_an_answer_to_an_older_question_is_not_taken() -> None:
    measuring = Measuring(ATTEMPT, (), asked_ms=700)
    late = ReadingTaken(reading(), asked_ms=200)
    assert step(measuring, late, context(800)) == (measuring, ())


def test_fault_30_a_silent_thermometer_ends_in_a_hold() -> None:
    measuring = Measuring(ATTEMPT, (), asked_ms=100)
    assert step(measuring, Tick(), context(3099)) == (measuring, ())
    phase, effects = step(measuring, Tick(), context(3100))
    assert phase == Held(Hold(Reason.NO_READING), until_ms=7100)
    assert kept(effects).result is Result.HOLD


def test_a_fever_before_a_silent_thermometer_is_still_a_fever() -> None:
    measuring, _ = run(PassShown(SCAN), Temperature.FEVER, at=context(100))
    phase, effects = step(measuring, Tick(), context(3100))
    assert phase == Held(Hold(Reason.FEVER, frozenset({Flag.FEVER})), until_ms=7100)
    assert kept(effects).temperature_centicelsius == 3800


def test_a_normal_reading_after_a_fever_needs_a_third_and_silence_is_none() -> None:
    measuring, _ = run(PassShown(SCAN), Temperature.FEVER, Temperature.NORMAL, at=context(100))
    phase, _ = step(measuring, Tick(), context(3100))
    assert phase == Held(Hold(Reason.NO_READING), until_ms=7100)


def test_a_scan_is_judged_and_recorded_under_the_roster_that_it_was_identified_with() -> None:
    newer = stamp(roster_revision=Revision(ROSTER + 30_000_000))
    _, effects = run(PassShown(SCAN), at=context(stamp=newer, lane=UNMEASURED))
    assert kept(effects).stamp.roster_revision == ROSTER


def test_a_stale_roster_stays_stale_for_the_scan_that_it_identified() -> None:
    last_month = Revision(ROSTER - 30 * 86_400_000_000)
    scan = replace(SCAN, roster_revision=last_month)
    _, effects = run(PassShown(scan), at=context(lane=UNMEASURED))
    assert kept(effects).flags == (Flag.DEGRADED,)


@pytest.mark.parametrize(
    ("phase", "until_ms"),
    [
        (Open(OPENING, 5000), 5000),
        (Held(Hold(Reason.FEVER), 4000), 4000),
        (Asking(4000), 4000),
        (run(PassShown(FORGED))[0], 4000),
    ],
)
def test_a_result_ends_by_time(phase: Phase, until_ms: int) -> None:
    assert step(phase, Tick(), context(until_ms - 1)) == (phase, ())
    after, effects = step(phase, Tick(), context(until_ms))
    assert after == Ready()
    shut = (Secure(),) if isinstance(phase, Open) else ()
    assert effects[: len(shut) + 1] == (*shut, Show(Face.READY))


@pytest.mark.parametrize("phase", [Ready(), Held(Hold(Reason.FEVER), 9), run(PassShown(FORGED))[0]])
def test_fault_10_several_codes_open_nothing_and_ask_for_one(phase: Phase) -> None:
    assert step(phase, SeveralCodes(), context()) == (
        Asking(until_ms=4000),
        (Show(Face.READY, ask=Ask.ONE_CODE),),
    )


@pytest.mark.parametrize("busy", [Measuring(ATTEMPT, (), 0), Open(OPENING, 5000)])
@pytest.mark.parametrize("event", [PassShown(STRANGER), SeveralCodes()])
def test_while_somebody_is_served_other_codes_change_nothing(busy: Phase, event: Event) -> None:
    assert step(busy, event, context()) == (busy, ())
    assert not is_free(busy)


def test_the_next_pass_is_taken_up_while_somebody_sent_aside_is_still_on_the_screen() -> None:
    held, _ = run(PassShown(STRANGER), Temperature.NORMAL)
    assert isinstance(held, Held)
    assert is_free(held)
    assert step(held, PassShown(SCAN), context())[0] == Measuring(ATTEMPT, (), 0)


def test_an_admission_that_could_not_be_recorded_becomes_a_hold() -> None:
    opened, effects = run(PassShown(SCAN), Temperature.NORMAL)
    phase, effects = step(opened, RecordFailed(kept(effects)), context(10))
    assert phase == Held(Hold(Reason.JOURNAL_DOWN), until_ms=4010)
    assert effects == (
        Show(
            Face.STOP,
            result=Result.HOLD,
            reason=Reason.JOURNAL_DOWN,
            standing=SCAN.standing,
        ),
    )


def test_an_admission_that_the_lock_did_not_obey_is_taken_back_in_the_journal() -> None:
    opened, _ = run(PassShown(SCAN), Temperature.NORMAL)
    phase, effects = step(opened, LockFailed(), context(10))
    assert isinstance(phase, Held)
    taken_back = kept(effects)
    assert (taken_back.result, taken_back.reason) == (Result.HOLD, Reason.LOCK_DOWN)
    assert [reading.outcome for reading in taken_back.readings] == [Temperature.NORMAL]
    assert [type(effect) for effect in effects] == [Keep, Show]


def test_a_journal_without_room_holds_and_never_unlocks() -> None:
    phase, effects = run(PassShown(SCAN), Temperature.NORMAL, at=context(journal=FULL))
    assert isinstance(phase, Held)
    assert not only(effects, Unlock)


def test_nothing_unlocks_without_the_lock() -> None:
    _, effects = run(PassShown(SCAN), Temperature.NORMAL, at=context(lock_ready=False))
    assert kept(effects).reason is Reason.LOCK_DOWN
    assert not only(effects, Unlock)


def test_the_time_of_the_verdict_is_the_time_of_the_stamp() -> None:
    late = context(stamp=stamp(at_us=2_000_000_000_000_000), lane=UNMEASURED)
    assert kept(run(PassShown(SCAN), at=late)[1]).reason is Reason.EXPIRED
