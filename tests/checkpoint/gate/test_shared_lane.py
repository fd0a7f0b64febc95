"""One lane for both ways: a guess lets people through, and never stops or measures them."""

from dataclasses import replace

import msgspec
import pytest

from checkpoint.entry_pass import Kind
from checkpoint.gate.context import Ask, Objection
from checkpoint.gate.events import DirectionChosen
from checkpoint.people import Colour
from checkpoint.policy import Direction, OutingQuota, Policy
from checkpoint.records import Basis, Passage, Result
from checkpoint.rules.history import NO_HISTORY, History, LastCrossing
from checkpoint.thermometry import Temperature
from checkpoint.verdict import Reason
from tests.checkpoint.examples import NOW_S, SCAN, TODAY, lane, person, policy
from tests.checkpoint.gate.story import Story

IN, OUT = Direction.IN, Direction.OUT
UNMEASURED = policy(measured=frozenset())
DAILY = policy(outings=OutingQuota(every_days=1, max_minutes_out=120))
VISITOR = person(kind=Kind.VISITOR)


def shared(rules: Policy = UNMEASURED) -> Story:
    return Story(lane(direction=None, policy=rules))


@pytest.mark.parametrize(
    ("scan", "direction", "basis"),
    [
        (replace(SCAN, history=History(LastCrossing(OUT, NOW_S - 9000))), IN, Basis.PRESENCE),
        (replace(SCAN, history=History(LastCrossing(IN, NOW_S - 9000))), OUT, Basis.PRESENCE),
        (replace(SCAN, history=NO_HISTORY), OUT, Basis.ASSUMED),
        (replace(SCAN, history=NO_HISTORY, standing=VISITOR), IN, Basis.ASSUMED),
    ],
    ids=[
        "out last time, so coming in",
        "in last time, so going out",
        "a resident of whom nothing is known is inside",
        "a visitor of whom nothing is known is outside",
    ],
)
def test_the_way_is_inferred_and_recorded_as_such(
    scan: object, direction: Direction, basis: Basis
) -> None:
    story = shared()
    story.comes(scan)  # type: ignore[arg-type]
    [passage] = story.records(Passage)
    assert (passage.result, passage.direction, passage.direction_basis) == (
        Result.ADMIT,
        direction,
        basis,
    )


def test_somebody_whom_a_guess_would_hold_is_asked_in_or_out_first() -> None:
    came_in = History(LastCrossing(IN, NOW_S - 9000), last_outing_day=TODAY)
    story = shared(DAILY)
    story.comes(replace(SCAN, history=came_in))
    assert story.phase == "Choosing"
    assert story.shown.ask is Ask.DIRECTION
    assert story.records(Passage) == []


def test_a_resident_who_left_unseen_says_in_and_is_measured_like_everybody() -> None:
    came_in = History(LastCrossing(IN, NOW_S - 9000), last_outing_day=TODAY)
    story = shared(DAILY)
    story.comes(replace(SCAN, history=came_in))
    story.happens(DirectionChosen(request=1, direction=IN), 2000)
    assert story.reply.objection is None
    assert story.phase == "Measuring"
    story.comes(SCAN, Temperature.NORMAL)
    [passage] = story.records(Passage)
    assert (passage.result, passage.direction_basis) == (Result.ADMIT, Basis.VOLUNTEER)


def test_whoever_says_out_is_held_by_the_quota() -> None:
    came_in = History(LastCrossing(IN, NOW_S - 9000), last_outing_day=TODAY)
    story = shared(policy(outings=DAILY.outings, measured=frozenset()))
    story.comes(replace(SCAN, history=came_in))
    story.happens(DirectionChosen(request=1, direction=OUT), 2000)
    [passage] = story.records(Passage)
    assert (passage.result, passage.reason) == (Result.HOLD, Reason.OUTING_USED)


def test_who_would_be_stopped_either_way_is_not_asked() -> None:
    story = shared()
    red = person()
    assert red.household is not None
    watched = replace(red, household=msgspec.structs.replace(red.household, colour=Colour.RED))
    story.comes(replace(SCAN, standing=watched))
    [passage] = story.records(Passage)
    assert passage.reason is Reason.UNDER_WATCH


def test_where_only_one_way_is_measured_everybody_is_asked() -> None:
    story = shared(policy(measured=frozenset({IN})))
    story.comes(SCAN)
    assert story.phase == "Choosing"
    story.happens(DirectionChosen(request=1, direction=OUT), 500)
    assert story.phase == "Open"


def test_a_direction_that_nobody_was_asked_for_changes_nothing() -> None:
    story = shared()
    story.happens(DirectionChosen(request=1, direction=OUT))
    assert story.reply.objection is Objection.NO_SUCH_CASE
