"""What the centre can tell one gate to do, and what the gate makes of it.

A command is answered once and written down before anything is done: answer() says what will be recorded, event_of()
what then happens to the lane. An opening that nobody is waiting for any more, or whose age cannot be told, is not done.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from checkpoint.gate.context import Context
from checkpoint.gate.events import Event, OpeningAsked, RemeasureAsked
from checkpoint.gate.requests import busy
from checkpoint.gate.state import GateState
from checkpoint.ids import CommandId, GateId
from checkpoint.records import Cause, Commanded, CommandKind, NotDone

OPEN_WITHIN_S: Final = 30
"""A command to open is worth nothing longer than this after it was issued."""
OBEY_WITHIN_S: Final = 600
"""Any other command."""
AHEAD_US: Final = 30_000_000
"""A command to open that was issued so much later than now tells nothing of its age."""


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``down/command``: do this once, now. Never retained."""

    gate: GateId
    id: CommandId
    kind: CommandKind
    issued_us: int
    expires_us: int
    """UTC microseconds."""
    issued_by: str
    reason: str = ""

    @property
    def lives_too_long(self) -> bool:
        """Whether it would be obeyed later than anybody may ask for."""
        limit_s = OPEN_WITHIN_S if self.kind is CommandKind.OPEN else OBEY_WITHIN_S
        return not 0 < self.expires_us - self.issued_us <= limit_s * 1_000_000


def answer(state: GateState, command: Command, context: Context) -> Commanded:
    """The record of what becomes of a command."""
    return Commanded(
        stamp=context.stamp,
        id=command.id,
        command=command.kind,
        by=command.issued_by,
        reason=command.reason,
        not_done=_objection(state, command, context),
    )


def event_of(state: GateState, command: Command) -> Event | None:
    """What happens to the lane by a command that is done; None: nothing."""
    match command.kind:
        case CommandKind.OPEN:
            return OpeningAsked(Cause.REMOTE, command.issued_by, command.reason)
        case CommandKind.REMEASURE:
            return RemeasureAsked(state.cases[-1].passage_at_us)
        case _:
            return None


def is_locked_out_after(commands: Iterable[Commanded]) -> bool:
    """Whether the gate is locked out after these, the oldest first."""
    locked_out = False
    for each in commands:
        if each.not_done is None and each.command in {CommandKind.LOCK_OUT, CommandKind.LIFT}:
            locked_out = each.command is CommandKind.LOCK_OUT
    return locked_out


def _objection(state: GateState, command: Command, context: Context) -> NotDone | None:
    if not context.stamp.clock_synced:
        # Its age cannot be told, and an old command to open must not open.
        if command.kind is CommandKind.OPEN:
            return NotDone.CLOCK_UNTRUSTED
    elif context.stamp.at_us > command.expires_us:
        return NotDone.EXPIRED
    elif command.kind is CommandKind.OPEN and command.issued_us - context.stamp.at_us > AHEAD_US:
        # The centre's clock is wrong: it would expire hours after somebody stopped waiting.
        return NotDone.CLOCK_UNTRUSTED
    match command.kind:
        case CommandKind.OPEN:
            return None if context.gate.lock_ready else NotDone.LOCK_DOWN
        case CommandKind.REMEASURE if not state.cases:
            return NotDone.NOBODY_HELD
        case CommandKind.REMEASURE if busy(state) is not None:
            return NotDone.BUSY
        case _:
            return None
