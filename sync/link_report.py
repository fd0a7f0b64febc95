"""How the sync process stands, left in a small file for the gate's page.

It is written whenever something in it has changed and every 20 s in any case, so that a report that is older
than a minute means that the sync process itself is gone. It is not synced to the disk: it is news, not a record.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec

FILE: Final = "link.json"
WRITTEN_EVERY_S: Final = 20.0
GONE_AFTER_S: Final = 60.0
CUT_OFF_AFTER_MS: Final = 15_000
"""Three pages of passages have not come."""


class LinkReport(msgspec.Struct, frozen=True, kw_only=True):
    """Times are UTC microseconds of the gate's own clock."""

    connected: bool
    unsynced: int
    acked_us: int | None = None
    """When the collector last acknowledged something, as far as this run of sync knows."""
    caught_up_ms: int | None = None
    """CLOCK_MONOTONIC when all that the other gates had seen was last known to have arrived."""

    def is_cut_off(self, now_ms: int) -> bool:
        """Whether the other gates' passages may be missing; ``now_ms`` of the same clock."""
        # A report of before the last boot may be from a clock that was further on.
        return self.caught_up_ms is None or not 0 <= now_ms - self.caught_up_ms <= CUT_OFF_AFTER_MS


def is_cut_off(folder: Path) -> bool:
    """Whether the other gates' passages may be missing here now."""
    report = read(folder, time.time())
    return report is None or report.is_cut_off(time.monotonic_ns() // 1_000_000)


def leave(folder: Path, report: LinkReport) -> None:
    """Replace the report that is there. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(report))
    Path(name).replace(folder / FILE)


def read(folder: Path, now_s: float) -> LinkReport | None:
    """The newest report; None: the sync process is not running, or has never run."""
    path = folder / FILE
    try:
        if now_s - path.stat().st_mtime > GONE_AFTER_S:
            return None
        return msgspec.json.decode(path.read_bytes(), type=LinkReport)
    except (OSError, msgspec.DecodeError):
        return None
