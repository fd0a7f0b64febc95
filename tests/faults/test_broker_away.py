"""A broker that was away for a month: the journal is the queue, and drains when it comes back."""

import time
from pathlib import Path

import msgspec

from gatepost.demo.compound import found
from gatepost.demo.processes import Processes
from sync.journal import Journal
from tests.broker import Broker
from tests.faults.test_kills import _stored
from tests.sync.journal_writer import change

DAY_US = 86_400_000_000
DAYS, A_DAY = 30, 100


def test_fault_41_thirty_days_of_records_drain_when_the_broker_comes_back(
    tmp_path: Path, broker: Broker
) -> None:
    compound = found(tmp_path, broker.port, unlock_seconds=1)
    broker.kill()
    journal = Journal.on(compound.journal("east-in"))
    written = []
    for number in range(DAYS * A_DAY):
        record = change(number)
        stamp = msgspec.structs.replace(
            record.stamp, at_us=record.stamp.at_us + number // A_DAY * DAY_US
        )
        written.append(journal.append(msgspec.structs.replace(record, stamp=stamp)).hash)
    processes = Processes(tmp_path)
    try:
        config = str(compound.gate_config("east-in"))
        processes.start_gatepost("sync", "gate", "sync", "--config", config)
        collector = str(compound.collector_config)
        processes.start_gatepost("collector", "collector", "run", "--config", collector)
        time.sleep(2)
        assert _stored(compound.database) == []
        broker.start()
        until_s = time.monotonic() + 60
        while len(_stored(compound.database)) < len(written) and time.monotonic() < until_s:
            time.sleep(0.2)
    finally:
        processes.stop_all()
        journal.close()
    assert sorted(hash_ for _, _, hash_ in _stored(compound.database)) == sorted(written)
