"""The intake process: the shell around intake and the store.

One thread, one loop, one message at a time: examine it, store it in one transaction, and only after the
commit publish the signed acknowledgement and settle the message with the broker. A database that is
locked, full or away stops the loop at this very message, unacknowledged, until it answers again; a message
that the database cannot take for any other reason is left unacknowledged, said, and passed over, so that
one gate cannot stop the others.
"""

import threading
import time
from dataclasses import dataclass

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from checkpoint.ids import GATE_ID, CompoundId, GateId
from collector import intake
from collector.arrival import Arrival, examine
from collector.intake import Progress
from collector.store.commit import take_in, take_in_state
from collector.store.database import db_generation
from sync.link import Connected, Disconnected, Link, Message
from sync.signed import Purpose, sign
from sync.wire import ROOT, State, down, gate_of

CLIENT_ID = "gatepost-collector"
_POLL_S = 0.2
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker listens."""

    host: str
    port: int


class IntakeProgram:
    """Everything that the intake process holds."""

    def __init__(
        self, engine: Engine, key: Ed25519PrivateKey, broker: BrokerAddress, fold_us: int
    ) -> None:
        self._engine, self._key, self._fold_us = engine, key, fold_us
        with engine.begin() as connection:
            self._db_generation = db_generation(connection)
        self._link = Link(
            broker.host,
            broker.port,
            client_id=CLIENT_ID,
            subscriptions=[f"{ROOT}/+/+/up/records", f"{ROOT}/+/+/up/state"],
        )

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        while not stop.is_set():
            event = self._link.next_event(_POLL_S)
            match event:
                case Connected():
                    _LOG.info("connected to the broker")
                case Disconnected(why):
                    _LOG.warning("no connection to the broker", why=why)
                case Message():
                    self._take(event, stop)
        self._link.close()
        self._engine.dispose()

    def _take(self, message: Message, stop: threading.Event) -> None:
        wait_s = _FIRST_WAIT_S
        while not stop.is_set():
            try:
                self._store(message)
            except (OperationalError, InterfaceError) as error:
                _LOG.error("the database does not take it; trying again", why=str(error.orig))
                stop.wait(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                continue
            except Exception:  # noqa: BLE001 (one gate must not stop the others)
                _LOG.exception("a message could not be stored", topic=message.topic)
            self._link.settle(message)
            return

    def _store(self, message: Message) -> None:
        try:
            compound, gate = gate_of(message.topic)
        except ValueError:
            _LOG.warning("not a gate's topic", topic=message.topic)
            return
        if not GATE_ID.fullmatch(gate) or not 0 <= compound <= 65535:
            _LOG.warning("not a gate's name", topic=message.topic)
        elif message.topic.endswith("/state"):
            self._store_state(compound, gate, message.payload)
        else:
            self._store_records(compound, gate, message.payload)

    def _store_state(self, compound: CompoundId, gate: GateId, payload: bytes) -> None:
        try:
            state = msgspec.json.decode(payload, type=State)
        except ValueError as error:
            _LOG.warning("a gate's state does not parse", gate=gate, why=str(error))
            return
        with self._engine.begin() as connection:
            take_in_state(connection, compound, gate, state, _now_us())

    def _store_records(self, compound: CompoundId, gate: GateId, payload: bytes) -> None:
        arrival = examine(gate, payload)
        with self._engine.begin() as connection:
            progress = take_in(connection, arrival, _now_us(), self._fold_us)
        self._acknowledge(compound, arrival, progress)

    def _acknowledge(self, compound: CompoundId, arrival: Arrival, progress: Progress) -> None:
        ack = intake.acknowledge(arrival, progress, self._db_generation)
        if ack is None:
            _LOG.warning("a gate speaks as another", gate=arrival.gate)
            return
        signed = sign(Purpose.ACK, msgspec.json.encode(ack), self._key)
        self._link.publish(down(compound, arrival.gate, "ack"), signed)


def _now_us() -> int:
    return time.time_ns() // 1000
