"""The scan bench itself: it measures scans, and its control shows that it can see a slower relay."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_bench_of_a_scan_measures_admissions_and_sees_its_control() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.scan", "--n", "20"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    scans = int(done.stdout.split(" scans, ")[0].rsplit("\n", 1)[-1])
    assert scans >= 15
    assert "control: a relay 5 ms slower was seen as" in done.stdout
