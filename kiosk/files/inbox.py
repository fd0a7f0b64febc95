"""What sync has left for the gate, each item once: journalled, entered into the ledger, or done.

A command is written down with its place in the inbox before it is done, so that no crash can do it twice.
"""

from collections.abc import Callable, Iterator

from checkpoint.gate.commands import Command
from checkpoint.ids import Revision
from checkpoint.records import (
    Commanded,
    DownlinkRefused,
    PolicyApplied,
    Record,
    RosterApplied,
    Stamp,
)
from kiosk.files.journal_buffer import JournalBuffer
from kiosk.files.trusted_state import TrustedState
from sync.journal.reader import InboxPlace
from sync.store.inbox import (
    CommandItem,
    ContradictedItem,
    PassagesItem,
    PolicyItem,
    RefusedItem,
    RosterItem,
)
from sync.store.reader import INBOX_AT_ONCE


class Inbox:
    """The gate's end of sync.db's inbox."""

    def __init__(
        self,
        journal_buffer: JournalBuffer,
        trusted_state: TrustedState,
        stamp: Callable[[], Stamp],
        answer: Callable[[Command], Commanded],
    ) -> None:
        self._journal_buffer, self._trusted_state = journal_buffer, trusted_state
        self._stamp, self._answer = stamp, answer
        self.is_taken = False
        """Whether the last look left nothing: until then the ledger may lack what sync has heard already."""

    def commands(self) -> Iterator[Command]:
        """Take what is new, and give out each command that is to be done now.

        At most INBOX_AT_ONCE items a look. Where the journal is down everything waits in the inbox.
        """
        self.is_taken = False
        upto = self._journal_buffer.inbox_upto()
        if upto is None:
            return
        items = self._trusted_state.inbox(upto)
        # A roster may have come since the last look, with its item: it is obeyed before the journal says so.
        if items and not self._trusted_state.refresh():
            return
        for place, item in items:
            match item:
                case CommandItem(command):
                    record = self._answer(command)
                    if not self._journal_buffer.keep_from_inbox(record, place):
                        return
                    if record.not_done is None:
                        yield command
                case _:
                    if not self._take(item, place):
                        return
        self.is_taken = len(items) < INBOX_AT_ONCE

    def _take(
        self,
        item: RosterItem | PolicyItem | PassagesItem | RefusedItem | ContradictedItem,
        place: InboxPlace,
    ) -> bool:
        if isinstance(item, PassagesItem):
            return self._journal_buffer.learn(item.entries, item.cursor, place)
        if isinstance(item, ContradictedItem):
            # First, so that no crash can leave it undone; and nothing of the old epoch is sent any more.
            self._journal_buffer.begin_epoch(item.epoch, item.why)
        return self._journal_buffer.keep_from_inbox(self._record_of(item), place)

    def _record_of(self, item: RosterItem | PolicyItem | RefusedItem | ContradictedItem) -> Record:
        stamp = self._stamp()
        match item:
            case RosterItem(revision, residents):
                if _is_obeyed(revision, self._trusted_state.roster_revision):
                    return RosterApplied(stamp=stamp, revision=revision, residents=residents)
                return _not_obeyed(stamp, "roster", revision)
            case PolicyItem(revision, name):
                if _is_obeyed(revision, self._trusted_state.policy.revision):
                    return PolicyApplied(stamp=stamp, revision=revision, name=name)
                return _not_obeyed(stamp, "policy", revision)
            case RefusedItem(what, why):
                return DownlinkRefused(stamp=stamp, what=what, why=why)
            case ContradictedItem(_, why):
                return DownlinkRefused(stamp=stamp, what="acknowledgement", why=why)


def _is_obeyed(revision: Revision, obeyed: Revision | None) -> bool:
    return obeyed is not None and revision <= obeyed


def _not_obeyed(stamp: Stamp, what: str, revision: Revision) -> DownlinkRefused:
    why = f"the gate does not obey revision {revision} that sync has stored"
    return DownlinkRefused(stamp=stamp, what=what, why=why)
