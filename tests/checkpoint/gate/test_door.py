"""The door after it was opened, and when nobody had opened it."""

from dataclasses import replace

import pytest

from checkpoint.gate.context import Secure
from checkpoint.gate.events import DoorMoved, OpeningAsked, Tick
from checkpoint.policy import Direction, OutingQuota
from checkpoint.records import Cause, Crossing, DoorChange, DoorState, Evidence, Opened, Passage
from checkpoint.thermometry import Temperature
from tests.checkpoint.examples import SCAN, TODAY, lane, policy
from tests.checkpoint.gate.story import Story

NORMAL = Temperature.NORMAL
OPENS, SHUTS = DoorMoved(is_open=True), DoorMoved(is_open=False)


def test_the_contact_saw_somebody_and_the_lock_shuts_behind_them() -> None:
    story = Story(door_contact=True)
    story.comes(SCAN, NORMAL)
    story.happens(OPENS, 800)
    assert [crossing.how for crossing in story.records(Crossing)] == [Evidence.DOOR]
    assert story.phase == "Open"
    assert Secure() in story.happens(SHUTS, 600)
    assert story.phase == "Ready"
    assert len(story.records(Crossing)) == 1


def test_nobody_went_so_the_admission_is_annulled() -> None:
    story = Story(door_contact=True)
    story.comes(SCAN, NORMAL)
    story.happens(Tick(), 5000)
    assert story.phase == "Closing"
    assert story.records(Crossing) == []
    story.happens(Tick(), 1000)
    assert [crossing.how for crossing in story.records(Crossing)] == [Evidence.ANNULLED]
    assert not story.records(Crossing)[0].went_through


def test_a_door_pulled_in_the_last_moment_still_counts_and_is_not_forced() -> None:
    story = Story(door_contact=True)
    story.comes(SCAN, NORMAL)
    story.happens(Tick(), 5000)
    story.happens(OPENS, 200)
    assert [crossing.how for crossing in story.records(Crossing)] == [Evidence.DOOR]
    assert story.records(DoorChange) == []


def test_without_a_contact_the_relock_counts() -> None:
    story = Story()
    story.comes(SCAN, NORMAL)
    story.happens(Tick(), 5000)
    [crossing] = story.records(Crossing)
    assert (crossing.how, crossing.passage_at_us) == (
        Evidence.RELOCK,
        story.records(Passage)[0].stamp.at_us,
    )


def test_fault_24_three_admissions_without_the_door_moving_are_an_alarm_until_it_moves() -> None:
    story = Story(door_contact=True)
    for _ in range(4):
        story.comes(SCAN, NORMAL, after_ms=60_000)
        story.happens(Tick(), 5000)
        story.happens(Tick(), 1000)
    assert [change.state for change in story.records(DoorChange)] == [DoorState.STUCK]
    story.comes(SCAN, NORMAL, after_ms=60_000)
    story.happens(OPENS, 500)
    assert [change.state for change in story.records(DoorChange)][-1] is DoorState.MOVES


def test_fault_25_a_door_that_stands_open_is_an_alarm_once_and_says_when_it_is_shut() -> None:
    story = Story(door_contact=True)
    story.comes(SCAN, NORMAL)
    story.happens(OPENS, 500)
    story.happens(Tick(), 5000)
    for _ in range(3):
        story.happens(Tick(), 20_000)
    story.happens(SHUTS, 1000)
    assert [(change.state, change.open_ms) for change in story.records(DoorChange)] == [
        (DoorState.HELD, 45_000),
        (DoorState.SHUT, 66_000),
    ]


def test_fault_26_a_door_that_opens_by_itself_is_forced() -> None:
    story = Story(door_contact=True)
    story.happens(OPENS)
    story.happens(SHUTS, 4000)
    assert [(change.state, change.open_ms) for change in story.records(DoorChange)] == [
        (DoorState.FORCED, 0),
        (DoorState.SHUT, 4000),
    ]
    assert story.records(Crossing) == []


@pytest.mark.parametrize("cut_off", [False, True])
def test_a_real_departure_is_charged_and_provisional_while_cut_off(
    cut_off: bool,
) -> None:
    quota = OutingQuota(every_days=1, max_minutes_out=120)
    way_out = lane(direction=Direction.OUT, policy=policy(outings=quota))
    story = Story(way_out, cut_off=cut_off)
    story.comes(SCAN, NORMAL)
    story.happens(Tick(), 5000)
    [crossing] = story.records(Crossing)
    assert (crossing.charged_day, crossing.provisional) == (TODAY, cut_off)


def test_fault_27_an_emergency_opens_whatever_the_gate_is_doing_and_goes_on_afterwards() -> None:
    story = Story()
    story.comes(SCAN)
    story.happens(OpeningAsked(Cause.EMERGENCY), 100)
    assert story.phase == "Open"
    assert [opened.cause for opened in story.records(Opened)] == [Cause.EMERGENCY]
    story.happens(Tick(), 599_000)
    assert story.phase == "Open"
    story.happens(Tick(), 2000)
    assert story.shown.standing == SCAN.standing, "whoever was interrupted is served now"


def test_the_exit_button_lets_somebody_out_and_whoever_is_measured_is_begun_anew() -> None:
    story = Story(door_contact=True)
    story.comes(SCAN)
    story.happens(OpeningAsked(Cause.EXIT_BUTTON), 100)
    story.happens(OPENS, 300)
    assert story.records(Crossing) == [], "nobody knows who left"
    story.happens(SHUTS, 500)
    assert story.records(DoorChange) == []
    story.comes(replace(SCAN, fingerprint="another"), after_ms=1)
    assert story.records(Passage) == [], "the one who was interrupted is measured first"
