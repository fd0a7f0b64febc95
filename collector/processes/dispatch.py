"""The dispatch process: it looks into the database several times a second and sends what the gates lack.

The shell around collector.domain.dispatch, which decides. One thread. A turn, only while there is a connection:

1. once, in one transaction: whether another database than before is published from, and the renewals for it;
2. in one snapshot: each compound, once the broker has said what it holds; then the gates that ask;
3. commands, marked as sent before they are.

An effect is performed before the state that it belongs to counts: what a database that does not answer has stopped is
done again. What is published to nobody, or is lost on the way, costs nothing but time: a gate tells by the next page
that it lacks something, and asks.
"""

import threading
import time
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from checkpoint.entry_pass import key_id
from checkpoint.ids import CompoundId, Revision
from collector.domain.dispatch.events import (
    AnswerGate,
    BrokerFound,
    BrokerLost,
    CopySeen,
    Effect,
    Event,
    GenerationChecked,
    Looked,
    NeverIssued,
    PageSent,
    PublishChange,
    PublishWhole,
    Renew,
    RequestsLooked,
    SendPage,
)
from collector.domain.dispatch.state import Dispatch
from collector.domain.dispatch.steps import step
from collector.domain.in_force import InForce, Leaf
from collector.processes.compose import Composer, OutboundMessage, change_since
from collector.processes.want_message import read_want
from collector.store.crossings import newest_crossing
from collector.store.database import db_generation, has_other_generation, snapshot
from collector.store.orders import has_commands, take_commands
from collector.store.revisions import all_in_force, is_known, renew
from config.log_lines import logger
from sync.wire.messages import ROOT, down, down_to_all
from sync.wire.session import Connected, Disconnected, Introduction, Message, Transport
from sync.wire.signed import NotGenuine, Purpose, open_signed, sign

INTRODUCTION: Final = Introduction(
    "gatepost-dispatch",
    [*(f"{ROOT}/+/down/{leaf.value}" for leaf in Leaf), f"{ROOT}/+/+/up/want"],
)
_TURN_S: Final = 0.1
_WAIT_S: Final = 2.0
_LOG: Final = logger()


