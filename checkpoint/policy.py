"""The limits in force, units in the names. Presets are data: config/policies/*.toml."""

import enum

import msgspec

from checkpoint.ids import Revision
from checkpoint.thermometry import Limits


class Direction(enum.Enum):
    """Which way the bearer is going."""

    IN = "in"
    OUT = "out"


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
