"""What sync leaves for the gate: to be journalled, to be entered into its ledger, to be done."""

import msgspec

from checkpoint.gate.commands import Command
from checkpoint.ids import EpochId, Revision
from checkpoint.rules.history import LedgerEntry


class RosterItem(msgspec.Struct, frozen=True, tag="roster"):
    """A roster has come into force."""

    revision: Revision
    residents: int


class PolicyItem(msgspec.Struct, frozen=True, tag="policy"):
    """A policy has come into force."""

    revision: Revision
    name: str


class PassagesItem(msgspec.Struct, frozen=True, tag="passages"):
    """Other gates' crossings, and how far they now reach."""

    cursor: str
    entries: tuple[LedgerEntry, ...]


class CommandItem(msgspec.Struct, frozen=True, tag="command"):
    """A genuine command that has not been seen before."""

    command: Command


class RefusedItem(msgspec.Struct, frozen=True, tag="refused"):
    """Something was not obeyed."""

    what: str
    why: str


class ContradictedItem(msgspec.Struct, frozen=True, tag="contradicted"):
    """The collector knows another journal under this epoch: begin a new one."""

    epoch: EpochId
    why: str


InboxItem = RosterItem | PolicyItem | PassagesItem | CommandItem | RefusedItem | ContradictedItem
ITEMS = msgspec.json.Decoder[InboxItem](InboxItem)
