"""The scan bench itself: it measures scans, and its control shows whether it can see a slower relay."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.scan import CONTROL_MS, is_the_control, shift_ms
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


def test_the_bench_of_a_scan_measures_admissions_and_tells_what_its_control_showed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.scan", "--n", "20"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_S,
        check=False,
    )
    scans = int(done.stdout.split(" scans, ")[0].rsplit("\n", 1)[-1])
    assert scans >= 15, done.stdout + done.stderr
    assert f"control: a relay {CONTROL_MS:.0f} ms slower was seen as" in done.stdout
    # Whether it was seen is the machine's doing; what the bench says must agree with how it ends.
    assert done.returncode == int("the control failed" in done.stdout), done.stderr


@pytest.mark.parametrize(
    ("plain_ms", "slowed_ms", "seen"),
    [
        ([0.3, 0.4, 0.3], [5.4, 5.3, 5.5], True),
        ([0.3, 9.0, 7.0], [25.0, 5.6, 12.0], True),  # a busy machine
        ([0.3, 0.4, 0.3], [0.4, 0.3, 0.4], False),  # the delay is not measured
        ([0.3, 0.4, 0.3], [20.0, 21.0, 20.5], False),  # something else is
    ],
)
def test_the_control_is_seen_in_the_quickest_scans(
    plain_ms: list[float], slowed_ms: list[float], *, seen: bool
) -> None:
    assert is_the_control(shift_ms(plain_ms, slowed_ms)) == seen
