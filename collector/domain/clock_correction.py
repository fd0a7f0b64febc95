"""Times of records that were written before the gate's clock was right, without I/O.

A stamp holds the time since boot, which rises through every step of the wall clock. One record of the same boot whose
clock was right tells when that boot began, and with it when each of the others was written, earlier or later
ones alike. The first that comes to be known counts. What the gate wrote is never changed.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from checkpoint.ids import Seq
from checkpoint.records import Stamp

_MAX_UPTIME_MS: Final = 2**50
"""Beyond any machine's life; with it no sum leaves 63 bits."""


class Untimed(NamedTuple):
    """A row whose own time is not to be believed."""

    seq: Seq
    boot_id: str
    uptime_ms: int


@dataclass(slots=True)
class Times:
    """What the new rows of one batch say of time."""

    begun_us: dict[str, int] = field(default_factory=dict)
    """By boot: when it began, UTC microseconds."""
    untimed: list[Untimed] = field(default_factory=list)

    def note(self, seq: Seq, stamp: Stamp) -> None:
        """One more row."""
        if not stamp.clock_synced:
            if 0 <= stamp.uptime_ms <= _MAX_UPTIME_MS:
                self.untimed.append(Untimed(seq, stamp.boot_id, stamp.uptime_ms))
        elif stamp.boot_id not in self.begun_us and 0 <= stamp.uptime_ms <= _MAX_UPTIME_MS:
            self.begun_us[stamp.boot_id] = stamp.at_us - stamp.uptime_ms * 1000


def corrected_us(begun_us: int, uptime_ms: int) -> int:
    """When something happened so long after the boot began, UTC microseconds."""
    return begun_us + uptime_ms * 1000
