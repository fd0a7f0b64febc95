"""What the gate knows of the world: whose keys to believe and who lives here.

The roster in force lies in sync.db, signed; its signature is checked again at every load, so an edited
or rolled-back file is refused and the roster already in memory stays (FAULTS 21).
"""

import sqlite3
from collections.abc import Callable
from hashlib import sha256

import structlog

from checkpoint.entry_pass import Claims, read_pass
from checkpoint.history import NO_HISTORY, History
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.lane import Scan
from checkpoint.people import Roster, Standing
from config.trust import Trust
from sync.downlink import Accepted, Denied, consider_roster
from sync.journal_reader import InboxPlace
from sync.store import InboxItem, SyncReader

LookUp = Callable[[PersonId, int, HouseholdId | None], History]
"""The history of a pass: its bearer, serial and household."""
_LOG = structlog.get_logger()


class Knowledge:
    """Keys and roster."""

    def __init__(self, trust: Trust, store: SyncReader, compound: CompoundId) -> None:
        self._trust, self._store, self._compound = trust, store, compound
        self._roster: Roster | None = None
        self._looked_at: Revision | None = None
        self.refresh()

    @property
    def roster_revision(self) -> Revision | None:
        """The roster that is obeyed; None: there has been none."""
        return None if self._roster is None else self._roster.revision

    def roster(self) -> Roster | None:
        """The roster that is obeyed; None: there has been none."""
        return self._roster

    def identify(self, text: str, history: LookUp) -> Scan:
        """What a QR's text says and what is known about its bearer. Never raises."""
        shown = read_pass(text, self._trust.passes)
        standing, known = Standing(), NO_HISTORY
        # Another compound may give its people the same ids as ours.
        if isinstance(shown, Claims) and shown.compound == self._compound:
            if self._roster is not None:
                standing = self._roster.standing(shown.person, shown.serial)
            household = standing.household.id if standing.household else None
            known = history(shown.person, shown.serial, household)
        fingerprint = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return Scan(shown, standing, fingerprint, known, self.roster_revision)

    def refresh(self) -> bool:
        """Take over a newer roster if sync has one. False: there was no telling."""
        try:
            revision = self._store.roster_revision()
            message = self._store.roster_message() if revision != self._looked_at else None
        except sqlite3.Error:
            return False  # sync has not made its file yet, or is writing it
        self._looked_at = revision
        if message is None:
            return True
        match consider_roster(
            message, self._trust.operations, self._compound, self.roster_revision
        ):
            case Accepted(roster):
                self._roster = roster
            case Denied(why):
                _LOG.error("the stored roster is not obeyed", why=why)
        return True

    def inbox(self, after: InboxPlace) -> list[tuple[InboxPlace, InboxItem]]:
        """What sync wants journalled."""
        try:
            return self._store.inbox(after)
        except (sqlite3.Error, ValueError):  # busy or not there yet, or no item that we know
            return []
