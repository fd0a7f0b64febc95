"""What came from the centre, and what the gate made of it."""

import enum

import msgspec

from checkpoint.ids import CommandId, Revision
from checkpoint.records.stamp import Stamp


class RosterApplied(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="roster", tag_field="kind"
):
    """From here on this roster is obeyed."""

    stamp: Stamp
    revision: Revision
    residents: int


class PolicyApplied(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="policy", tag_field="kind"
):
    """From here on this policy of the centre is obeyed."""

    stamp: Stamp
    revision: Revision
    name: str


class CommandKind(enum.Enum):
    """What the centre can tell one gate to do."""

    OPEN = "open"
    LOCK_OUT = "lock-out"
    """Hold everybody until further notice."""
    LIFT = "lift"
    """The lock-out is over."""
    REMEASURE = "remeasure"
    """Take the temperature of whoever was held last once more."""
    RESTART = "restart"


class NotDone(enum.Enum):
    """Why a genuine command was not carried out."""

    EXPIRED = "EXPIRED"
    CLOCK_UNTRUSTED = "CLOCK_UNTRUSTED"
    """Whether it has expired cannot be told."""
    LOCK_DOWN = "LOCK_DOWN"
    NOBODY_HELD = "NOBODY_HELD"
    BUSY = "BUSY"


class Commanded(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="commanded", tag_field="kind"
):
    """A command of the centre, and what became of it."""

    stamp: Stamp
    id: CommandId
    command: CommandKind
    by: str
    reason: str = ""
    not_done: NotDone | None = None
    """None: it is being done."""


class DownlinkRefused(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="refused", tag_field="kind"
):
    """Something that reached the gate from outside was not obeyed."""

    stamp: Stamp
    what: str
    why: str