class DispatchProgram:
    """Everything that the dispatch process holds."""

    def __init__(
        self, reading: Engine, writing: Engine, key: Ed25519PrivateKey, link: Transport
    ) -> None:
        self._reading, self._writing, self._key, self._link = reading, writing, key, link
        self._keys = {key_id(key.public_key()): key.public_key()}
        self._state = Dispatch()
        with snapshot(reading) as connection:
            self._composer = Composer(db_generation(connection))

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        while not stop.is_set():
            event = self._link.next_event(_TURN_S)
            while event is not None:
                self._hear(event)
                event = self._link.next_event(0)
            if self._state.settles_ms is None:
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
                self._note(BrokerFound())
            case Disconnected(why):
                _LOG.warning("no connection to the broker", why=why)
                self._note(BrokerLost())
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
            self._note(CopySeen(CompoundId(int(compound)), leaf, revision))
        except (NotGenuine, ValueError) as error:
            _LOG.warning("the copy at the broker is none", topic=message.topic, why=str(error))

    def _hear_want(self, message: Message) -> None:
        try:
            self._note(read_want(message.topic, message.payload))
        except (ValueError, RecursionError) as error:
            _LOG.warning("a gate's want does not parse", topic=message.topic, why=str(error))

    def _turn(self) -> None:
        is_settled = self._state.is_settled(_now_ms())
        if is_settled and not self._state.generation_is_checked:
            self._check_generation()
        now_us = time.time_ns() // 1000
        with snapshot(self._reading) as connection:
            compounds = {each.compound: each for each in all_in_force(connection)}
            for compound in self._state.asking:
                compounds.setdefault(compound, InForce(compound=compound))
            for now in compounds.values() if is_settled else ():
                self._feed(connection, self._looked(connection, now, now_us))
            self._feed(connection, RequestsLooked(compounds, now_us))
            is_commanded = has_commands(connection, now_us)
        if is_commanded:
            self._send_commands(now_us)

    def _check_generation(self) -> None:
        """The renewals are in the transaction that notes the generation, or neither is."""
        with self._writing.begin() as connection:
            is_other = has_other_generation(connection)
            checked = GenerationChecked(is_other, tuple(all_in_force(connection)))
            state, effects = step(self._state, checked, _now_ms())
            for effect in effects:
                if isinstance(effect, Renew):
                    _renew(connection, effect)
        self._state = state

    def _looked(self, connection: Connection, now: InForce, now_us: int) -> Looked:
        copy = self._state.of(now.compound).copies.get(Leaf.ROSTER)
        return Looked(
            in_force=now,
            knows_roster_copy=copy is not None and is_known(connection, now.compound, copy),
            newest_crossing=newest_crossing(connection, now.compound),
            now_us=now_us,
        )

    def _note(self, event: Event) -> None:
        """What calls for nothing."""
        self._state, _ = step(self._state, event, _now_ms())

    def _feed(self, connection: Connection, event: Event) -> None:
        events = [event]
        while events:
            state, effects = step(self._state, events.pop(0), _now_ms())
            for effect in effects:
                events += self._perform(connection, effect)
            self._state = state

    def _perform(self, connection: Connection, effect: Effect) -> list[Event]:
        match effect:
            case PublishWhole(now, leaf):
                outbound = self._composer.whole(connection, now, leaf)
                self._publish(down_to_all(now.compound, leaf.value), outbound, retain=True)
                revision = now.revision(leaf)
                _LOG.info("published", compound=now.compound, what=leaf.value, revision=revision)
            case PublishChange(now, base):
                change = change_since(connection, now, base)
                self._publish(down_to_all(now.compound, Purpose.ROSTER_CHANGE.value), change)
            case SendPage():
                return self._send_page(connection, effect)
            case Renew():
                with self._writing.begin() as writing:
                    _renew(writing, effect)
            case AnswerGate(gate, want, now):
                now_us = time.time_ns() // 1000
                for outbound in self._composer.answers(connection, now, want, now_us):
                    self._publish(down(*gate, outbound.purpose.value), outbound)
            case NeverIssued(gate, leaf, has):
                where = {"compound": gate[0], "gate": gate[1]}
                _LOG.warning(
                    "a gate has what was never issued", **where, what=leaf.value, revision=has
                )
        return []

    def _send_page(self, connection: Connection, send: SendPage) -> list[Event]:
        now, now_us = send.in_force, time.time_ns() // 1000
        behind = self._composer.cursor_at(send.after), send.after
        outbound, upto, is_full = self._composer.page(connection, now, behind, now_us)
        if upto == send.after and not send.even_if_empty:
            return []
        self._publish(down_to_all(now.compound, Purpose.PASSAGES.value), outbound)
        return [PageSent(now, upto, is_full, send.pages_left)]

    def _send_commands(self, now_us: int) -> None:
        with self._writing.begin() as connection:
            commands = take_commands(connection, now_us)
        for compound, command in commands:
            outbound = OutboundMessage(Purpose.COMMAND, msgspec.json.encode(command))
            self._publish(down(compound, command.gate, Purpose.COMMAND.value), outbound)
            _LOG.info("command", gate=command.gate, kind=command.kind.value, id=command.id)

    def _publish(self, topic: str, outbound: OutboundMessage, *, retain: bool = False) -> None:
        self._link.publish(topic, sign(outbound.purpose, outbound.body, self._key), retain=retain)


def _renew(writing: Connection, asked: Renew) -> None:
    """Under a new revision; it is published in the next turn, which can see it."""
    now_us = time.time_ns() // 1000
    revision = renew(writing, asked.compound, asked.leaf, now_us, asked.above)
    _LOG.info("renewed", compound=asked.compound, what=asked.leaf.value, revision=revision)


class _Revised(msgspec.Struct, frozen=True):
    revision: Revision


class _PolicyRevised(msgspec.Struct, frozen=True):
    policy: _Revised


def _revision_in(leaf: Leaf, body: bytes) -> Revision:
    if leaf is Leaf.POLICY:
        return msgspec.json.decode(body, type=_PolicyRevised).policy.revision
    return msgspec.json.decode(body, type=_Revised).revision


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
