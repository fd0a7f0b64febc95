"""What people did at the gate: openings without a verdict, decisions, duty, visits."""

import enum

import msgspec

from checkpoint.ids import HouseholdId, PersonId
from checkpoint.policy import Direction
from checkpoint.records.passages import Basis, Bearer, Result
from checkpoint.records.stamp import Stamp
from checkpoint.verdict import Flag, Reason


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
    passage_at_us: int = msgspec.field(name="of_us")
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
    passage_at_us: int = msgspec.field(name="of_us")
    by: PersonId
    centicelsius: int


class Undone(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="undone", tag_field="kind"
):
    """An admission, a denial or a registration no longer counts."""

    stamp: Stamp
    passage_at_us: int = msgspec.field(name="of_us")
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
