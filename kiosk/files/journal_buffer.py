"""Where the gate's records go: into the journal, or into memory while nothing can be written.

While the journal is down records wait here in order, and up to the policy's number of them may be
admissions. They are not called journalled, and the rules flag each. As soon as the journal takes records
again they are written first. What does not fit is not kept, and keep() says so before a lock moves.
A file that turns out damaged in the middle of the work is opened anew, as at the start.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from checkpoint.gate.commands import is_locked_out_after
from checkpoint.gate.duty import on_duty_after
from checkpoint.ids import HouseholdId, PersonId, Revision, Seq
from checkpoint.records import (
    Commanded,
    Crossing,
    Device,
    DeviceChange,
    DeviceState,
    DutyChange,
    JournalReplaced,
    Record,
    Stamp,
    opens,
)
from checkpoint.rules.facts import JournalHealth
from checkpoint.rules.history import OWN_GATE, History, LedgerEntry, history_of, latest_word
from config.log_lines import logger
from sync.journal.opening import Breach
from sync.journal.reader import InboxPlace
from sync.journal.writer import Journal, JournalDown

MAX_WAITING: Final = 5_000
"""Records in memory: some 5 MB, and a day without admissions."""
AMONG_ROWS: Final = 50_000
"""More than a busy gate writes in the longest shift."""
_LOG = logger()


class JournalBuffer:
    """The gate's one writer. ``opened`` finds the journal: sync.journal.opening.open_journal."""

    def __init__(
        self,
        opened: Callable[[], tuple[Journal, Breach | None]],
        stamp: Callable[[], Stamp],
        admit_without_journal: int,
    ) -> None:
        self._opened, self._stamp = opened, stamp
        self.admit_without_journal = admit_without_journal
        """By the policy in force."""
        self._waiting: deque[Record] = deque()
        self._unwritten_admissions = 0
        self._journal: Journal | None = None
        self.trouble = ""
        """Why nothing can be written; empty: the journal works."""
        self.mend()

    @property
    def health(self) -> JournalHealth:
        """What the rules need to know."""
        return JournalHealth(not self.trouble, self._unwritten_admissions)

    def keep(self, record: Record) -> bool:
        """Journal a record, or hold it in memory. False: it could be kept nowhere."""
        if not self.trouble and self._write(record):
            return True
        admission = opens(record)
        if admission and self._unwritten_admissions >= self.admit_without_journal:
            return False
        if len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting.append(record)
        self._unwritten_admissions += admission
        return True

    def history(self, person: PersonId, serial: int, household: HouseholdId | None) -> History:
        """What earlier passages mean for the bearer of a pass, those that wait in memory included."""
        waiting = [
            LedgerEntry.of(OWN_GATE, Seq(0), record)
            for record in self._waiting
            if isinstance(record, Crossing)
        ]
        now = self._stamp()
        return history_of(
            latest_word([*self._entries_about(person, household), *waiting]),
            person,
            serial,
            household,
            now.at_us if now.clock_synced else None,
        )

    def on_duty(self) -> tuple[PersonId, ...]:
        """Who had signed on, and not off, before this start; nobody where the journal cannot be read."""
        changes = (each for each in self._newest_of("duty") if isinstance(each, DutyChange))
        return on_duty_after(changes, self._stamp().at_us)

    def device_states(self) -> dict[Device, DeviceState]:
        """How the gate's parts were before this start; without those that had nothing to tell."""
        changes = (each for each in self._newest_of("device") if isinstance(each, DeviceChange))
        return {change.device: change.state for change in changes}

    def is_locked_out(self) -> bool:
        """Whether the centre had locked this gate out before this start, and not lifted that."""
        commands = (each for each in self._newest_of("commanded") if isinstance(each, Commanded))
        return is_locked_out_after(commands)

    def keep_from_inbox(self, record: Record, place: InboxPlace) -> bool:
        """Journal what came through the inbox, once. False: try again later."""
        if self._journal is None or self.trouble:
            return False
        return self._write(record, inbox_upto=place)

    def learn(self, entries: Iterable[LedgerEntry], cursor: str, place: InboxPlace) -> bool:
        """Enter what other gates have seen, once. False: try again later."""
        if self._journal is None or self.trouble:
            return False
        try:
            self._journal.learn(entries, cursor, inbox_upto=place)
        except JournalDown as error:
            self._note(error)
            return False
        return True

    def inbox_upto(self) -> InboxPlace | None:
        """The last inbox item that was journalled; None: there is no telling now."""
        if self._journal is None or self.trouble:
            return None
        try:
            return self._journal.inbox_upto()
        except JournalDown as error:
            self._note(error)
            return None

    def begin_epoch(self, old: str, why: str) -> None:
        """Start a new chain because the collector knows another one under ``old``; sets trouble if it cannot."""
        if self._journal is None or self._journal.epoch != old:
            return
        _LOG.error("new epoch", why=why)
        old_epoch = self._journal.epoch
        try:
            self._journal.begin_epoch()
        except JournalDown as error:
            self._note(error)
            return
        self.keep(JournalReplaced(stamp=self._stamp(), cause="contradicted", old_epoch=old_epoch))

    def mend(self) -> None:
        """Open the journal if it is not, and write what waits. Call it about once a second."""
        if self._journal is None:
            self._open()
        while self._waiting and self._write(self._waiting[0]):
            written = self._waiting.popleft()
            self._unwritten_admissions -= opens(written)

    def publish_status(self, devices: str, roster: Revision | None) -> bool:
        """Leave the devices' health and the roster that is obeyed for others to read. False: try again."""
        return self._journal is not None and self._journal.publish_status(devices, roster)

    def close(self) -> None:
        """Write what can still be written and close the file."""
        self.mend()
        if self._waiting:
            _LOG.error("records lost: nothing could be written", count=len(self._waiting))
        if self._journal is not None:
            self._journal.close()

    def _open(self) -> None:
        try:
            self._journal, breach = self._opened()
        except JournalDown as error:
            self._note(error)
            return
        self.trouble = ""
        if breach is not None:
            _LOG.error("journal replaced", cause=breach.cause, set_aside=breach.set_aside)
            self._waiting.appendleft(
                JournalReplaced(
                    stamp=self._stamp(),
                    cause=breach.cause,
                    set_aside=breach.set_aside,
                    old_epoch=breach.old_epoch,
                    old_upto=breach.old_upto,
                    rows_kept=breach.rows_kept,
                    rows_lost=breach.rows_lost,
                )
            )

    def _entries_about(self, person: PersonId, household: HouseholdId | None) -> list[LedgerEntry]:
        if self._journal is None:
            return []
        try:
            return self._journal.entries_about(person, household)
        except JournalDown as error:
            self._note(error)
            return []

    def _newest_of(self, kind: str) -> list[Record]:
        if self._journal is None:
            return []
        try:
            return self._journal.newest_of(kind, AMONG_ROWS)
        except JournalDown as error:
            self._note(error)
            return []

    def _write(self, record: Record, *, inbox_upto: InboxPlace | None = None) -> bool:
        if self._journal is None:
            return False
        try:
            self._journal.append(record, inbox_upto=inbox_upto)
        except JournalDown as error:
            self._note(error)
            return False
        self.trouble = ""
        return True

    def _note(self, down: JournalDown) -> None:
        if str(down) != self.trouble:
            _LOG.error("nothing can be journalled", why=str(down))
        self.trouble = str(down)
        if down.is_damage and self._journal is not None:
            self._journal.close()
            self._journal = None
