"""The sync bench in short: what it measures is there, and its control would notice an intake that stands still."""

import re
import subprocess
import sys

from tests.patience import PATIENCE_S
from tests.sync.journal.journal_files import ROOT


def test_a_short_drain_and_some_live_traffic_are_measured_and_nothing_is_missing() -> None:
    options = ["--records", "2000", "--gates", "5", "--seconds", "1"]
    command = [sys.executable, "-m", "bench.sync", *options]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=2 * PATIENCE_S, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"2000 records of 20 gates drained: [\d,]+ records/s", done.stdout)
    assert re.search(r"intake process \d+ MB at its peak", done.stdout)
    assert re.search(r"processor: intake [\d.]+ us a record, bare [\d.]+", done.stdout)
    stopped, seen, else_ = re.findall(r"([\d.]+) s", done.stdout.split("control:")[1])[:3]
    assert float(seen) >= 0.8 * float(stopped) > float(else_)
    assert re.search(r"live: 5 gates, 1 record a second each: \d+ acknowledged, 0 not", done.stdout)
