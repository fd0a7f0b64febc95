"""Whether the wall clock can be believed, although whoever sets it says that it is right.

A clock counts as right once its source says so, and its date is neither before anything that was signed for this gate
nor years after it. From then on it may drift but not jump: wall time may move against the time since boot by JUMP_US
and by DRIFT of what has passed, whoever asks for it. A clock that jumped is believed again once it has jumped back, or
after a restart of the gate. What is signed sets the floor, and not the gate's own records: a clock that was
wrong for an hour would lift it for good.
"""

from dataclasses import dataclass
from typing import Final

JUMP_US: Final = 1000 * 1_000_000
"""ntpd's panic threshold: beyond it an operator must decide (RFC 5905, A.5.5.6)."""
DRIFT: Final = 500e-6
"""The most that a kernel lets a clock be slewed; a Pi's own drift is a tenth of it."""
EARLY_US: Final = 86_400 * 1_000_000
"""A day: whoever signed may have had another clock than ours."""
LATE_US: Final = 5 * 366 * 86_400 * 1_000_000
"""Five years in a drawer."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The first believed reading in this run."""

    wall_us: int
    uptime_us: int

    def allows(self, wall_us: int, uptime_us: int) -> bool:
        """Whether another reading fits."""
        passed_us = uptime_us - self.uptime_us
        moved_us = wall_us - self.wall_us - passed_us
        return abs(moved_us) <= JUMP_US + DRIFT * abs(passed_us)


@dataclass(frozen=True, slots=True)
class ClockTrust:
    """Whether a reading is believed, and what later ones are measured by."""

    believed: bool = False
    anchor: Anchor | None = None


def judge(
    before: ClockTrust, wall_us: int, uptime_us: int, floor_us: int, *, said_to_be_right: bool
) -> ClockTrust:
    """What to think of one reading. ``floor_us``: the newest time that anything was signed for this gate."""
    plausible = floor_us - EARLY_US <= wall_us <= floor_us + LATE_US
    if not (said_to_be_right and plausible):
        return ClockTrust(False, before.anchor)
    if before.anchor is None:
        return ClockTrust(True, Anchor(wall_us, uptime_us))
    return ClockTrust(before.anchor.allows(wall_us, uptime_us), before.anchor)
