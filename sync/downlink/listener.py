"""The gate's ear for the centre: the shell around what decisions.py decides.

What has come into force is stored, and an item is left for the gate, in one transaction; then it is believed. What is
missing is asked for with up/want, at every connect and as long as it is missing, but not more often than WANT_EVERY_MS.
Pages say as well which roster, policy and notices are the newest, so that one lost on its way is missed soon.
Pages of passages must follow on: the cursor starts where the gate's own ledger ends, and again there whenever the
gate has another journal.
"""

import sqlite3
import time
from collections.abc import Callable
from typing import Final

from checkpoint.ids import CompoundId, EpochId, GateId, Revision
from checkpoint.people import Roster
from config.log_lines import logger
from config.trust import Keys
from sync.downlink.decisions import (
    Accepted,
    Denied,
    Known,
    Missing,
    consider_change,
    consider_command,
    consider_notices,
    consider_passages,
    consider_policy,
    consider_roster,
    rebuild_roster,
)
from sync.journal.view import JournalView
from sync.store.inbox import PassagesItem, PolicyItem, RefusedItem
from sync.store.writer import SyncStore
from sync.wire.downlink_messages import CrossingsUpdate, Want
from sync.wire.messages import down, down_to_all
from sync.wire.signed import Purpose

WANT_EVERY_MS: Final = 2_000
NEWER_AGAIN_AFTER_MS: Final = 300_000
"""What pages speak of and still has not come is asked for again after this."""
REFUSED_AGAIN_AFTER_MS: Final = 60_000
"""The same refusal within this time is not journalled again: a flood of forgeries must not fill the journal."""
REFUSALS_AT_MOST: Final = 20
"""Different ones within that time; the others are only in the log."""
_LEAVES: Final = ("roster", "roster-change", "policy", "notices", "passages")
_LOG: Final = logger()


def topics(compound: CompoundId, gate: GateId) -> list[str]:
    """What a gate subscribes to beside its acknowledgements."""
    to_all = [down_to_all(compound, leaf) for leaf in _LEAVES]
    return to_all + [down(compound, gate, leaf) for leaf in (*_LEAVES, "command")]


