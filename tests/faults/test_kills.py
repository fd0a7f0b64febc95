"""sync, the collector and the broker are killed while 2,000 records travel; nothing is lost or doubled."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from checkpoint.records import Device, DeviceChange, DeviceState
from sync.journal.writer import Journal
from tests.broker import Broker
from tests.faults.chain import COLLECTOR, SYNC, Chain
from tests.sync.journal.journal_files import change

RECORDS = 2_000
ALARMING_EVERY = 40
KILLS = 15


@pytest.fixture
def chain(tmp_path: Path, broker: Broker) -> Iterator[Chain]:
    chain = Chain(tmp_path, broker.port)
    yield chain
    chain.stop()


def alarming(number: int) -> DeviceChange:
    record = change(number)
    return msgspec.structs.replace(record, device=Device.THERMOMETER, state=DeviceState.GONE)


def test_faults_14_43_45_kills_in_the_middle_lose_and_double_nothing(
    chain: Chain, broker: Broker
) -> None:
    chance = random.Random()
    for name in (SYNC, COLLECTOR):
        chain.start(name)
    journal = Journal.on(chain.journal)
    for number in range(RECORDS):
        journal.append(change(number) if number % ALARMING_EVERY else alarming(number))
        if number % (RECORDS // KILLS) == 0:
            time.sleep(chance.uniform(0.2, 1.2))
            if (victim := chance.choice([SYNC, COLLECTOR, "broker"])) == "broker":
                broker.kill()
                broker.start()
            else:
                chain.kill(victim)
                chain.start(victim)
    journal.close()
    chain.wait(lambda: len(chain.stored()) >= RECORDS)
    assert len(chain.journalled()) == RECORDS
    assert chain.stored() == chain.journalled()
    alarms = RECORDS // ALARMING_EVERY
    assert chain.ask("SELECT sum(count) FROM alerts") == [(alarms,)]
    assert chain.ask("SELECT count(DISTINCT seq), count(*) FROM alert_records") == [
        (alarms, alarms)
    ]
