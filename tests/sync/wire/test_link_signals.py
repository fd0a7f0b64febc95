"""A link whose process is sent signals goes on: SIGTERM may come at any moment, also as a wait is over."""

import subprocess
import sys

from tests.collector.site import ROOT
from tests.patience import PATIENCE_S

# A handler that takes longer than what is left of the wait, three thousand times.
_STORM = """
import signal, time
from sync.wire.link import Link
from sync.wire.session import Address, Introduction

link = Link(Address("127.0.0.1", 9), Introduction("storm", []))
signal.signal(signal.SIGALRM, lambda *_: time.sleep(0.0006))
signal.setitimer(signal.ITIMER_REAL, 0.0013, 0.0013)
for _ in range(3000):
    link.next_event(0.001)
signal.setitimer(signal.ITIMER_REAL, 0)
link.close()
print("went on")
"""


def test_a_wait_that_a_signal_ends_late_does_not_last_for_good() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _STORM],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
