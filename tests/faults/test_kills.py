"""sync, the collector and the broker are killed while 2,000 records travel; nothing is lost or doubled."""

import sqlite3
import time
from pathlib import Path

from gatepost.demo.compound import found
from gatepost.demo.processes import Processes
from sync.journal import Journal
from sync.journal_reader import JournalReader
from tests.broker import Broker
from tests.sync.journal_writer import change

GATE = "east-in"
RECORDS = 2_000


def _stored(database: Path) -> list[tuple[str, int, str]]:
    try:
        db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
        try:
            return db.execute("SELECT epoch, seq, hash FROM records").fetchall()
        finally:
            db.close()
    except sqlite3.Error:
        return []


def test_faults_14_43_45_kills_in_the_middle_lose_and_double_nothing(
    tmp_path: Path, broker: Broker
) -> None:
    compound = found(tmp_path, broker.port, unlock_seconds=1)
    processes = Processes(tmp_path)
    commands = {
        "sync": ("gate", "sync", "--config", str(compound.gate_config(GATE))),
        "collector": ("collector", "run", "--config", str(compound.collector_config)),
    }
    for name, command in commands.items():
        processes.start_gatepost(name, *command)
    journal = Journal.on(compound.journal(GATE))
    try:
        for number in range(RECORDS):
            journal.append(change(number))
            if number % 400 == 399:
                time.sleep(1)
                for name, command in commands.items():
                    processes.kill(name)
                    processes.start_gatepost(name, *command)
            if number in {600, 1400}:
                broker.kill()
                broker.start()
        until_s = time.monotonic() + 60
        while len(_stored(compound.database)) < RECORDS and time.monotonic() < until_s:
            time.sleep(0.2)
    finally:
        processes.stop_all()
        journal.close()
    reader = JournalReader.on(compound.journal(GATE))
    here = [(str(epoch), int(row.seq), row.hash) for epoch, row in reader.everything()]
    reader.close()
    stored = _stored(compound.database)
    assert len(here) == RECORDS
    assert sorted(stored) == sorted(here)