class Listening:
    """Everything that comes down but the acknowledgements.

    Methods that take the store raise sqlite3.Error, and then nothing has changed.
    """

    def __init__(
        self,
        gate: GateId,
        compound: CompoundId,
        keys: Keys,
        journal: JournalView,
        want: Callable[[Want], None],
    ) -> None:
        self._gate, self._compound, self._keys = gate, compound, keys
        self._journal, self._want = journal, want
        self._roster: Roster | None = None
        self._cursor = ""
        self._epoch: EpochId | None = None
        self._is_missing = False
        self._begins = True
        """Pages begin where the ledger ends: what waits in the inbox comes again, and must not lie there twice."""
        self._wanted_ms = -WANT_EVERY_MS
        self._newest: tuple[Revision | None, ...] = ()
        """What a page spoke of and was asked for last, and when."""
        self._newest_ms = 0
        self._page_us = 0
        """Of the last page, by the centre's clock: it only counts once."""
        self._refused: dict[tuple[str, str], int] = {}
        self.caught_up_ms: int | None = None
        """CLOCK_MONOTONIC when a page of passages last followed on while the centre heard all gates."""

    def connected(self) -> None:
        """Say how far we are: something may have passed by."""
        self._begins, self._is_missing, self._wanted_ms = True, True, -WANT_EVERY_MS

    def forget(self) -> None:
        """Another sync.db has taken the place of the one that was."""
        self._roster, self._is_missing = None, True

    def look_after(self, store: SyncStore, epoch: EpochId | None) -> None:
        """Ask for what is missing; ``epoch`` is the journal's newest."""
        if self._begins or epoch != self._epoch:
            store.drop_passages()
            self._cursor = self._journal.known_of_others()
            self._begins, self._epoch, self._is_missing = False, epoch, True
        if self._is_missing and _now_ms() - self._wanted_ms >= WANT_EVERY_MS:
            self._is_missing, self._wanted_ms = False, _now_ms()
            self._want(
                Want(
                    roster=store.roster_revision(),
                    policy=store.order_revision(Purpose.POLICY),
                    notices=store.order_revision(Purpose.NOTICES),
                    passages=self._cursor,
                )
            )

    def hear(self, store: SyncStore, topic: str, message: bytes, *, retained: bool) -> None:
        """Obey a message, or leave a refusal for the gate."""
        try:
            self._obey(store, topic, message, retained=retained)
        except sqlite3.Error:
            self._is_missing = True  # the broker will not say it again
            raise

    def _obey(self, store: SyncStore, topic: str, message: bytes, *, retained: bool) -> None:
        match topic.rsplit("/", 1)[-1]:
            case "roster":
                self.take_roster(store, message, retained=retained)
            case "roster-change":
                self._take_change(store, message)
            case "policy":
                self._take_policy(store, message, retained=retained)
            case "notices":
                self._take_notices(store, message, retained=retained)
            case "passages" if not retained:  # how old a kept one is, nobody can tell
                self._take_passages(store, message)
            case "command":
                self._take_command(store, message, retained=retained)

    def take_roster(self, store: SyncStore, message: bytes, *, retained: bool = False) -> None:
        """A whole roster, from the centre or handed in by hand."""
        in_force = store.roster_revision()
        answer = consider_roster(message, self._keys, self._compound, in_force)
        match answer:
            case Accepted(roster):
                count = len(roster.residents)
                store.replace_roster(roster.revision, message, count)
                self._roster = roster
                _LOG.info("roster in force", revision=roster.revision, residents=count)
            case Known() if in_force is not None and store.whole_roster_revision() != in_force:
                # The changes that led to it are not needed any more: they must not pile up for ever.
                store.rest_on_whole(in_force, message)
                self._roster = None
            case Denied():
                self._refuse(store, "roster", answer, retained=retained)

    def _take_change(self, store: SyncStore, message: bytes) -> None:
        answer = consider_change(message, self._keys, self._compound, self._roster_of(store))
        match answer:
            case Accepted(roster):
                store.change_roster(roster.revision, message, len(roster.residents))
                self._roster = roster
                _LOG.info("roster changed", revision=roster.revision)
            case Missing():
                self._is_missing = True
            case Denied():
                self._refuse(store, "roster change", answer)

    def _roster_of(self, store: SyncStore) -> Roster | None:
        """The roster in force, read again where it is not the one in memory."""
        revision = store.roster_revision()
        if self._roster is None or self._roster.revision != revision:
            self._roster = None
            stored = store.roster_messages()
            if stored is not None:
                rebuilt = rebuild_roster(*stored, self._keys, self._compound)
                self._roster = rebuilt.value if isinstance(rebuilt, Accepted) else None
        return self._roster

    def _take_policy(self, store: SyncStore, message: bytes, *, retained: bool) -> None:
        in_force = store.order_revision(Purpose.POLICY)
        answer = consider_policy(message, self._keys, self._compound, in_force)
        match answer:
            case Accepted(policy):
                item = PolicyItem(policy.revision, policy.name)
                store.replace_order(Purpose.POLICY, policy.revision, message, item)
                _LOG.info("policy in force", name=policy.name, revision=policy.revision)
            case Denied():
                self._refuse(store, "policy", answer, retained=retained)

    def _take_notices(self, store: SyncStore, message: bytes, *, retained: bool) -> None:
        in_force = store.order_revision(Purpose.NOTICES)
        answer = consider_notices(message, self._keys, self._compound, in_force)
        match answer:
            case Accepted(order):
                store.replace_order(Purpose.NOTICES, order.revision, message, None)
            case Denied():
                self._refuse(store, "notices", answer, retained=retained)

    def _take_passages(self, store: SyncStore, message: bytes) -> None:
        answer = consider_passages(message, self._keys, self._compound)
        match answer:
            case Denied():
                self._refuse(store, "passages", answer)
            case Accepted(page) if page.at_us > self._page_us:
                self._page_us = page.at_us
                self._mind_newer(store, page)
                if page.after in {self._cursor, ""}:
                    self._follow(store, page)
                elif page.upto != self._cursor:
                    self._is_missing = True

    def _mind_newer(self, store: SyncStore, page: CrossingsUpdate) -> None:
        """Ask for what the centre has and did not come; what came and was refused, not with every page again."""
        newest = (page.roster, page.policy, page.notices)
        ours = (
            store.roster_revision(),
            store.order_revision(Purpose.POLICY),
            store.order_revision(Purpose.NOTICES),
        )
        if not any((theirs or 0) > (our or 0) for theirs, our in zip(newest, ours, strict=True)):
            return
        if newest != self._newest or _now_ms() - self._newest_ms >= NEWER_AGAIN_AFTER_MS:
            self._newest, self._newest_ms, self._is_missing = newest, _now_ms(), True

    def _follow(self, store: SyncStore, page: CrossingsUpdate) -> None:
        others = tuple(entry for entry in page.entries if entry.gate != self._gate)
        if others and store.has_many_waiting():
            return  # nobody takes them: they are asked for once somebody does
        if others:
            store.put(PassagesItem(page.upto, others))
        self._cursor = page.upto
        if not set(page.unheard) - {self._gate}:
            self.caught_up_ms = _now_ms()

    def _take_command(self, store: SyncStore, message: bytes, *, retained: bool) -> None:
        answer = consider_command(message, self._keys, self._gate)
        match answer:
            case Denied():
                self._refuse(store, "command", answer)
            case Accepted(_) if retained:
                self._refuse(store, "command", Denied("the command was retained by the broker"))
            case Accepted(command):
                _LOG.info("command", kind=command.kind.value, by=command.issued_by)
                if not store.take_command(command):
                    self._refuse(store, "command", Denied("the command was repeated"))

    def _refuse(
        self, store: SyncStore, what: str, denied: Denied, *, retained: bool = False
    ) -> None:
        if denied.only_old and retained:
            return  # the broker keeps the last whole one; what is in force rests on it or came after it
        _LOG.warning("refused", what=what, why=denied.why)
        now_ms = _now_ms()
        self._refused = {
            said: at_ms
            for said, at_ms in self._refused.items()
            if now_ms - at_ms < REFUSED_AGAIN_AFTER_MS
        }
        is_new = (what, denied.why) not in self._refused
        if is_new and len(self._refused) < REFUSALS_AT_MOST:
            store.put(RefusedItem(what, denied.why))
            self._refused[what, denied.why] = now_ms


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
