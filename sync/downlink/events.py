"""What happens to the downlink, and what is to be done about it."""

from dataclasses import dataclass

from checkpoint.gate.commands import Command
from checkpoint.ids import EpochId, Revision
from sync.downlink.state import Downlink, StoredRevisions
from sync.store.inbox import InboxItem, PassagesItem
from sync.wire.downlink_messages import Want
from sync.wire.signed import Purpose


@dataclass(frozen=True, slots=True)
class Reconnected:
    """The broker is there: something may have passed by."""


@dataclass(frozen=True, slots=True)
class StoreReplaced:
    """Another sync.db has taken the place of the one that was, and holds this."""

    in_force: StoredRevisions


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed; the journal's newest epoch, and how far its ledger knows of other gates."""

    epoch: EpochId | None
    ledger_cursor: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message on a topic that ends in ``leaf``.

    ``stored``: the signed whole roster and its changes as sync.db has them, where a change comes and the state holds
    no roster; None: there is none, or nobody needs it.
    """

    leaf: str
    message: bytes
    retained: bool
    stored: tuple[bytes, list[bytes]] | None = None
    inbox_is_full: bool = False


@dataclass(frozen=True, slots=True)
class CommandRepeated:
    """The command to be left for the gate had been left before."""


@dataclass(frozen=True, slots=True)
class NotStored:
    """An effect could not be performed. The broker will not say it again."""


Event = Reconnected | StoreReplaced | Ticked | Heard | CommandRepeated | NotStored


@dataclass(frozen=True, slots=True)
class ReplaceRoster:
    """A whole roster comes into force."""

    revision: Revision
    message: bytes
    residents: int


@dataclass(frozen=True, slots=True)
class ChangeRoster:
    """A change of the roster comes into force."""

    revision: Revision
    message: bytes
    residents: int


@dataclass(frozen=True, slots=True)
class RestOnWhole:
    """What is in force has come whole: the changes that led to it need not be kept."""

    revision: Revision
    message: bytes


@dataclass(frozen=True, slots=True)
class ReplaceOrder:
    """A policy or notices come into force; the item tells the gate."""

    purpose: Purpose
    revision: Revision
    message: bytes
    item: InboxItem | None


@dataclass(frozen=True, slots=True)
class TakeCommand:
    """Leave it for the gate, or report CommandRepeated."""

    command: Command


@dataclass(frozen=True, slots=True)
class LeavePassages:
    """Leave crossings of other gates for the gate."""

    item: PassagesItem


@dataclass(frozen=True, slots=True)
class DropPassages:
    """Those that the gate has not taken yet come again."""


@dataclass(frozen=True, slots=True)
class RefuseMessage:
    """Say in the log why something is not obeyed, and in the journal where that is no repetition."""

    what: str
    why: str
    is_journalled: bool


@dataclass(frozen=True, slots=True)
class AskCentre:
    """Publish up/want."""

    want: Want


Effect = (
    ReplaceRoster
    | ChangeRoster
    | RestOnWhole
    | ReplaceOrder
    | TakeCommand
    | LeavePassages
    | DropPassages
    | RefuseMessage
    | AskCentre
)
Step = tuple[Downlink, tuple[Effect, ...]]
