"""From samples to a reading, with every edge in hundredths of a degree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.thermometry import (
    Calibration,
    Limits,
    Reading,
    Sample,
    Temperature,
    ambient_correction,
    decisive_reading,
    is_stuck,
    read_burst,
)
from tests.checkpoint.examples import reading

ROOM = 2001
PLAIN = Calibration(sensor="test")
NORMAL, FEVER = Temperature.NORMAL, Temperature.FEVER
TOO_LOW, UNSURE = Temperature.TOO_LOW, Temperature.UNSURE
NOTHING, AMBIENT = Temperature.NO_READING, Temperature.AMBIENT_OUT_OF_RANGE
FAULT = Temperature.SENSOR_FAULT
CENTICELSIUS = st.integers(-30000, 110000)
"""What words of 16 bits could stand for, and a little more."""


def burst(*objects: int, ambient: int = ROOM) -> list[Sample]:
    return [Sample(value, ambient) for value in objects]


def judge(samples: list[Sample], calibration: Calibration = PLAIN) -> Reading:
    return read_burst(samples, None, calibration, Limits())


@pytest.mark.parametrize(
    ("centi", "outcome"),
    [
        (3399, TOO_LOW),
        (3400, NORMAL),
        (3729, NORMAL),
        (3730, FEVER),
        (4250, FEVER),
        (4251, UNSURE),
    ],
)
def test_fault_36_every_limit_holds_to_the_hundredth(centi: int, outcome: Temperature) -> None:
    for offset in (0, 1, -60):
        calibration = Calibration(sensor="test", offset_centicelsius=offset)
        found = judge(burst(*[centi - offset] * 15), calibration)
        assert (found.estimate_centicelsius, found.outcome) == (centi, outcome)


def test_fault_35_an_implausibly_low_reading_is_too_low_and_not_normal() -> None:
    assert judge(burst(*[2951] * 15)).outcome is TOO_LOW


@pytest.mark.parametrize(
    ("ambient", "outcome"),
    [(999, AMBIENT), (1001, NORMAL), (3999, NORMAL), (4001, AMBIENT)],
)
def test_fault_34_outside_the_ambient_range_nothing_is_trusted(
    ambient: int, outcome: Temperature
) -> None:
    samples = burst(*[3651] * 15, ambient=ambient)
    assert read_burst(samples, 2001, PLAIN, Limits()).outcome is outcome


# 382.21 and 1037.55 degrees are the lowest and the highest of the words that an MLX90614 flags as void.
@pytest.mark.parametrize(
    "bad",
    [Sample(38221, ROOM), Sample(103755, ROOM), Sample(3651, 103755), Sample(-27316, ROOM)],
)
@pytest.mark.parametrize("place", [0, 7, 14])
def test_fault_32_one_void_word_in_a_burst_is_a_fault(bad: Sample, place: int) -> None:
    samples = burst(*[3651] * 15)
    samples[place] = bad
    assert judge(samples).outcome is FAULT


@pytest.mark.parametrize(
    ("words", "stuck"),
    [
        ([14000] * 50, True),
        ([13999] + [14000] * 50, True),
        ([14000] * 49, False),
        ([14000] * 49 + [14001], False),
        ([14001] + [14000] * 49, False),
        ([], False),
    ],
)
def test_fault_33_the_same_word_50_times_running_is_stuck(words: list[int], stuck: bool) -> None:
    assert is_stuck(words) is stuck


@pytest.mark.parametrize(
    ("objects", "outcome", "estimate"),
    [
        pytest.param([3651] * 15, NORMAL, 3651, id="a steady face"),
        pytest.param([2001] * 15, NOTHING, None, id="nobody there"),
        pytest.param([2099] * 15, NOTHING, None, id="not far enough from the background"),
        pytest.param([], NOTHING, None, id="no samples"),
        pytest.param([3651] * 2, UNSURE, 3651, id="too few to trust"),
        pytest.param([3651] * 3, NORMAL, 3651, id="just enough"),
        pytest.param([2001] * 5 + [2801, 3301] + [3651] * 8, NORMAL, 3651, id="walking up"),
        pytest.param([3651] * 8 + [2001] * 7, NORMAL, 3651, id="walking away"),
        pytest.param([3621] * 7 + [3681] * 8, UNSURE, 3654, id="spread over 0.6 degrees"),
        pytest.param([3631] * 7 + [3681] * 8, NORMAL, 3659, id="spread over half a degree"),
        pytest.param([3651] * 14 + [3951], NORMAL, 3651, id="one glint upwards"),
        pytest.param([3401] * 3 + [3901], UNSURE, 3901, id="two groups far apart"),
        pytest.param([3401] * 10 + [3901] * 3, NORMAL, 3401, id="a short second group"),
    ],
)
def test_a_burst_is_judged_by_its_warm_plateau(
    objects: list[int], outcome: Temperature, estimate: int | None
) -> None:
    found = judge(burst(*objects))
    assert (found.outcome, found.estimate_centicelsius) == (outcome, estimate)


def test_a_measured_background_takes_the_place_of_the_ambient_temperature() -> None:
    samples = burst(*[3651] * 15)
    assert read_burst(samples, 3601, PLAIN, Limits()).outcome is NOTHING


def test_a_reading_keeps_what_a_later_doubt_needs() -> None:
    calibration = Calibration(
        sensor="east-1",
        id="2030-01",
        offset_centicelsius=20,
        ambient_corrections=((1000, 30), (3000, 10)),
    )
    assert judge(burst(3641, 3645, 3649, 3653), calibration) == Reading(
        outcome=NORMAL,
        sensor="east-1",
        calibration="2030-01",
        estimate_centicelsius=3647 + 20 + 20,
        object_centicelsius=3647,
        ambient_centicelsius=ROOM,
        spread_centicelsius=12,
        samples=4,
    )


@pytest.mark.parametrize(
    ("ambient", "correction"),
    [(500, 40), (1000, 40), (1500, 30), (2000, 20), (2500, 10), (9000, 0)],
)
def test_the_ambient_correction_runs_straight_between_its_points(
    ambient: int, correction: int
) -> None:
    points = ((1000, 40), (2000, 20), (3000, 0))
    assert (
        ambient_correction(ambient, Calibration(sensor="t", ambient_corrections=points))
        == correction
    )


@given(words=st.lists(st.builds(Sample, CENTICELSIUS, CENTICELSIUS)))
def test_no_burst_raises_anything_and_normal_is_always_within_the_limits(
    words: list[Sample],
) -> None:
    found = judge(words)
    if found.outcome is NORMAL:
        assert found.estimate_centicelsius is not None
        assert 3400 <= found.estimate_centicelsius < 3730


@given(objects=st.lists(st.integers(3000, 4000).map(lambda n: n | 1), min_size=1, max_size=20))
def test_no_jump_within_a_burst_raises_anything(objects: list[int]) -> None:
    assert judge(burst(*objects)).samples == len(objects)


@pytest.mark.parametrize(
    ("outcomes", "settled"),
    [
        ([NORMAL], NORMAL),
        ([FEVER], None),
        ([NOTHING], None),
        ([FEVER, FEVER], FEVER),
        ([NOTHING, NOTHING], NOTHING),
        ([FEVER, NORMAL], None),
        ([NOTHING, NORMAL], None),
        ([FEVER, NORMAL, NORMAL], NORMAL),
        ([FEVER, NORMAL, FEVER], FEVER),
        ([TOO_LOW, NORMAL, NORMAL], NORMAL),
        ([FEVER, UNSURE, UNSURE], UNSURE),
        ([FEVER, TOO_LOW, NORMAL], UNSURE),
        ([FEVER, NOTHING, NORMAL], UNSURE),
        ([FAULT, NOTHING, AMBIENT], UNSURE),
        ([FEVER, NOTHING], None),
        ([FEVER, NOTHING, NOTHING], FEVER),
        ([FEVER, NOTHING, FAULT], FEVER),
        ([FEVER, AMBIENT, AMBIENT], FEVER),
        ([NOTHING, FEVER, NOTHING], FEVER),
        ([NOTHING, FEVER, UNSURE], UNSURE),
        ([NOTHING, NORMAL, NOTHING], NOTHING),
    ],
)
def test_two_of_three_readings_decide(
    outcomes: list[Temperature], settled: Temperature | None
) -> None:
    found = decisive_reading([reading(outcome) for outcome in outcomes])
    assert (None if found is None else found.outcome) is settled


def test_what_settles_carries_the_figures_of_the_last_reading_that_agrees() -> None:
    first, last = reading(FEVER), Reading(outcome=FEVER, sensor="t", estimate_centicelsius=3811)
    assert decisive_reading([first, reading(NORMAL), last]) is last
