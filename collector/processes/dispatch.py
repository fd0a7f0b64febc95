"""The dispatch process: it looks into the database several times a second and sends what the gates lack.

One thread. A turn, in one snapshot of the database and only while there is a connection:

1. retained copies of roster, policy and notices (retained.py); 2. to every gate of a compound the roster's
change since it was last told, and pages of new crossings, at least an empty one every PASSAGES_EVERY_S;
3. answers to gates that say how far they are (sync_requests.py, compose.py); 4. commands, marked as sent before they
   are.

After each connect it waits for _SETTLE_S, until the broker has said which copies it holds; answers and
commands do not wait. What is published to nobody, or is lost on the way, costs nothing but time: a gate tells
by the next page that it lacks something, and asks.

A restored database is noticed by its new generation, or by copies or gates that are newer than itself: then all
that it has is renewed, for what the gates have of the lost time must not stay.
"""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from checkpoint.entry_pass import key_id
from checkpoint.ids import CompoundId, Revision
from collector.processes.compose import MAX_PAGES, Composer, OutboundMessage, change_since
from collector.processes.retained import DAY_US, Care, care_for
from collector.processes.sync_requests import Gate, SyncRequests
from collector.store.crossings import newest_crossing
from collector.store.database import db_generation, has_other_generation, snapshot
from collector.store.orders import has_commands, take_commands
from collector.store.revisions import InForce, Leaf, all_in_force, is_known, renew
from config.log_lines import logger
from sync.wire.downlink_messages import PASSAGES_EVERY_S, Want
from sync.wire.messages import ROOT, down, down_to_all
from sync.wire.session import Connected, Disconnected, Introduction, Message, Transport
from sync.wire.signed import NotGenuine, Purpose, open_signed, sign

INTRODUCTION: Final = Introduction(
    "gatepost-dispatch",
    [*(f"{ROOT}/+/down/{leaf.value}" for leaf in Leaf), f"{ROOT}/+/+/up/want"],
)
_TURN_S: Final = 0.1
_SETTLE_S: Final = 1.0
_RENEW_EVERY_S: Final = 60.0
_WAIT_S: Final = 2.0
_LOG: Final = logger()


@dataclass(slots=True)
class _Told:
    """What the gates of one compound have been told since the connect."""

    copies: dict[Leaf, Revision] = field(default_factory=dict)
    roster: Revision | None = None
    """None: nothing since the retained copy."""
    crossing: int | None = None
    page_due_s: float = 0.0


