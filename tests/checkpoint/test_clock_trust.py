"""Whether the wall clock is believed: never set, years off, jumping, slowly led astray."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.clock_trust import DRIFT, JUMP_US, ClockTrust, judge

FLOOR_US = 1_900_000_000_000_000
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
YEAR_US = 366 * DAY_US


def reading(before: ClockTrust, wall_us: int, uptime_us: int, *, said: bool = True) -> ClockTrust:
    return judge(before, wall_us, uptime_us, FLOOR_US, said_to_be_right=said)


@pytest.mark.parametrize(
    ("off_us", "believed"),
    [
        (-10 * YEAR_US, False),
        (-2 * DAY_US, False),
        (-HOUR_US, True),
        (0, True),
        (2 * YEAR_US, True),
        (10 * YEAR_US, False),
    ],
)
def test_fault_38_a_first_date_years_off_what_was_signed_is_not_believed(
    off_us: int, *, believed: bool
) -> None:
    assert reading(ClockTrust(), FLOOR_US + off_us, 1).believed is believed


def test_fault_37_a_clock_that_nobody_has_set_is_not_believed_until_somebody_has() -> None:
    unset = reading(ClockTrust(), FLOOR_US + 5, 1, said=False)
    assert unset == ClockTrust()
    assert reading(unset, FLOOR_US + HOUR_US, 2).believed


@pytest.mark.parametrize("jump_us", [-10 * YEAR_US, -DAY_US, -HOUR_US, HOUR_US, 3 * YEAR_US])
def test_faults_38_39_a_clock_that_jumps_is_not_believed_until_it_has_jumped_back(
    jump_us: int,
) -> None:
    right = reading(ClockTrust(), FLOOR_US, 1_000_000)
    jumped = reading(right, FLOOR_US + 60_000_000 + jump_us, 61_000_000)
    assert right.believed
    assert not jumped.believed
    assert reading(jumped, FLOOR_US + 120_000_000, 121_000_000).believed


def test_fault_39_a_source_that_leads_the_clock_astray_in_small_steps_is_not_followed_far() -> None:
    trust, wall_us, uptime_us, furthest_us = reading(ClockTrust(), FLOOR_US, 0), FLOOR_US, 0, 0
    for _ in range(1000):
        wall_us, uptime_us = wall_us + 11_000_000, uptime_us + 1_000_000
        trust = reading(trust, wall_us, uptime_us)
        if trust.believed:
            furthest_us = wall_us - FLOOR_US - uptime_us
    assert 0 < furthest_us <= JUMP_US + DRIFT * uptime_us


@given(st.integers(0, 60 * DAY_US), st.floats(-DRIFT, DRIFT))
def test_a_clock_that_only_drifts_stays_believed(passed_us: int, drift: float) -> None:
    right = reading(ClockTrust(), FLOOR_US, 0)
    assert reading(right, FLOOR_US + passed_us + round(passed_us * drift), passed_us).believed
