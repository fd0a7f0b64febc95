"""More than broker or collector can take: messages are lost or let go, and no record is."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.subscribe import simple

from checkpoint.ids import CompoundId, GateId
from collector.domain.ingest import MAX_QUARANTINED_MESSAGES
from config.key_files import TRUST
from config.trust import load_trust
from simulation.compound import COMPOUND
from simulation.fleet.fleet import Fleet
from sync.wire.messages import up
from sync.wire.session import Address
from tests.broker import Broker
from tests.drivers.waiting import eventually
from tests.ending import joined
from tests.faults.chain import INTAKE, SYNC, Chain
from tests.patience import PATIENCE_S
from tests.sync.journal.journal_files import head, write

CONNECTED = "connected to the broker"
GATES, RECORDS = 8, 10
"""Each sends its state and its records in one message of its own: more than five."""


pytestmark = pytest.mark.timeout(300)
"""Processes that start and links that are slow, on a machine that may be busy."""


@pytest.fixture
def short_queue() -> Iterator[Broker]:
    """A broker that keeps five messages for a client that does not take them."""
    broker = Broker(most_queued=5)
    broker.start()
    yield broker
    broker.close()


def dropped(broker: Broker) -> int:
    """How many messages the broker has lost, by its own count."""
    topic = "$SYS/broker/publish/messages/dropped"
    said = simple(topic, hostname="127.0.0.1", port=broker.port)  # type: ignore[no-untyped-call]
    assert not isinstance(said, list)
    return int(said.payload)


def test_fault_44_what_the_brokers_queue_has_lost_comes_again(
    tmp_path: Path, short_queue: Broker
) -> None:
    chain = Chain(tmp_path, short_queue.port)
    fleet = Fleet(GATES, tmp_path / "fleet", CompoundId(COMPOUND))
    for gate in fleet.gates:
        for _ in range(RECORDS):
            gate.write()
    try:
        chain.start(INTAKE)
        chain.wait(lambda: CONNECTED in chain.log(INTAKE))
        os.kill(chain.pid(INTAKE), signal.SIGSTOP)
        trust = load_trust(chain.compound.keys / TRUST)
        fleet.connect(trust, Address("127.0.0.1", short_queue.port))

        def loses() -> bool:
            assert not fleet.drain(0.2, lambda _: None)
            return dropped(short_queue) > 0

        eventually(loses)
        os.kill(chain.pid(INTAKE), signal.SIGCONT)
        drain(fleet)
    finally:
        fleet.close()
        chain.stop()
    query = "SELECT count(*), count(DISTINCT epoch || seq) FROM records"
    assert chain.ask(query) == [(GATES * RECORDS, GATES * RECORDS)]


def drain(fleet: Fleet) -> None:
    """Until all is acknowledged, for as long as it goes forward: a busy machine may take its time."""
    least = fleet.unsynced
    until_s = time.monotonic() + PATIENCE_S
    while not fleet.drain(1, lambda _: None):
        if fleet.unsynced < least:
            least, until_s = fleet.unsynced, time.monotonic() + PATIENCE_S
        assert time.monotonic() < until_s, f"{least} records stay unacknowledged"


class Flood:
    """A gate that publishes rubbish as fast as the broker takes it."""

    def __init__(self, port: int) -> None:
        self.sent = 0
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._flow)
        self._thread.start()

    def _flow(self) -> None:
        topic = up(CompoundId(COMPOUND), GateId("flood"), "records")
        while not self._over.is_set():
            for _ in range(20):
                info = self._client.publish(topic, f"{self.sent} " + "x" * 1000, qos=1)
                self.sent += 1
            info.wait_for_publish(10)

    def end(self) -> None:
        self._over.set()
        joined(self._thread)
        self._client.disconnect()
        if self._client._thread is not None:
            joined(self._client._thread)


def test_fault_56_a_gate_that_floods_is_limited_and_the_others_records_arrive(
    tmp_path: Path, broker: Broker
) -> None:
    chain = Chain(tmp_path, broker.port)
    quarantined = "SELECT gate, count(*) FROM quarantine GROUP BY gate"
    chain.start(INTAKE)
    chain.wait(lambda: CONNECTED in chain.log(INTAKE))
    flood = Flood(broker.port)
    try:
        chain.wait(lambda: "faster than it can be stored" in chain.log(INTAKE))
        write(chain.journal, 500)
        chain.start(SYNC)
        newest = head(chain.journal)
        chain.wait(lambda: chain.cursors() == {newest.epoch: 500})
        arrived = chain.stored()
        chain.wait(lambda: flood.sent > 1000)
        chain.wait(lambda: chain.ask(quarantined) == [("flood", MAX_QUARANTINED_MESSAGES)])
    finally:
        flood.end()
        said = chain.log(INTAKE)
        chain.stop()
    assert "faster than it can be stored" in said
    assert "gate=flood" in said
    assert arrived == chain.journalled()
    assert chain.ask(quarantined) == [("flood", MAX_QUARANTINED_MESSAGES)]
