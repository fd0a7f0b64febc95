"""The machine is killed while people pass: what was seen from outside is on the disk afterwards."""

from pathlib import Path

import pytest

from tests.hardware.power_cuts import PowerCuts
from tests.hardware.stand import Stand

pytestmark = pytest.mark.hardware
CUTS = 10
CARELESS_CUTS = 4


def test_faults_14_15_ten_power_cuts_lose_nothing_that_was_seen_from_outside(
    stand: Stand, tmp_path: Path
) -> None:
    stand.clear()
    tally = PowerCuts(tmp_path / "cuts").run(CUTS)
    print(tally)
    assert tally.cuts == CUTS
    assert tally.acknowledged
    assert tally.pulses
    assert tally.nothing_is_lost, tally


def test_with_synchronous_normal_the_same_cuts_lose_rows(stand: Stand, tmp_path: Path) -> None:
    """Else the test above would show nothing."""
    stand.clear()
    tally = PowerCuts(tmp_path / "cuts", carelessly=True).run(CARELESS_CUTS)
    print(tally)
    assert tally.lost_rows
