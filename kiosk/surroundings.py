"""What the page shows beside the lane itself: how sync stands, how old the roster is, who went in and out today.

Looked at by a thread of its own, from files that others write, so that nothing here can slow the lane down.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.ids import Revision
from checkpoint.policy import Direction
from sync.link_report import LinkReport, read

LOOK_EVERY_S: Final = 1.0
COUNT_EVERY_S: Final = 10.0
_COUNT: Final = """
    SELECT direction, count(*) FROM crossings
    WHERE gate = '' AND of_us >= ? AND how IN ('door', 'relock') GROUP BY direction
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Real passages through this lane since midnight."""

    came_in: int = 0
    went_out: int = 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """As far as it is known."""

    link: LinkReport | None = None
    """None: the sync process is not running."""
    roster_revision: Revision | None = None
    counts: Counts = Counts()


def watch(
    folder: Path,
    zone: ZoneInfo,
    roster_revision: Callable[[], Revision | None],
    tell: Callable[[Surroundings], None],
) -> None:
    """Look about once a second, in a daemon thread, and tell the page."""

    def look() -> None:
        counts, counted_s = Counts(), -COUNT_EVERY_S
        while True:
            if time.monotonic() - counted_s >= COUNT_EVERY_S:
                counts, counted_s = count(folder, zone, time.time()), time.monotonic()
            tell(Surroundings(read(folder, time.time()), roster_revision(), counts))
            time.sleep(LOOK_EVERY_S)

    threading.Thread(target=look, name="surroundings", daemon=True).start()


def count(folder: Path, zone: ZoneInfo, now_s: float) -> Counts:
    """Passages since the compound's midnight; none where the journal cannot be asked."""
    midnight = datetime.fromtimestamp(now_s, zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    uri = f"{(folder / 'journal.db').absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=1.0)) as connection:
            found = dict(connection.execute(_COUNT, (round(midnight.timestamp() * 1_000_000),)))
    except sqlite3.Error:
        return Counts()
    return Counts(found.get(Direction.IN.value, 0), found.get(Direction.OUT.value, 0))
