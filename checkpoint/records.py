"""What a gate journals and what travels: one struct a kind, JSON with the kind as its tag.

A record is written once and never changed; docs/protocol.md describes every field, and the golden
vectors in tests/ keep the bytes. New kinds and new optional fields may come, old ones stay.
"""

import enum
from datetime import date
from typing import Final

import msgspec

from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, EpochId, HouseholdId, PersonId, Revision, Seq
from checkpoint.policy import Direction
from checkpoint.thermometry import Reading
from checkpoint.verdict import Flag, Reason


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """When and under what knowledge a record came to be."""

    at_us: int
    """UTC microseconds since 1970, as the gate's clock had it."""
    boot_id: str
    uptime_ms: int
    """CLOCK_BOOTTIME: rises through every step of the wall clock."""
    clock_synced: bool
    policy_revision: Revision
    roster_revision: Revision | None


class Result(enum.Enum):
    """What became of a scan."""

    ADMIT = "admit"
    HOLD = "hold"
    REFUSE = "refuse"


class Basis(enum.Enum):
    """How the direction is known."""

    LANE = "lane"
    PRESENCE = "presence"
    """The other way than last time."""
    ASSUMED = "assumed"
    """No passage is known: residents are taken to be inside, others outside."""
    VOLUNTEER = "volunteer"


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """What the genuine pass said."""

    person: PersonId
    serial: int
    compound: CompoundId
    kind: Kind


class Passage(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="passage", tag_field="kind"
):
    """One scan and its verdict."""

    stamp: Stamp
    direction: Direction
    direction_basis: Basis
    result: Result
    reason: Reason | None
    """None: admitted."""
    flags: tuple[Flag, ...] = ()
    code: str
    """The first 16 hex digits of SHA-256 over the QR's text: two scans of one code can be told, its text cannot."""
    bearer: Bearer | None = None
    """None: the code was no genuine pass, so nothing that it claims is worth keeping."""
    readings: tuple[Reading, ...] = ()
    """In order; the last one is not always the one that settled it."""
    temperature_centicelsius: int | None = None
    """The settled estimate; None: not measured, or no trustworthy reading."""


class Evidence(enum.Enum):
    """How it is known whether somebody went through the opened door."""

    DOOR = "door"
    """The contact saw it move: somebody passed."""
    RELOCK = "relock"
    """There is no contact, and the lock shut again: taken for a passage."""
    UNDONE = "undone"
    """A volunteer took the admission back: nobody passed."""
    ANNULLED = "annulled"
    """The contact saw nothing within the time: nobody passed."""


class Crossing(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="crossing", tag_field="kind"
):
    """What became of an opened door: only this makes presence, and uses up outings and entries.

    The gate and ``of_us`` name it. A later one of the same name replaces it: undone un-charges.
    """

    stamp: Stamp
    of_us: int
    """``at_us`` of the record that opened the door; also the time of the passage."""
    bearer: Bearer
    household: HouseholdId | None = None
    direction: Direction
    direction_basis: Basis
    how: Evidence
    charged_day: date | None = None
    """The day, in the compound's zone, to which an outing on the quota is charged; None: to none."""
    provisional: bool = False
    """Granted while cut off from the other gates, which may have granted one too."""

    @property
    def passed(self) -> bool:
        """Whether somebody really went through."""
        return self.how in {Evidence.DOOR, Evidence.RELOCK}


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


class Cause(enum.Enum):
    """Why a door opened: an Admit, and the four others that there are."""

    ADMIT = "admit"
    VOLUNTEER = "volunteer"
    REMOTE = "remote"
    EXIT_BUTTON = "exit_button"
    EMERGENCY = "emergency"


class Opened(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="opened", tag_field="kind"
):
    """The door was opened for nobody whom the gate knows."""

    stamp: Stamp
    cause: Cause
    by: str = ""
    """The person on duty, or whoever issued the command."""
    reason: str = ""


class Action(enum.Enum):
    """What a volunteer decided on a case."""

    ADMIT = "admit"
    DENY = "deny"


class Resolution(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="resolution",
    tag_field="kind",
):
    """A volunteer's decision on somebody who was held. It closes the case."""

    stamp: Stamp
    of_us: int
    """``at_us`` of the Passage that was held."""
    action: Action
    by: PersonId
    reason: str
    verdict: Reason
    """Why they were held."""
    direction: Direction
    direction_basis: Basis
    bearer: Bearer | None = None


class HandHeldTaken(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="hand_held", tag_field="kind"
):
    """A volunteer entered what a hand-held thermometer showed for somebody who is held."""

    stamp: Stamp
    of_us: int
    by: PersonId
    centicelsius: int


class Undone(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="undone", tag_field="kind"
):
    """An admission, a denial or a registration no longer counts."""

    stamp: Stamp
    of_us: int
    """``at_us`` of the record that no longer counts."""
    by: PersonId | None
    """None: the gate itself, for its lock did not move."""


class DutyChange(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="duty", tag_field="kind"
):
    """A volunteer signed on or off with the own pass."""

    stamp: Stamp
    person: PersonId
    on: bool
    left_on_duty: int
    """How many are on duty now."""
    open_cases: int


class Visiting(enum.Enum):
    """Who came without a pass."""

    VISITOR = "visitor"
    DELIVERY = "delivery"
    VEHICLE = "vehicle"


class Visit(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="visit", tag_field="kind"
):
    """Somebody without a pass, registered by a volunteer."""

    stamp: Stamp
    visiting: Visiting
    by: PersonId
    household: HouseholdId | None
    purpose: str
    sealed: str = ""
    """Name and phone, sealed to the centre."""
    count: int = 1
    plate: str = ""
    temperature_centicelsius: int | None = None
    result: Result | None = None
    """None: noted only, as every delivery."""
    reason: Reason | None = None
    flags: tuple[Flag, ...] = ()


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


class RosterApplied(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="roster", tag_field="kind"
):
    """From here on this roster is obeyed."""

    stamp: Stamp
    revision: Revision
    residents: int


class DownlinkRefused(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="refused", tag_field="kind"
):
    """Something that reached the gate from outside was not obeyed."""

    stamp: Stamp
    what: str
    why: str


Record = (
    Passage
    | Crossing
    | DeviceChange
    | Opened
    | Resolution
    | HandHeldTaken
    | Undone
    | DutyChange
    | Visit
    | DoorChange
    | JournalReplaced
    | RosterApplied
    | DownlinkRefused
)

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final[msgspec.json.Decoder[Record]] = msgspec.json.Decoder(Record)


def encode(record: Record) -> str:
    """The record as the JSON text that is hashed, stored and sent."""
    return _ENCODER.encode(record).decode()


def decode(body: str) -> Record:
    """The record in a journal row's body. Raises msgspec.DecodeError (a ValueError) for anything else."""
    try:
        return _DECODER.decode(body)
    except RecursionError:  # thousands of brackets; msgspec has no limit of its own
        raise msgspec.DecodeError("nested too deeply") from None


def opens(record: Record) -> bool:
    """Whether this record says that the door opens, so that it must be kept before the lock moves."""
    match record:
        case Passage(result=Result.ADMIT) | Visit(result=Result.ADMIT) | Opened():
            return True
        case Resolution(action=Action.ADMIT):
            return True
        case _:
            return False
