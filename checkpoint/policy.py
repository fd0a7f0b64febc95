"""The limits in force, units in the names. Presets are data: config/policies/*.toml."""

import enum

import msgspec

from checkpoint.hours import Weekly
from checkpoint.ids import Revision
from checkpoint.thermometry import Limits


class Direction(enum.Enum):
    """Which way the bearer is going."""

    IN = "in"
    OUT = "out"


class Curfew(msgspec.Struct, frozen=True, kw_only=True):
    """When people may not pass: marks and shifts that exempt apart."""

    directions: frozenset[Direction]
    hours: tuple[Weekly, ...] = ()
    """Empty: a ban at all hours, which needs no clock."""


class OutingQuota(msgspec.Struct, frozen=True, kw_only=True):
    """One outing of one member of each household."""

    every_days: int
    """1: once a calendar day; 2: due again on the second day after."""
    max_minutes_out: int
    """Back later than this: LATE_RETURN."""
    allowed_hours: tuple[Weekly, ...] = ()
    """Hours in which outings may begin; empty: any."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What the compound asks of those who pass."""

    name: str
    revision: Revision = Revision(0)
    timezone: str = "Asia/Shanghai"
    temperature: Limits = Limits()
    measured: frozenset[Direction] = frozenset(Direction)
    """Directions in which the temperature is taken."""
    validity_grace_s: int = 120
    """Clocks differ: a pass counts this long before and after its dates."""
    roster_stale_after_s: int = 172_800
    untrusted_clock_holds: bool = False
    stale_roster_holds: bool = False
    admit_without_journal: int = 200
    """How many may pass while nothing can be written down."""
    curfew: Curfew | None = None
    outings: OutingQuota | None = None
    """None: nobody counts outings."""
    exempt_marks: frozenset[str] = frozenset()
    """Marks whose bearers neither curfew nor quota binds."""
    shift_grace_minutes: int = 30
    """A shift counts this long before its start and after its end: 0 to 720."""
    passback_minutes: int = 5
    """The same way again within this time: the pass is in two hands."""
    first_entry_days: int = 14
    """A resident's pass younger than this, never seen before, is a first entry."""
    watched_plates: tuple[str, ...] = ()
    """Beginnings of number plates, such as a province's, that are flagged."""
