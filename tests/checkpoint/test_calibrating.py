import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.calibrating import Comparison, Unfit, compare, disagree, offset_of
from checkpoint.thermometry import (
    HIGHEST_MEASURABLE_CENTICELSIUS,
    Calibration,
    Limits,
    Sample,
    Temperature,
    read_burst,
)

SITE = Calibration(sensor="test")
ROOM = 2200


def burst(*objects: int, ambient: int = ROOM) -> list[Sample]:
    return [Sample(value, ambient) for value in objects]


def test_a_steady_burst_gives_the_offset_that_makes_it_the_reference() -> None:
    found = compare(burst(*[3619, 3621] * 10), 3680, SITE)
    assert found == Comparison(
        reference_centicelsius=3680,
        object_centicelsius=3620,
        ambient_centicelsius=2200,
        spread_centicelsius=2,
        samples=20,
        offset_centicelsius=60,
    )


@given(
    seen=st.integers(3300, 3900),
    reference=st.integers(3400, 4200),
    ambient=st.integers(1000, 3000),
    correction=st.integers(-100, 100),
)
def test_under_its_own_offset_the_burst_reads_as_the_reference(
    seen: int, reference: int, ambient: int, correction: int
) -> None:
    """The law that ties calibrating to measuring, ambient correction included."""
    site = Calibration(sensor="test", ambient_corrections=((ambient, correction),))
    samples = burst(*[seen] * 20, ambient=ambient)
    found = compare(samples, reference, site)
    if found is Unfit.OFFSET_TOO_LARGE:
        assert abs(reference - seen - correction) > 500
        return
    assert isinstance(found, Comparison)
    calibrated = Calibration(
        sensor="test",
        offset_centicelsius=offset_of([found]),
        ambient_corrections=site.ambient_corrections,
    )
    reading = read_burst(samples, None, calibrated, Limits())
    assert reading.estimate_centicelsius == reference
    assert reading.outcome is not Temperature.UNSURE


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (burst(*[3621] * 19), Unfit.FEW_SAMPLES),
        ([*burst(*[3621] * 19), Sample(HIGHEST_MEASURABLE_CENTICELSIUS + 1, ROOM)], Unfit.VOID),
        (burst(*[2251] * 20), Unfit.NOBODY),
        (burst(*range(3500, 3700, 10)), Unfit.UNSTEADY),
        (burst(*[3621] * 20, ambient=901), Unfit.AMBIENT_OUT_OF_RANGE),
        (burst(*[3621] * 20, ambient=4101), Unfit.AMBIENT_OUT_OF_RANGE),
        (burst(*[3101] * 20), Unfit.OFFSET_TOO_LARGE),
    ],
)
def test_what_is_no_comparison_says_why(samples: list[Sample], why: Unfit) -> None:
    assert compare(samples, 3680, SITE) is why


def test_one_sample_that_leaps_does_no_harm() -> None:
    found = compare([*burst(*[3621] * 39), *burst(3901)], 3680, SITE)
    assert isinstance(found, Comparison)
    assert found.offset_centicelsius == 59


def comparisons(*offsets: int) -> list[Comparison]:
    return [
        found
        for offset in offsets
        if isinstance(found := compare(burst(*[3621] * 20), 3621 + offset, SITE), Comparison)
    ]


@pytest.mark.parametrize(
    ("offsets", "offset", "differ"),
    [((60,), 60, False), ((50, 70), 60, False), ((10, 60, 70), 60, True), ((10, 60), 35, False)],
)
def test_the_median_of_several_comparisons_counts_and_their_disagreement_is_said(
    offsets: tuple[int, ...], offset: int, differ: bool
) -> None:
    found = comparisons(*offsets)
    assert (offset_of(found), disagree(found)) == (offset, differ)
