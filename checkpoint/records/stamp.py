"""The circumstances that every record carries."""

import msgspec

from checkpoint.ids import Revision


class Stamp(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When and under what knowledge a record came to be."""

    at_us: int
    """UTC microseconds since 1970, as the gate's clock had it."""
    boot_id: str
    uptime_ms: int
    """CLOCK_BOOTTIME: rises through every step of the wall clock."""
    clock_synced: bool
    policy_revision: Revision
    roster_revision: Revision | None
