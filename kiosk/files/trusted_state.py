"""What the gate knows of the world: whose keys to believe, who lives here, and by what policy.

Roster, policy and notices in force lie in sync.db, signed; their signatures are checked again at every load, so an
edited or rolled-back file is refused and what is in memory stays (docs/faults.md, row 21). Until the centre has sent
a policy, the config's counts.
"""

import sqlite3
from collections.abc import Callable
from hashlib import sha256

from checkpoint.entry_pass import Claims, read_pass
from checkpoint.gate.context import Scan
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import Roster, Standing
from checkpoint.policy import Policy
from checkpoint.rules.history import NO_HISTORY, History
from config.log_lines import logger
from config.trust import Trust
from sync.downlink.decisions import (
    Accepted,
    Denied,
    Known,
    Missing,
    consider_change,
    consider_notices,
    consider_policy,
    rebuild_roster,
)
from sync.journal.reader import InboxPlace
from sync.store.inbox import InboxItem
from sync.store.reader import SyncReader
from sync.wire.signed import Purpose

LookUp = Callable[[PersonId, int, HouseholdId | None], History]
"""The history of a pass: its bearer, serial and household."""
_LOG = logger()


class TrustedState:
    """Keys, roster, policy and notices; the store is its own to close."""

    def __init__(
        self, trust: Trust, store: SyncReader, compound: CompoundId, policy: Policy
    ) -> None:
        self._trust, self._store, self._compound = trust, store, compound
        self._roster: Roster | None = None
        self._whole: Revision | None = None
        """The whole roster that ``_roster`` rests on."""
        self._looked_at: tuple[Revision | None, ...] = ()
        self._policy_revision: Revision | None = None
        self._notices_revision: Revision | None = None
        self.policy = policy
        """The policy that is obeyed."""
        self.notices: tuple[str, ...] = ()
        """Of the centre; none where it has sent none."""
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
        """Take over what is newer in sync's file. False: there was no telling."""
        try:
            newest = (
                self._store.roster_revision(),
                self._store.whole_roster_revision(),
                self._store.order_revision(Purpose.POLICY),
                self._store.order_revision(Purpose.NOTICES),
            )
            if newest != self._looked_at:
                self._refresh_roster()
                self._refresh_policy()
                self._refresh_notices()
        except sqlite3.Error:
            return False  # sync has not made its file yet, or is writing it
        self._looked_at = newest
        return True

    def inbox(self, after: InboxPlace) -> list[tuple[InboxPlace, InboxItem]]:
        """What sync wants journalled, entered or done next."""
        try:
            return self._store.inbox(after)
        except sqlite3.Error:  # busy or not there yet
            return []

    def close(self) -> None:
        """Let go of sync's file."""
        self._store.close()

    def _refresh_roster(self) -> None:
        whole = self._store.whole_roster_revision()
        if whole is None:
            return
        rests = self._roster if whole == self._whole else None
        match self._changed(rests) if rests else self._rebuilt():
            case Accepted(roster):
                self._roster, self._whole = roster, whole
            case Denied(why):
                _LOG.error("the stored roster is not obeyed", why=why)

    def _changed(self, roster: Roster) -> Accepted[Roster] | Denied:
        for message in self._store.roster_changes(roster.revision):
            match consider_change(message, self._trust.operations, self._compound, roster):
                case Accepted(changed):
                    roster = changed
                case Missing():
                    return Denied("a change does not rest on the roster in force")
                case Denied() as denied:
                    return denied
                case Known():
                    pass
        return Accepted(roster)

    def _rebuilt(self) -> Accepted[Roster] | Denied:
        message, changes = self._store.roster_message(), self._store.roster_changes(Revision(0))
        rebuilt = rebuild_roster(message or b"", changes, self._trust.operations, self._compound)
        if not isinstance(rebuilt, Accepted):
            return rebuilt
        revision, obeyed = rebuilt.value.revision, self.roster_revision
        if obeyed is not None and revision < obeyed:
            return Denied(f"the roster's revision {revision} is older than {obeyed}, in force")
        return rebuilt

    def _refresh_policy(self) -> None:
        message = self._store.order_message(Purpose.POLICY)
        if message is None:
            return
        answer = consider_policy(
            message, self._trust.operations, self._compound, self._policy_revision
        )
        match answer:
            case Accepted(policy):
                self.policy, self._policy_revision = policy, policy.revision
            case Denied(why):
                _LOG.error("the stored policy is not obeyed", why=why)

    def _refresh_notices(self) -> None:
        message = self._store.order_message(Purpose.NOTICES)
        if message is None:
            return
        answer = consider_notices(
            message, self._trust.operations, self._compound, self._notices_revision
        )
        match answer:
            case Accepted(order):
                self.notices, self._notices_revision = order.notices, order.revision
            case Denied(why):
                _LOG.error("the stored notices are not obeyed", why=why)
