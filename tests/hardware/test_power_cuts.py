"""The machine is killed while people pass: what was seen from outside is on the disk afterwards."""

import pytest

from tests.hardware.power_cuts import PowerCuts
from tests.hardware.stand import Stand

pytestmark = pytest.mark.hardware
CUTS = 10
CARELESS_CUTS = 3


@pytest.fixture(scope="module")
def power_cuts(stand: Stand) -> PowerCuts:
    stand.clear()
    return PowerCuts(stand)


def test_faults_14_15_ten_power_cuts_lose_nothing_that_was_seen_from_outside(
    power_cuts: PowerCuts,
) -> None:
    tally = power_cuts.run(CUTS)
    print(tally)
    assert tally.cuts == CUTS
    assert tally.acknowledged
    assert tally.pulses
    assert tally.nothing_is_lost, tally


def test_with_synchronous_normal_the_same_cuts_lose_rows(power_cuts: PowerCuts) -> None:
    """Else the test above would show nothing."""
    tally = power_cuts.run(CARELESS_CUTS, carelessly=True)
    print(tally)
    assert tally.lost_rows
