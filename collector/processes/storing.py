"""From examined messages to committed rows and acknowledgements.

Whatever waits is stored in one transaction, up to MOST_AT_ONCE messages: a commit costs the disk the same
for one message as for twenty. Only after it the signed acknowledgements are published and the messages
settled with the broker.

A database that is locked, full or away stops everything at these very messages, unacknowledged, until it
answers again. What the database cannot take for any other reason is tried again message by message, and
then left unacknowledged, said, and passed over, so that one gate cannot stop the others.

Nor can one that floods: of each gate at most MOST_OF_A_GATE messages wait. An honest gate has two batches, urgent rows
and a state on their way; what is let go of it, because it has sent everything again meanwhile, it sends once more.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from checkpoint.ids import GateId
from collector.domain import ingest as intake
from collector.processes.receipt import Receipt
from collector.store.commit import progress_of, take_in, take_in_state
from collector.store.database import db_generation
from config.log_lines import logger
from sync.wire.messages import Ack, StateMessage, down
from sync.wire.session import Transport
from sync.wire.signed import Purpose, sign

MOST_AT_ONCE: Final = 20
MOST_WAITING: Final = 2 * MOST_AT_ONCE
MOST_OF_A_GATE: Final = 8
_POLL_S: Final = 0.2
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_LOG: Final = logger()


class Storing:
    """The one that writes. Receipts are put in by one thread and stored by another."""

    def __init__(
        self, engine: Engine, key: Ed25519PrivateKey, link: Transport, fold_us: int
    ) -> None:
        self._engine, self._key, self._link, self._fold_us = engine, key, link, fold_us
        self._waiting: queue.Queue[Receipt] = queue.Queue(MOST_WAITING)
        self._of_gate: Counter[GateId] = Counter()
        self._counting = threading.Lock()

    def is_crowded_by(self, gate: GateId) -> bool:
        """Whether no more of this gate's messages are to be handed in for now."""
        with self._counting:
            return self._of_gate[gate] >= MOST_OF_A_GATE

    def offer(self, receipt: Receipt, timeout_s: float) -> bool:
        """Hand in one; False: there is no room, try again."""
        try:
            self._waiting.put(receipt, timeout=timeout_s)
        except queue.Full:
            return False
        with self._counting:
            self._of_gate[receipt.gate] += 1
        return True

    def run(self, stop: threading.Event) -> None:
        """Store what comes until told to stop."""
        while not stop.is_set():
            if receipts := self._next():
                self._take(receipts, stop)
                with self._counting:
                    self._of_gate.subtract(receipt.gate for receipt in receipts)
                    self._of_gate += Counter()  # forgets those at zero

    def _next(self) -> list[Receipt]:
        receipts: list[Receipt] = []
        try:
            receipts.append(self._waiting.get(timeout=_POLL_S))
            while len(receipts) < MOST_AT_ONCE:
                receipts.append(self._waiting.get_nowait())
        except queue.Empty:
            pass
        return receipts

    def _take(self, receipts: Sequence[Receipt], stop: threading.Event) -> None:
        wait_s = _FIRST_WAIT_S
        while not stop.is_set():
            try:
                acks = self._store(receipts)
            except (OperationalError, InterfaceError) as error:
                _LOG.error("the database does not take it; trying again", why=str(error.orig))
                stop.wait(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                continue
            except Exception:  # noqa: BLE001 (one gate must not stop the others)
                if len(receipts) > 1:
                    for receipt in receipts:
                        self._take([receipt], stop)
                    return
                _LOG.exception("a message could not be stored", topic=receipts[0].message.topic)
                acks = []
            self._acknowledge(acks)
            for receipt in receipts:
                self._link.puback(receipt.message)
            return

    def _store(self, receipts: Iterable[Receipt]) -> list[tuple[Receipt, Ack]]:
        with self._engine.begin() as connection:
            generation = db_generation(connection)
            acks = [(each, self._store_one(connection, each, generation)) for each in receipts]
        return [(receipt, ack) for receipt, ack in acks if ack is not None]

    def _store_one(self, connection: Connection, receipt: Receipt, generation: str) -> Ack | None:
        now_us = time.time_ns() // 1000
        content, gate = receipt.content, receipt.gate
        if isinstance(content, StateMessage):
            take_in_state(connection, receipt.compound, gate, content, now_us)
            if not content.online or content.epoch is None:
                return None
            progress = progress_of(connection, gate, content.epoch)
            return intake.answer(gate, content.epoch, progress, generation)
        progress = take_in(connection, receipt.compound, content, now_us, self._fold_us)
        ack = intake.acknowledge(content, progress, generation)
        if ack is None:
            _LOG.warning("a gate speaks as another", gate=gate)
        return ack

    def _acknowledge(self, acks: Iterable[tuple[Receipt, Ack]]) -> None:
        for receipt, ack in acks:
            signed = sign(Purpose.ACK, msgspec.json.encode(ack), self._key)
            self._link.publish(down(receipt.compound, receipt.gate, "ack"), signed)
