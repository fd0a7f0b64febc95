"""What the page shows beside the lane itself: how sync stands, how old the roster is, who went in and out today, and
how many are inside: a resident of whom nothing is known is taken to be, anybody else is not.

Looked at by a thread of its own, from files that others write, so that nothing here can slow the lane down.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.entry_pass import Kind
from checkpoint.ids import PersonId, Revision
from checkpoint.people import Roster
from checkpoint.policy import Direction, Policy
from kiosk.files.trusted_state import TrustedState
from sync.journal.presence import presence
from sync.link_report import LinkReport, read

LOOK_EVERY_S: Final = 1.0
COUNT_EVERY_S: Final = 10.0
LIVE_HERE: Final = frozenset({Kind.RESIDENT, Kind.DUTY})


@dataclass(frozen=True, slots=True)
class Counts:
    """Real passages through this lane since midnight; where people are by the crossings of all gates."""

    came_in: int = 0
    went_out: int = 0
    inside: int | None = None
    """None: there is no roster."""
    outside: int | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """As far as it is known."""

    link: LinkReport | None = None
    """None: the sync process is not running."""
    roster_revision: Revision | None = None
    counts: Counts = Counts()
    notices: tuple[str, ...] = ()
    """The centre's."""
    timezone: str | None = None
    """Of the policy that is obeyed; None: not looked yet."""
    roster_stale_after_s: int = Policy(name="").roster_stale_after_s
    """Of that policy, too."""


def watch(
    folder: Path,
    trusted_state: TrustedState,
    tell: Callable[[Surroundings], None],
) -> None:
    """Look about once a second, in a daemon thread, and tell the page."""

    def look() -> None:
        counts, counted_s, zone = Counts(), -COUNT_EVERY_S, ""
        while True:
            # The compound's zone is its policy's, and another policy may come at any time.
            policy = trusted_state.policy
            if time.monotonic() - counted_s >= COUNT_EVERY_S or policy.timezone != zone:
                zone = policy.timezone
                counts = count(folder, ZoneInfo(zone), time.time(), trusted_state.roster())
                counted_s = time.monotonic()
            link, revision = read(folder, time.time()), trusted_state.roster_revision
            tell(
                Surroundings(
                    link, revision, counts, trusted_state.notices, zone, policy.roster_stale_after_s
                )
            )
            time.sleep(LOOK_EVERY_S)

    threading.Thread(target=look, name="surroundings", daemon=True).start()


def count(folder: Path, zone: ZoneInfo, now_s: float, roster: Roster | None) -> Counts:
    """Passages since the compound's midnight; none where the journal cannot be asked."""
    midnight = datetime.fromtimestamp(now_s, zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    found = presence(folder / "journal.db", round(midnight.timestamp() * 1_000_000))
    if found is None:
        return Counts()
    inside, outside = (None, None) if roster is None else _places(roster, found.last_way)
    return Counts(found.came_in, found.went_out, inside, outside)


def _places(roster: Roster, last: Mapping[PersonId, Direction]) -> tuple[int, int]:
    """How many are inside, and how many of the residents are outside."""
    at_home = {
        person
        for person, resident in roster.residents.items()
        if resident.kind in LIVE_HERE and resident.household is not None
    }
    out = sum(last.get(person) is Direction.OUT for person in at_home)
    guests = sum(way is Direction.IN for person, way in last.items() if person not in at_home)
    return len(at_home) - out + guests, out
