"""The intake process: what the link brings is examined here and stored by a thread of its own.

Two threads, because a commit waits for the disk and a statement works in the database alone: meanwhile
the next messages are examined. Python's lock changes hands every SWITCH_S instead of every 5 ms, or the
storing thread would stand still for that long after each statement.
"""

import sys
import threading
import time
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from checkpoint.ids import GateId
from collector.processes.receipt import read
from collector.processes.storing import Storing
from config.log_lines import logger
from sync.wire.messages import ROOT, gate_of
from sync.wire.session import Connected, Disconnected, Introduction, Message, Transport

INTRODUCTION: Final = Introduction(
    "gatepost-collector", [f"{ROOT}/+/+/up/records", f"{ROOT}/+/+/up/state"]
)
SWITCH_S: Final = 0.0005
_POLL_S: Final = 0.2
_GOODBYE_S: Final = 3.0
_SAID_EVERY_S: Final = 10.0
_LOG: Final = logger()


class IntakeProgram:
    """Everything that the intake process holds."""

    def __init__(
        self, engine: Engine, key: Ed25519PrivateKey, link: Transport, fold_us: int
    ) -> None:
        self._link = link
        self._storing = Storing(engine, key, link, fold_us)
        self._said_due_s = 0.0
        self._failure: BaseException | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop. What storing fails of, if it ever does, ends all and is raised here."""
        sys.setswitchinterval(SWITCH_S)
        storing = threading.Thread(target=self._store, args=(stop,), name="storing", daemon=True)
        storing.start()
        while not stop.is_set():
            self._turn(stop)
        storing.join(_GOODBYE_S)
        if storing.is_alive():  # it comes again: nothing of it was acknowledged
            _LOG.error("storing hangs in the database and is left there", waited_s=_GOODBYE_S)
        self._link.close()
        if self._failure is not None:
            raise self._failure

    def _store(self, stop: threading.Event) -> None:
        try:
            self._storing.run(stop)
        except BaseException as failure:  # noqa: BLE001 (raised by run)
            self._failure = failure
        finally:
            stop.set()

    def _turn(self, stop: threading.Event) -> None:
        match event := self._link.next_event(_POLL_S):
            case Connected():
                _LOG.info("connected to the broker")
            case Disconnected(why):
                _LOG.warning("no connection to the broker", why=why)
            case Message():
                self._receive(event, stop)

    def _receive(self, message: Message, stop: threading.Event) -> None:
        try:
            _, gate = gate_of(message.topic)
            if self._storing.is_crowded_by(gate):
                self._let_go(message, gate)
                return
            receipt = read(message)
        except ValueError as error:
            _LOG.warning("a message says nothing", topic=message.topic, why=str(error))
            self._link.puback(message)
            return
        while not self._storing.offer(receipt, _POLL_S) and not stop.is_set():
            pass

    def _let_go(self, message: Message, gate: GateId) -> None:
        self._link.puback(message)
        if (now_s := time.monotonic()) >= self._said_due_s:
            self._said_due_s = now_s + _SAID_EVERY_S
            _LOG.warning("a gate sends faster than it can be stored", gate=gate)
