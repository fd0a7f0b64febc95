"""A broker that was away for a month: the journal is the queue, and drains when it comes back."""

import time
from pathlib import Path

import msgspec

from sync.journal.writer import Journal
from tests.broker import Broker
from tests.faults.chain import COLLECTOR, SYNC, Chain
from tests.sync.journal.journal_files import change

DAY_US = 86_400_000_000
DAYS, A_DAY = 30, 100


def test_fault_41_thirty_days_of_records_drain_when_the_broker_comes_back(
    tmp_path: Path, broker: Broker
) -> None:
    broker.kill()
    chain = Chain(tmp_path, broker.port)
    journal = Journal.on(chain.journal)
    for number in range(DAYS * A_DAY):
        record = change(number)
        stamp = msgspec.structs.replace(
            record.stamp, at_us=record.stamp.at_us + number // A_DAY * DAY_US
        )
        journal.append(msgspec.structs.replace(record, stamp=stamp))
    journal.close()
    try:
        chain.start(SYNC)
        chain.start(COLLECTOR)
        time.sleep(2)
        assert chain.stored() == []
        broker.start()
        chain.wait(lambda: len(chain.stored()) >= DAYS * A_DAY)
    finally:
        chain.stop()
    assert len(chain.stored()) == DAYS * A_DAY
    assert chain.stored() == chain.journalled()
    assert chain.ask("SELECT (max(at_us) - min(at_us)) / 86400000000 FROM records") == [(29,)]
