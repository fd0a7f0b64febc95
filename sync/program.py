"""The sync process of a gate: the shell around uplink and downlink.

One thread, one loop: what the link says, what the journal has grown by, what lies in the spool, the
time; each goes through step() and its effects are performed at once. Nothing in here decides.
The journal and the broker may be absent at any time; the loop goes on and takes them when they come.

What cannot be saved in sync.db has not happened: the state from before stays, and the acknowledgement, which is
all that is ever saved on the way up, comes again.
"""

import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from checkpoint.ids import CompoundId, GateId, Seq
from config.log_lines import logger
from config.trust import Trust
from sync import uplink
from sync.downlink.listener import Listener, topics
from sync.downlink.state import Recipient
from sync.journal.reader import Head
from sync.journal.view import JournalView
from sync.link_report import WRITTEN_EVERY_S, LinkReport, leave
from sync.store.inbox import ContradictedItem
from sync.store.writer import SyncStore
from sync.uplink.urgent_rows import UrgentRowScan
from sync.wire.batch import fit, make_ahead, make_batch
from sync.wire.downlink_messages import Want
from sync.wire.messages import STATE_EVERY_S, Ack, StateMessage, down, up
from sync.wire.session import (
    Connected,
    Disconnected,
    Introduction,
    LinkEvent,
    Message,
    Transport,
    Will,
)
from sync.wire.signed import NotGenuine, Purpose, open_signed

