"""Vehicles and their plates; visitors and deliveries are tested at a running gate."""

import pytest

from checkpoint.gate.events import Register
from checkpoint.ids import PersonId
from checkpoint.policy import Policy
from checkpoint.records import Result, Visit, Visiting
from checkpoint.verdict import Flag, Reason
from tests.checkpoint.examples import lane, policy
from tests.checkpoint.gate.story import Story

WATCHED = policy(watched_plates=("鄂A", "粤b"))


def registered(plate: str, rules: Policy = WATCHED, **changes: object) -> Visit:
    story = Story(lane(policy=rules)).with_duty(PersonId("V1"))
    fields = {"household": None, "purpose": "moving", "centicelsius": 3650, "admit": True}
    story.happens(
        Register(request=1, visiting=Visiting.VEHICLE, plate=plate, **{**fields, **changes})  # type: ignore[arg-type]
    )
    assert story.reply.objection is None
    [visit] = story.records(Visit)
    assert isinstance(visit, Visit)
    assert story.pulses == (visit.result is Result.ADMIT)
    return visit


@pytest.mark.parametrize(
    ("plate", "flags"),
    [
        ("鄂A12345", (Flag.WATCHED_PLATE,)),
        ("粤B1", (Flag.WATCHED_PLATE,)),
        ("粤b1", (Flag.WATCHED_PLATE,)),
        ("京A鄂A123", ()),
        ("", ()),
    ],
)
def test_a_plate_is_flagged_by_its_beginning_and_not_turned_away_for_it(
    plate: str, flags: tuple[Flag, ...]
) -> None:
    visit = registered(plate)
    assert (visit.result, visit.flags) == (Result.ADMIT, flags)


def test_where_no_plate_is_watched_none_is_flagged() -> None:
    assert registered("鄂A12345", policy()).flags == ()


def test_a_driver_with_a_fever_stays_outside_and_both_flags_are_told() -> None:
    visit = registered("鄂A12345", centicelsius=3850)
    assert (visit.result, visit.reason) == (Result.HOLD, Reason.FEVER)
    assert visit.flags == (Flag.FEVER, Flag.WATCHED_PLATE)
