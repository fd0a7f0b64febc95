"""The gate's ear for the centre: the shell around step(). It decides nothing.

An effect is performed before the state that it belongs to counts. What cannot be stored raises, has not happened, and
is asked for.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

from checkpoint.ids import CompoundId, EpochId, GateId
from config.log_lines import logger
from sync.downlink.events import (
    AskCentre,
    ChangeRoster,
    CommandRepeated,
    DropPassages,
    Effect,
    Event,
    Heard,
    LeavePassages,
    NotStored,
    Reconnected,
    RefuseMessage,
    ReplaceOrder,
    ReplaceRoster,
    RestOnWhole,
    StoreReplaced,
    TakeCommand,
    Ticked,
)
from sync.downlink.state import Downlink, Recipient, StoredRevisions
from sync.downlink.steps import step
from sync.journal.view import JournalView
from sync.store.inbox import RefusedItem
from sync.store.writer import SyncStore
from sync.wire.downlink_messages import Want
from sync.wire.messages import down, down_to_all
from sync.wire.signed import Purpose

_LEAVES: Final = ("roster", "roster-change", "policy", "notices", "passages")
_LOG: Final = logger()


def topics(compound: CompoundId, gate: GateId) -> list[str]:
    """What a gate subscribes to beside its acknowledgements."""
    to_all = [down_to_all(compound, leaf) for leaf in _LEAVES]
    return to_all + [down(compound, gate, leaf) for leaf in (*_LEAVES, "command")]


class Listener:
    """Everything that comes down but the acknowledgements.

    ``ask`` publishes; ``now_ms`` is monotonic. Methods that take the store raise sqlite3.Error, and then nothing has
    changed but that what was lost is asked for.
    """

    def __init__(
        self,
        recipient: Recipient,
        store: SyncStore,
        journal: JournalView,
        ask: Callable[[Want], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._journal, self._ask, self._now_ms = journal, ask, now_ms
        self._state = Downlink(recipient, _stored_revisions(store))

    @property
    def state(self) -> Downlink:
        """What is known by now."""
        return self._state

    def connected(self, store: SyncStore) -> None:
        """Something may have passed by."""
        self._feed(store, Reconnected())

    def begin_anew(self, store: SyncStore) -> None:
        """This sync.db has taken the place of the one that was."""
        self._feed(store, StoreReplaced(_stored_revisions(store)))

    def look_after(self, store: SyncStore, epoch: EpochId | None) -> None:
        """AskCentre for what is missing; ``epoch`` is the journal's newest."""
        self._feed(store, Ticked(epoch, self._journal.known_of_others()))

    def hear(self, store: SyncStore, topic: str, message: bytes, *, retained: bool) -> None:
        """Obey a message, or leave a refusal for the gate."""
        leaf = topic.rsplit("/", 1)[-1]
        stored, is_full = None, False
        if leaf == "roster-change" and self._state.roster is None:
            stored = store.roster_messages()
        if leaf == "passages":
            is_full = store.has_many_waiting()
        self._feed(store, Heard(leaf, message, retained, stored, is_full))

    def take_roster(self, store: SyncStore, message: bytes) -> None:
        """A whole roster that was handed in by hand."""
        self._feed(store, Heard("roster", message, retained=False))

    def _feed(self, store: SyncStore, event: Event) -> None:
        try:
            events = [event]
            while events:
                state, effects = step(self._state, events.pop(0), self._now_ms())
                for effect in effects:
                    events += self._perform(store, effect)
                self._state = state
        except sqlite3.Error:
            self._state, _ = step(self._state, NotStored(), self._now_ms())
            raise

    def _perform(self, store: SyncStore, effect: Effect) -> list[Event]:
        match effect:
            case ReplaceRoster(revision, message, residents):
                store.replace_roster(revision, message, residents)
                _LOG.info("roster in force", revision=revision, residents=residents)
            case ChangeRoster(revision, message, residents):
                store.change_roster(revision, message, residents)
                _LOG.info("roster changed", revision=revision)
            case RestOnWhole(revision, message):
                store.rest_on_whole(revision, message)
            case ReplaceOrder(purpose, revision, message, item):
                store.replace_order(purpose, revision, message, item)
                _LOG.info("in force", what=purpose.value, revision=revision)
            case TakeCommand(command):
                _LOG.info("command", kind=command.kind.value, by=command.issued_by)
                return [] if store.take_command(command) else [CommandRepeated()]
            case LeavePassages(item):
                store.put(item)
            case DropPassages():
                store.drop_passages()
            case RefuseMessage(what, why, is_journalled):
                _LOG.warning("refused", what=what, why=why)
                if is_journalled:
                    store.put(RefusedItem(what, why))
            case AskCentre(want):
                self._ask(want)
        return []


def _stored_revisions(store: SyncStore) -> StoredRevisions:
    return StoredRevisions(
        roster=store.roster_revision(),
        whole_roster=store.whole_roster_revision(),
        policy=store.order_revision(Purpose.POLICY),
        notices=store.order_revision(Purpose.NOTICES),
    )
