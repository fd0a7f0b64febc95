"""python -m tests.faults.many_faults: one gate, and 500 random faults of broker, collector, link, sync and database.

Records are journalled all the while, one in forty of them an alert. At the end everything is well again, and the
collector's set of (epoch, seq, hash) must equal the journal's, with every alert counted once. A few minutes, so no
test: test_the_faults_of_many.py does the same with fewer.
"""

import argparse
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from checkpoint.records import Device, DeviceChange, DeviceState
from sync.journal.writer import Journal
from tests.broker import Broker
from tests.faults.chain import INTAKE, SYNC, Chain
from tests.patience import PATIENCE_S
from tests.proxy import Proxy
from tests.sync.journal.journal_files import change

ALARMING_EVERY: Final = 40
RECORDS_A_FAULT: Final = 8


class Troubled:
    """A gate's journal, its sync process, a collector's intake, a broker, and a bad link between them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed, self._chance = seed, random.Random(seed)
        self.broker = Broker()
        self.broker.start()
        self.proxy = Proxy(self.broker.port)
        self.chain = Chain(folder, self.broker.port)
        self.chain.lead_gate_through(self.proxy.port)
        self.done: Counter[str] = Counter()
        self.records = 0
        self._journal = Journal.on(self.chain.journal)
        self._faults: dict[str, Callable[[], None]] = {
            "broker killed": self._kill_broker,
            "intake killed": lambda: self._kill(INTAKE),
            "sync killed": lambda: self._kill(SYNC),
            "intake stopped": lambda: self._stop(INTAKE),
            "sync stopped": lambda: self._stop(SYNC),
            "link cut": self.proxy.cut,
            "message halved": self.proxy.halve_next,
            "link silent": self._silence,
            "link slow": self._slow,
            "database locked": self._lock,
        }
        for name in (INTAKE, SYNC):
            self.chain.start(name)

    def trouble(self) -> None:
        """One fault while records are journalled."""
        self._write(RECORDS_A_FAULT)
        name = self._chance.choice(list(self._faults))
        self._faults[name]()
        self.done[name] += 1
        self._write(1)
        time.sleep(self._chance.uniform(0, 0.5))

    def is_drained(self) -> bool:
        """Whether the gate knows that all of its rows have arrived."""
        return sum(self.chain.cursors().values()) == self.records

    def close(self) -> None:
        """End everything."""
        self._journal.close()
        self.chain.stop()
        self.proxy.close()
        self.broker.close()

    def _write(self, count: int) -> None:
        for _ in range(count):
            record = change(self.records)
            if self.records % ALARMING_EVERY == 0:
                record = _alarming(record)
            self._journal.append(record)
            self.records += 1

    def _kill_broker(self) -> None:
        self.broker.kill()
        self.broker.start()

    def _kill(self, name: str) -> None:
        self.chain.kill(name)
        self.chain.start(name)

    def _stop(self, name: str) -> None:
        os.kill(self.chain.pid(name), signal.SIGSTOP)
        time.sleep(self._chance.uniform(0, 1))
        os.kill(self.chain.pid(name), signal.SIGCONT)

    def _silence(self) -> None:
        self.proxy.fall_silent()
        time.sleep(self._chance.uniform(0, 1))
        self.proxy.speak_again()

    def _slow(self) -> None:
        self.proxy.bytes_a_second, self.proxy.delay_s = 8_000, 0.2
        time.sleep(self._chance.uniform(0, 1))
        self.proxy.bytes_a_second, self.proxy.delay_s = None, 0.0

    def _lock(self) -> None:
        with closing(sqlite3.connect(self.chain.compound.database, timeout=PATIENCE_S)) as database:
            database.isolation_level = None
            database.execute("BEGIN IMMEDIATE")
            time.sleep(self._chance.uniform(0, 1))
            database.execute("ROLLBACK")


def _alarming(record: DeviceChange) -> DeviceChange:
    return msgspec.structs.replace(record, device=Device.THERMOMETER, state=DeviceState.GONE)


def differences(troubled: Troubled) -> list[str]:
    """What is not as it must be, once everything is drained."""
    chain, found = troubled.chain, []
    if chain.stored() != chain.journalled():
        found.append("the collector's set is not the journal's")
    if len(chain.stored()) != troubled.records:
        found.append(f"{len(chain.stored())} rows, {troubled.records} were written")
    alarming = (troubled.records + ALARMING_EVERY - 1) // ALARMING_EVERY
    query = "SELECT sum(count), (SELECT count(*) FROM alert_records) FROM alerts"
    if chain.ask(query) != [(alarming, alarming)]:
        found.append(f"alerts {chain.ask(query)}, {alarming} were written")
    if quarantined := chain.ask("SELECT why, count(*) FROM quarantine GROUP BY why"):
        found.append(f"quarantined: {quarantined}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gatepost-faults-") as folder:
        troubled = Troubled(Path(folder), options.seed)
        begin_s = time.monotonic()
        for _ in range(options.faults):
            troubled.trouble()
        troubled.chain.wait(troubled.is_drained, 300)
        found = differences(troubled)
        stored = len(troubled.chain.stored())
        troubled.close()
    print(f"{options.faults} faults in {time.monotonic() - begin_s:.0f} s: {dict(troubled.done)}")
    print(f"{troubled.records} records journalled, {stored} stored")
    print("\n".join(found) or "the collector's set is the journal's, every alert counted once")
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
