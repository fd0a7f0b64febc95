"""What the gate knows of the world: whose keys to believe, who lives here, and by what policy.

Roster, policy and notices in force lie in sync.db, signed; their signatures are checked again at every load, so an
edited or rolled-back file is refused and what is in memory stays (docs/faults.md, row 21). Until the centre has sent
a policy, the config's counts.

A whole roster takes a tenth of a second and more, during which no door would be watched: it is verified on a thread of
its own, and obeyed by the loop when that is done. Only a start waits for it, at most FIRST_CHECK_S. A change of it is
a matter of milliseconds.
"""

import sqlite3
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

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
FIRST_CHECK_S: Final = 60.0
_LOG = logger()


@dataclass(frozen=True, slots=True)
class _Check:
    """A roster that is being verified, and what sync.db held when it was read."""

    answer: Future[Accepted[Roster] | Denied]
    newest: tuple[Revision | None, ...]


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
        self._checker = ThreadPoolExecutor(1, thread_name_prefix="roster")
        self._check: _Check | None = None
        self._policy_revision: Revision | None = None
        self._notices_revision: Revision | None = None
        self.policy = policy
        """The policy that is obeyed."""
        self.notices: tuple[str, ...] = ()
        """Of the centre; none where it has sent none."""
        if not self.refresh():
            self._wait_for_check()

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
        """Take over what is newer in sync's file. False: there was no telling, or a roster is still being verified."""
        if self._check is not None:
            if not self._check.answer.done():
                return False
            self._take(self._check.answer.result(0), self._check.newest)
            self._check = None
        try:
            return self._look()
        except sqlite3.Error:
            return False  # sync has not made its file yet, or is writing it

    def _wait_for_check(self) -> None:
        if self._check is None:
            return
        futures.wait([self._check.answer], timeout=FIRST_CHECK_S)
        if not self.refresh():
            _LOG.error("begins without its roster: it is not verified yet", s=FIRST_CHECK_S)

    def _look(self) -> bool:
        newest = (
            self._store.roster_revision(),
            self._store.whole_roster_revision(),
            self._store.order_revision(Purpose.POLICY),
            self._store.order_revision(Purpose.NOTICES),
        )
        if newest == self._looked_at:
            return True
        self._refresh_policy()
        self._refresh_notices()
        if newest[:2] != self._looked_at[:2] and newest[1] is not None:
            if self._roster is None or newest[1] != self._whole:
                self._begin_check(newest)
                return False
            changes = self._store.roster_changes(self._roster.revision)
            self._take(self._changed(self._roster, changes), newest)
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
        self._checker.shutdown(wait=False, cancel_futures=True)
        self._store.close()

    def _begin_check(self, newest: tuple[Revision | None, ...]) -> None:
        """What is read now is what is judged, whatever sync writes meanwhile: that is looked at afterwards."""
        message = self._store.roster_message() or b""
        changes = self._store.roster_changes(Revision(0))
        answer = self._checker.submit(self._rebuilt, message, changes, self.roster_revision)
        self._check = _Check(answer, newest)

    def _take(self, answer: Accepted[Roster] | Denied, newest: tuple[Revision | None, ...]) -> None:
        match answer:
            case Accepted(roster):
                self._roster, self._whole = roster, newest[1]
            case Denied(why):
                _LOG.error("the stored roster is not obeyed", why=why)
        self._looked_at = newest

    def _changed(self, roster: Roster, changes: list[bytes]) -> Accepted[Roster] | Denied:
        for message in changes:
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

    def _rebuilt(
        self, message: bytes, changes: list[bytes], obeyed: Revision | None
    ) -> Accepted[Roster] | Denied:
        rebuilt = rebuild_roster(message, changes, self._trust.operations, self._compound)
        if not isinstance(rebuilt, Accepted):
            return rebuilt
        revision = rebuilt.value.revision
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