POLL_S = 0.05
HOUSEKEEPING_S = 0.5
_LOG = logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Which gate this is and where its files are."""

    gate: GateId
    compound: CompoundId
    data: Path
    version: str

    @property
    def journal(self) -> Path:
        """Written by the gate process."""
        return self.data / "journal.db"

    @property
    def store(self) -> Path:
        """Written by the sync process."""
        return self.data / "sync.db"

    @property
    def spool(self) -> Path:
        """Where rosters are handed in by hand."""
        return self.data / "spool"


def introduction(place: Place) -> Introduction:
    """How a gate presents itself to the broker."""
    topic = up(place.compound, place.gate, "state")
    will = Will(topic, msgspec.json.encode(StateMessage(online=False)))
    ack = down(place.compound, place.gate, "ack")
    return Introduction(place.gate, [ack, *topics(place.compound, place.gate)], will)


class SyncProgram:
    """Everything that the sync process holds."""

    def __init__(self, place: Place, trust: Trust, link: Transport) -> None:
        self._place, self._trust, self._link = place, trust, link
        place.spool.mkdir(parents=True, exist_ok=True)
        self._store = SyncStore.on(place.store)
        self._state = uplink.Uplink(
            cursors=self._store.cursors(), db_generation=self._store.db_generation()
        )
        self._journal = JournalView(place.journal)
        recipient = Recipient(place.gate, place.compound, trust.operations)
        self._listener = Listener(
            recipient, self._store, self._journal, self._publish_want, _now_ms
        )
        self._urgent_rows = UrgentRowScan()
        self._remembered: Head | None = None
        self._housekeeping_due_s = self._state_due_s = 0.0
        self._published = StateMessage(online=False)
        self._acked_us: int | None = None
        self._reported: LinkReport | None = None
        self._report_due_s = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, then say goodbye."""
        while not stop.is_set():
            try:
                self.turn(POLL_S)
            except (sqlite3.Error, OSError) as error:
                # A full disk, a locked or damaged sync.db: say so and try again.
                _LOG.warning("a file cannot be used", why=str(error))
                time.sleep(HOUSEKEEPING_S)
        self.close()

    def close(self) -> None:
        """Say goodbye and let go of everything."""
        try:
            self._publish_state(online=False)
        except sqlite3.Error as error:
            _LOG.warning("no goodbye", why=str(error))
        self._link.close()
        self._journal.close()
        self._store.close()

    @property
    def state(self) -> uplink.Uplink:
        """How far everything is."""
        return self._state

    def turn(self, timeout_s: float) -> None:
        """Whatever has happened, waiting at most so long for the link. Raises sqlite3.Error or OSError."""
        event = self._link.next_event(timeout_s)
        if event is not None:
            self._hear(event)
        heads = self._journal.grown()
        if heads is not None:
            self._feed(uplink.Grown(heads))
        self._feed(uplink.Passed())
        if (urgent := self._urgent_rows.news(self._journal, self._state)) is not None:
            self._feed(urgent)
        if time.monotonic() >= self._housekeeping_due_s:
            self._housekeeping_due_s = time.monotonic() + HOUSEKEEPING_S
            self._keep_house()

    def _hear(self, event: LinkEvent) -> None:
        match event:
            case Connected():
                _LOG.info("connected to the broker")
                self._state_due_s = 0.0
                self._listener.connected(self._store)
                self._feed(uplink.LinkUp())
            case Disconnected(why):
                _LOG.warning("no connection to the broker", why=why)
                self._feed(uplink.LinkDown())
            case Message():
                # Whatever becomes of it: the broker stops sending once twenty are unsettled.
                self._link.puback(event)
                if event.topic == self._topic_down("ack"):
                    self._hear_ack(event.payload)
                else:
                    self._listener.hear(
                        self._store, event.topic, event.payload, retained=event.retained
                    )

    def _hear_ack(self, payload: bytes) -> None:
        try:
            body = open_signed(Purpose.ACK, payload, self._trust.operations)
            ack = msgspec.json.decode(body, type=Ack)
        except (NotGenuine, msgspec.DecodeError) as error:
            _LOG.warning("acknowledgement refused", why=str(error))
            return
        if ack.gate != self._place.gate:
            _LOG.warning("acknowledgement refused", why=f"it is for gate {ack.gate}")
            return
        own_hash = self._journal.hash_at(ack.epoch, ack.upto) if ack.epoch is not None else None
        self._feed(uplink.Acked(ack, own_hash))

    def _feed(self, event: uplink.Event) -> None:
        events = [event]
        while events:
            state, effects = uplink.step(self._state, events.pop(0), _now_ms())
            for effect in effects:
                events += self._perform(effect)
            self._state = state

    def _perform(self, effect: uplink.Effect) -> list[uplink.Event]:
        match effect:
            case uplink.Send(epoch, after, most):
                rows = self._journal.batch(epoch, after, most)
                if rows:
                    payload = make_batch(self._place.gate, epoch, after, rows)
                    self._link.publish(self._topic_up("records"), payload)
                return [uplink.Sent(epoch, after, rows[-1].seq if rows else after)]
            case uplink.SendAhead(epoch, seqs):
                found = [self._journal.rows(epoch, Seq(seq - 1), 1) for seq in seqs]
                if rows := [row for row, *_ in filter(None, found)]:
                    payload = make_ahead(self._place.gate, epoch, fit(rows))
                    self._link.publish(self._topic_up("records"), payload)
            case uplink.SaveCursor(epoch, upto, generation, forget_others):
                self._store.save_cursor(epoch, upto, generation, forget_others=forget_others)
                self._acked_us = time.time_ns() // 1000
            case uplink.Contradicted(epoch, why):
                _LOG.error("journal contradicted", epoch=epoch, why=why)
                self._store.put(ContradictedItem(epoch, why))
        return []

    def _keep_house(self) -> None:
        if self._store.is_replaced():
            self._begin_anew()
        self._empty_spool()
        self._store.prune_inbox(self._journal.inbox_upto())
        newest = self._state.heads[-1] if self._state.heads else None
        if newest is not None and newest != self._remembered:
            self._store.remember_head(newest)
            self._remembered = newest
        self._listener.look_after(self._store, newest.epoch if newest else None)
        self._publish_state(online=True)
        self._leave_report()

    def _leave_report(self) -> None:
        report = LinkReport(
            connected=self._state.connected,
            unsynced=self._state.unsynced,
            acked_us=self._acked_us,
            caught_up_ms=self._listener.state.caught_up_ms,
        )
        if report != self._reported or time.monotonic() >= self._report_due_s:
            leave(self._place.data, report)
            self._reported = report
            self._report_due_s = time.monotonic() + WRITTEN_EVERY_S

    def _begin_anew(self) -> None:
        """Take the sync.db that is there now. Without cursors all rows go out again; the collector has each once."""
        _LOG.error("sync.db was replaced", path=str(self._place.store))
        self._store.close()
        self._store = SyncStore.on(self._place.store)
        self._listener.begin_anew(self._store)
        self._remembered = None
        self._state = uplink.Uplink(
            connected=self._state.connected,
            heads=self._state.heads,
            cursors=self._store.cursors(),
            db_generation=self._store.db_generation(),
        )

    def _empty_spool(self) -> None:
        for path in sorted(self._place.spool.glob("*.json")):
            try:
                self._listener.take_roster(self._store, path.read_bytes())
                path.unlink()
            except OSError as error:
                _LOG.warning("cannot be taken from the spool", why=str(error))

    def _publish_state(self, *, online: bool) -> None:
        newest = self._state.heads[-1] if self._state.heads else None
        state = StateMessage(
            online=online,
            epoch=newest.epoch if newest else None,
            version=self._place.version,
            last_seq=newest.seq if newest else uplink.NOTHING,
            unsynced=self._state.unsynced,
            devices=self._journal.devices(),
            roster_revision=self._store.roster_revision(),
            policy_revision=self._store.order_revision(Purpose.POLICY),
        )
        # The counts change with every record: they alone do not call for a message.
        calm = msgspec.structs.replace(state, last_seq=uplink.NOTHING, unsynced=0)
        if calm != self._published or time.monotonic() >= self._state_due_s:
            said = msgspec.structs.replace(state, at_us=time.time_ns() // 1000)
            self._link.publish(self._topic_up("state"), msgspec.json.encode(said), retain=True)
            self._published = calm
            self._state_due_s = time.monotonic() + STATE_EVERY_S

    def _publish_want(self, want: Want) -> None:
        self._link.publish(self._topic_up("want"), msgspec.json.encode(want))

    def _topic_up(self, leaf: str) -> str:
        return up(self._place.compound, self._place.gate, leaf)

    def _topic_down(self, leaf: str) -> str:
        return down(self._place.compound, self._place.gate, leaf)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
