"""What happens to dispatch, and what is to be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from checkpoint.ids import CompoundId, Revision
from collector.domain.dispatch.state import Dispatch, Gate
from collector.domain.in_force import InForce, Leaf
from sync.wire.downlink_messages import Want


@dataclass(frozen=True, slots=True)
class BrokerFound:
    """There is a connection, and what the broker retains comes now."""


@dataclass(frozen=True, slots=True)
class BrokerLost:
    """There is none any more."""


@dataclass(frozen=True, slots=True)
class CopySeen:
    """A retained copy, or our own message coming back: genuine."""

    compound: CompoundId
    leaf: Leaf
    revision: Revision


@dataclass(frozen=True, slots=True)
class GateAsked:
    """A gate has said how far it is; nobody has signed that."""

    gate: Gate
    want: Want


@dataclass(frozen=True, slots=True)
class GenerationChecked:
    """Once: whether another database than before is published from, and what is in force in it."""

    is_other: bool
    in_force: tuple[InForce, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """One compound in the database, at ``now_us``."""

    in_force: InForce
    knows_roster_copy: bool
    """This database gave out the revision of the broker's copy of the roster, and has not renewed it."""
    newest_crossing: int
    now_us: int


@dataclass(frozen=True, slots=True)
class RequestsLooked:
    """Time to answer gates, by what is in force in the compounds of all that ask."""

    in_force: Mapping[CompoundId, InForce]
    now_us: int


@dataclass(frozen=True, slots=True)
class PageSent:
    """A page of crossings has gone out; ``is_full``: there are more."""

    in_force: InForce
    upto: int
    is_full: bool
    pages_left: int


Event = (
    BrokerFound
    | BrokerLost
    | CopySeen
    | GateAsked
    | GenerationChecked
    | Looked
    | RequestsLooked
    | PageSent
)


@dataclass(frozen=True, slots=True)
class PublishWhole:
    """Put what is in force into the broker's retained copy."""

    in_force: InForce
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class PublishChange:
    """Tell all gates of a compound what has changed of the roster since the base."""

    in_force: InForce
    base: Revision


@dataclass(frozen=True, slots=True)
class SendPage:
    """Tell all gates of a compound the crossings after that one, and report PageSent; nothing if there is none."""

    in_force: InForce
    after: int
    even_if_empty: bool
    pages_left: int


@dataclass(frozen=True, slots=True)
class Renew:
    """Give out what is in force under a new revision, higher than ``above``."""

    compound: CompoundId
    leaf: Leaf
    above: int


@dataclass(frozen=True, slots=True)
class AnswerGate:
    """Send one gate what is newer than what it has."""

    gate: Gate
    want: Want
    in_force: InForce


@dataclass(frozen=True, slots=True)
class NeverIssued:
    """Say in the log that a gate has what this database has not given out; nothing is done."""

    gate: Gate
    leaf: Leaf
    revision: Revision


Effect = PublishWhole | PublishChange | SendPage | Renew | AnswerGate | NeverIssued
Step = tuple[Dispatch, tuple[Effect, ...]]