class DispatchProgram:
    """Everything that the dispatch process holds."""

    def __init__(
        self, reading: Engine, writing: Engine, key: Ed25519PrivateKey, link: Transport
    ) -> None:
        self._reading, self._writing, self._key, self._link = reading, writing, key, link
        self._keys = {key_id(key.public_key()): key.public_key()}
        self._told: defaultdict[CompoundId, _Told] = defaultdict(_Told)
        self._wants = SyncRequests()
        self._renewable_s: dict[tuple[CompoundId, Leaf], float] = {}
        """From when each may be renewed again because something newer was seen."""
        self._settled_s: float | None = None
        """When the broker has said what it holds; None: there is no connection."""
        self._is_of_this_generation = False
        with snapshot(reading) as connection:
            self._composer = Composer(db_generation(connection))

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        while not stop.is_set():
            event = self._link.next_event(_TURN_S)
            while event is not None:
                self._hear(event)
                event = self._link.next_event(0)
            if self._settled_s is None:
                continue
            try:
                self._turn()
            except (OperationalError, InterfaceError) as error:
                _LOG.error("the database does not answer; trying again", why=str(error.orig))
                stop.wait(_WAIT_S)
        self._link.close()

    def _hear(self, event: Connected | Disconnected | Message) -> None:
        match event:
            case Connected():
                _LOG.info("connected to the broker")
                self._told.clear()
                self._settled_s = time.monotonic() + _SETTLE_S
            case Disconnected(why):
                _LOG.warning("no connection to the broker", why=why)
                self._wants.forget()
                self._settled_s = None
            case Message(topic=topic):
                if topic.endswith("/want"):
                    self._hear_want(event)
                else:
                    self._hear_copy(event)
                self._link.puback(event)

    def _hear_copy(self, message: Message) -> None:
        """Our own copies come back to us, too: the newest one that is genuine counts."""
        _, _, compound, _, name = message.topic.split("/")
        leaf = Leaf(name)
        try:
            revision = _revision_in(leaf, open_signed(Purpose(name), message.payload, self._keys))
            told = self._told[CompoundId(int(compound))]
        except (NotGenuine, ValueError) as error:
            _LOG.warning("the copy at the broker is none", topic=message.topic, why=str(error))
            return
        told.copies[leaf] = max(revision, told.copies.get(leaf, revision))

    def _hear_want(self, message: Message) -> None:
        try:
            self._wants.hear(message)
        except (ValueError, RecursionError) as error:
            _LOG.warning("a gate's want does not parse", topic=message.topic, why=str(error))

    def _turn(self) -> None:
        now_us = time.time_ns() // 1000
        is_settled = self._settled_s is not None and time.monotonic() >= self._settled_s
        if is_settled:
            self._mind_generation(now_us)
        with snapshot(self._reading) as connection:
            compounds = {each.compound: each for each in all_in_force(connection)}
            for compound in self._wants.compounds:
                compounds.setdefault(compound, InForce(compound=compound))
            if is_settled:
                for now in compounds.values():
                    self._tell_all(connection, now, now_us)
            for gate, want in self._wants.due():
                self._answer(connection, gate, want, compounds[gate[0]], now_us)
            is_commanded = has_commands(connection, now_us)
        if is_commanded:
            self._send_commands(now_us)

    def _mind_generation(self, now_us: int) -> None:
        """Once a connect: renew everything where the database was replaced since something was published."""
        if self._is_of_this_generation:
            return
        with self._writing.begin() as connection:
            if has_other_generation(connection):
                for now in all_in_force(connection):
                    for leaf in Leaf:
                        if now.revision(leaf) is not None:
                            self._renew(connection, now.compound, leaf, 0, now_us)
        self._is_of_this_generation = True

    def _tell_all(self, connection: Connection, now: InForce, now_us: int) -> None:
        for leaf in Leaf:
            copy = self._told[now.compound].copies.get(leaf)
            known = leaf is not Leaf.ROSTER or (
                copy is not None and is_known(connection, now.compound, copy)
            )
            match care_for(leaf, now.revision(leaf), copy, now_us, known=known):
                case Care.PUBLISH:
                    self._publish_copy(connection, now, leaf)
                case Care.RENEW if self._may_renew(now.compound, leaf):
                    with self._writing.begin() as writing:
                        self._renew(writing, now.compound, leaf, copy or 0, now_us)
        self._tell_change(connection, now)
        self._tell_passages(connection, now, now_us)

    def _publish_copy(self, connection: Connection, now: InForce, leaf: Leaf) -> None:
        outbound = self._composer.whole(connection, now, leaf)
        self._publish(down_to_all(now.compound, leaf.value), outbound, retain=True)
        told, revision = self._told[now.compound], now.revision(leaf)
        if revision is not None:
            told.copies[leaf] = revision
        if leaf is Leaf.ROSTER:
            told.roster = revision
        _LOG.info("published", compound=now.compound, what=leaf.value, revision=revision)

    def _may_renew(self, compound: CompoundId, leaf: Leaf) -> bool:
        """Not again at once: two collectors at one broker would outbid each other without end."""
        if time.monotonic() < self._renewable_s.get((compound, leaf), 0.0):
            return False
        self._renewable_s[compound, leaf] = time.monotonic() + _RENEW_EVERY_S
        return True

    def _renew(
        self, writing: Connection, compound: CompoundId, leaf: Leaf, above: int, now_us: int
    ) -> None:
        """Under a new revision; it is published in the next turn, which can see it."""
        revision = renew(writing, compound, leaf, now_us, above)
        # Whatever the broker has of it is to be replaced, before anything is told against it.
        told = self._told[compound]
        told.copies.pop(leaf, None)
        if leaf is Leaf.ROSTER:
            told.roster = None
        _LOG.info("renewed", compound=compound, what=leaf.value, revision=revision)

    def _tell_change(self, connection: Connection, now: InForce) -> None:
        told = self._told[now.compound]
        base = told.copies.get(Leaf.ROSTER) if told.roster is None else told.roster
        if base is None or now.roster_revision is None or base >= now.roster_revision:
            return
        change = change_since(connection, now, base)
        self._publish(down_to_all(now.compound, Purpose.ROSTER_CHANGE.value), change)
        told.roster = now.roster_revision

    def _tell_passages(self, connection: Connection, now: InForce, now_us: int) -> None:
        told = self._told[now.compound]
        if told.crossing is None:
            told.crossing = newest_crossing(connection, now.compound)
        for _ in range(MAX_PAGES):
            behind = self._composer.cursor_at(told.crossing), told.crossing
            outbound, upto, is_full = self._composer.page(connection, now, behind, now_us)
            if upto == told.crossing and time.monotonic() < told.page_due_s:
                return
            self._publish(down_to_all(now.compound, Purpose.PASSAGES.value), outbound)
            told.crossing, told.page_due_s = upto, time.monotonic() + PASSAGES_EVERY_S
            if not is_full:
                return

    def _answer(
        self, connection: Connection, gate: Gate, want: Want, now: InForce, now_us: int
    ) -> None:
        self._mind_newer(now, want, now_us)
        for outbound in self._composer.answers(connection, now, want, now_us):
            self._publish(down(*gate, outbound.purpose.value), outbound)

    def _mind_newer(self, now: InForce, want: Want, now_us: int) -> None:
        """Renew what a gate has from a time that this database has lost, or from another compound."""
        for leaf, has in (
            (Leaf.ROSTER, want.roster),
            (Leaf.POLICY, want.policy),
            (Leaf.NOTICES, want.notices),
        ):
            newest = now.revision(leaf)
            if has is None or newest is None or has <= newest:
                continue
            # One gate that is wrong about the time must not drive the revisions of all into the future.
            if has > now_us + DAY_US or not self._may_renew(now.compound, leaf):
                _LOG.warning("a gate has what was never issued", what=leaf.value, revision=has)
                continue
            with self._writing.begin() as writing:
                self._renew(writing, now.compound, leaf, has, now_us)

    def _send_commands(self, now_us: int) -> None:
        with self._writing.begin() as connection:
            commands = take_commands(connection, now_us)
        for compound, command in commands:
            outbound = OutboundMessage(Purpose.COMMAND, msgspec.json.encode(command))
            self._publish(down(compound, command.gate, Purpose.COMMAND.value), outbound)
            _LOG.info("command", gate=command.gate, kind=command.kind.value, id=command.id)

    def _publish(self, topic: str, outbound: OutboundMessage, *, retain: bool = False) -> None:
        self._link.publish(topic, sign(outbound.purpose, outbound.body, self._key), retain=retain)


class _Revised(msgspec.Struct, frozen=True):
    revision: Revision


class _PolicyRevised(msgspec.Struct, frozen=True):
    policy: _Revised


def _revision_in(leaf: Leaf, body: bytes) -> Revision:
    if leaf is Leaf.POLICY:
        return msgspec.json.decode(body, type=_PolicyRevised).policy.revision
    return msgspec.json.decode(body, type=_Revised).revision
