"""A gate's sync process whose way to the broker is a bad network."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint.ids import GateId, Seq
from checkpoint.records import DoorChange, DoorState
from sync.journal.reader import JournalReader
from sync.journal.writer import Journal
from sync.wire.batch import make_batch
from tests.broker import Broker
from tests.faults.chain import COLLECTOR, GATE, INTAKE, SYNC, Chain
from tests.proxy import Proxy
from tests.sync.journal.journal_files import change, head, write

SLOW_LINK_BYTES = 8_000
"""64 kbit/s."""


pytestmark = pytest.mark.timeout(300)
"""Processes that start and links that are slow, on a machine that may be busy."""


@pytest.fixture
def proxy(broker: Broker) -> Iterator[Proxy]:
    proxy = Proxy(broker.port)
    yield proxy
    proxy.close()


@pytest.fixture
def chain(tmp_path: Path, broker: Broker, proxy: Proxy) -> Iterator[Chain]:
    chain = Chain(tmp_path, broker.port)
    chain.lead_gate_through(proxy.port)
    yield chain
    chain.stop()


def wire_bytes(path: Path) -> int:
    """How many bytes all rows take on their way if each goes once, twenty a batch."""
    reader = JournalReader.on(path)
    [newest] = reader.heads()
    size = 0
    for after in range(0, newest.seq, 20):
        rows = list(reader.rows(newest.epoch, Seq(after), 20))
        size += len(make_batch(GateId(GATE), newest.epoch, Seq(after), rows))
    reader.close()
    return size


def synced(chain: Chain) -> bool:
    newest = head(chain.journal)
    return chain.cursors().get(newest.epoch) == newest.seq


def test_a_slow_link_carries_each_row_about_once_and_what_is_urgent_first(
    chain: Chain, proxy: Proxy
) -> None:
    write(chain.journal, 60)
    journal = Journal.on(chain.journal)
    forced = DoorChange(stamp=change(61).stamp, state=DoorState.FORCED)
    journal.append(forced)
    for number in range(62, 122):
        journal.append(change(number))
    journal.close()
    proxy.bytes_a_second = SLOW_LINK_BYTES
    # Its own process, for whatever else the collector starts says that it is connected, too.
    chain.start(INTAKE)
    chain.wait(lambda: "connected to the broker" in chain.log(INTAKE))
    chain.start(SYNC)
    chain.wait(lambda: synced(chain))
    # By the order in which they were stored: while somebody looks, more arrive.
    stored_at = "(SELECT id FROM records WHERE kind = 'door')"
    before = chain.ask(f"SELECT count(*) FROM records WHERE seq < 61 AND id < {stored_at}")
    assert before[0][0] < 50, "the alert came before its turn"
    assert chain.stored() == chain.journalled()
    assert chain.ask("SELECT code, count FROM alerts") == [("DOOR_FORCED", 1)]
    assert proxy.bytes_up < 1.25 * wire_bytes(chain.journal)


def test_fault_42_a_link_that_is_open_at_one_end_only_is_given_up_and_made_anew(
    chain: Chain, proxy: Proxy
) -> None:
    chain.start(COLLECTOR)
    chain.start(SYNC)
    write(chain.journal, 5)
    chain.wait(lambda: synced(chain))
    proxy.fall_silent()
    write(chain.journal, 5)
    chain.wait(lambda: "no connection to the broker" in chain.log(SYNC))
    assert "no connection to the broker" in chain.log(SYNC)
    assert len(chain.stored()) == 5
    proxy.cut()
    proxy.speak_again()
    chain.wait(lambda: synced(chain))
    assert chain.stored() == chain.journalled()
    assert len(chain.stored()) == 10


def test_faults_42_46_a_link_that_drops_delays_halves_and_falls_silent_loses_and_doubles_nothing(
    chain: Chain, proxy: Proxy
) -> None:
    chance = random.Random()
    chain.start(COLLECTOR)
    chain.start(SYNC)
    journal = Journal.on(chain.journal)
    for number in range(1500):
        journal.append(change(number))
        if number % 60:
            continue
        trouble = chance.choice(["cut", "halve", "delay", "slow", "silence"])
        proxy.delay_s = 0.3 if trouble == "delay" else 0.0
        proxy.bytes_a_second = 20_000 if trouble == "slow" else None
        if trouble == "cut":
            proxy.cut()
        elif trouble == "halve":
            proxy.halve_next()
        elif trouble == "silence":
            proxy.fall_silent()
        time.sleep(chance.uniform(0.1, 0.8))
        proxy.speak_again()
    journal.close()
    proxy.delay_s, proxy.bytes_a_second = 0.0, None
    chain.wait(lambda: synced(chain))
    assert chain.stored() == chain.journalled()
    assert len(chain.stored()) == 1500
    assert proxy.connections > 2
    assert chain.ask("SELECT why FROM quarantine") == []
