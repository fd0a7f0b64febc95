"""What the gate's own parts and its journal did."""

import enum

import msgspec

from checkpoint.ids import EpochId, Seq
from checkpoint.records.stamp import Stamp


class Device(enum.Enum):
    """A part of the gate that can fail by itself."""

    CAMERA = "camera"
    THERMOMETER = "thermometer"
    LOCK = "lock"
    DOOR = "door"
    """The contact that tells when it moves."""
    EXIT_BUTTON = "exit_button"
    ANNUNCIATOR = "annunciator"
    """Lamps and buzzer."""
    JOURNAL = "journal"
    PROGRAM = "program"
    """The gate's program itself: faulty is written at the start after a run that did not end in order."""


class DeviceState(enum.Enum):
    """Whether it works."""

    OK = "ok"
    GONE = "gone"
    """It does not answer."""
    FAULTY = "faulty"
    """It answers, and what it says cannot be."""


class DeviceChange(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="device", tag_field="kind"
):
    """A part stopped working, or works again."""

    stamp: Stamp
    device: Device
    state: DeviceState
    detail: str = ""


class DoorState(enum.Enum):
    """What is wrong with a door, or no longer is."""

    FORCED = "forced"
    """It opened and nobody had opened it."""
    HELD = "held"
    """It stands open too long."""
    STUCK = "stuck"
    """Three admissions running it did not move."""
    SHUT = "shut"
    """After FORCED or HELD."""
    MOVES = "moves"
    """After STUCK."""


class DoorChange(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="door", tag_field="kind"
):
    """The door did what it should not, or stopped doing so."""

    stamp: Stamp
    state: DoorState
    open_ms: int = 0
    """For how long it stood open, where that is known."""


class JournalReplaced(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="journal", tag_field="kind"
):
    """The first record of a new epoch that had to begin."""

    stamp: Stamp
    cause: str
    """damaged, behind, contradicted."""
    set_aside: str = ""
    """Name of the file that was moved away, if one was."""
    old_epoch: EpochId | None = None
    old_upto: Seq | None = None
    """The highest row of the old epoch that is known to have existed."""
    rows_kept: int = 0
    rows_lost: int = 0
    """Rows up to old_upto that could not be read or do not verify."""


class ClockSet(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="clock", tag_field="kind"
):
    """The clock is right from here on, and was not before; the stamp says when this boot began."""

    stamp: Stamp
