"""What sync has left for the gate to journal, each item once."""

from collections.abc import Callable

from checkpoint.ids import Revision
from checkpoint.records import DownlinkRefused, Record, RosterApplied, Stamp
from kiosk.knowledge import Knowledge
from kiosk.notebook import Notebook
from sync.store import ContradictedItem, InboxItem, RefusedItem, RosterItem


def empty_inbox(notebook: Notebook, knowledge: Knowledge, stamp: Callable[[], Stamp]) -> None:
    """Journal what is new; where the journal is down it waits in the inbox."""
    upto = notebook.inbox_upto()
    if upto is None:
        return
    items = knowledge.inbox(upto)
    # A roster may have come since the last look, with its item: it is obeyed before the journal says so.
    if items and not knowledge.refresh():
        return
    for place, item in items:
        if isinstance(item, ContradictedItem):
            # First, so that no crash can leave it undone; and nothing of the old epoch is sent any more.
            notebook.begin_epoch(item.epoch, item.why)
        if not notebook.keep_from_inbox(
            _record_of(item, stamp(), knowledge.roster_revision), place
        ):
            return


def _record_of(item: InboxItem, stamp: Stamp, obeyed: Revision | None) -> Record:
    match item:
        case RosterItem(revision, residents) if obeyed is not None and revision <= obeyed:
            return RosterApplied(stamp=stamp, revision=revision, residents=residents)
        case RosterItem(revision):
            why = f"the gate does not obey revision {revision} that sync has stored"
            return DownlinkRefused(stamp=stamp, what="roster", why=why)
        case RefusedItem(what, why):
            return DownlinkRefused(stamp=stamp, what=what, why=why)
        case ContradictedItem(_, why):
            return DownlinkRefused(stamp=stamp, what="acknowledgement", why=why)
