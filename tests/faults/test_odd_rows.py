"""Journals whose rows are no records, do not verify or are gone: set aside, alarmed, and the rest arrives."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from secrets import token_bytes

import pytest

from checkpoint.chain import SALT_BYTES, seal
from checkpoint.ids import Seq
from sync.journal.opening import open_journal
from sync.journal.reader import JournalReader
from sync.journal.writer import Journal
from tests.broker import Broker
from tests.faults.chain import COLLECTOR, SYNC, Chain
from tests.sync.journal.journal_files import change, head

HOSTILE = "'; DROP TABLE records; -- <script>alert(1)</script> \x00\x1b[2J 王 " + "\U0001f512" * 50
POISONS = ["", "null", "{", '{"kind":"nothing that exists"}', "[" * 5_000, HOSTILE, "x" * 100_000]


@pytest.fixture
def chain(tmp_path: Path, broker: Broker) -> Iterator[Chain]:
    chain = Chain(tmp_path, broker.port)
    yield chain
    chain.stop()


def append_body(path: Path, body: str) -> None:
    """A row that belongs to the chain and whose body no gate would write."""
    journal = Journal.on(path)
    last = head(path)
    row = seal(journal.epoch, Seq(last.seq + 1), last.hash, token_bytes(SALT_BYTES), body)
    journal._insert(journal.epoch, row)
    journal._connection.commit()
    journal.close()


def append(path: Path, count: int) -> None:
    journal = Journal.on(path)
    for number in range(count):
        journal.append(change(number))
    journal.close()


def test_fault_47_poison_records_are_quarantined_and_alarmed_and_the_rows_after_them_arrive(
    chain: Chain,
) -> None:
    append(chain.journal, 3)
    for body in POISONS:
        append_body(chain.journal, body)
    append(chain.journal, 3)
    chain.start(SYNC)
    chain.start(COLLECTOR)
    count = 3 + len(POISONS) + 3
    chain.wait(lambda: len(chain.stored()) >= count)
    assert chain.stored() == chain.journalled()
    assert len(chain.stored()) == count
    quarantined = chain.ask("SELECT seq, why FROM quarantine ORDER BY seq")
    assert quarantined == [(seq, "unreadable") for seq in range(4, 4 + len(POISONS))]
    assert chain.ask("SELECT code, sum(count) FROM alerts GROUP BY code") == [
        ("RECORD_QUARANTINED", len(POISONS))
    ]
    assert chain.ask("SELECT count(*) FROM records WHERE kind IS NULL") == [(len(POISONS),)]


def test_faults_17_48_rows_that_a_salvage_lost_are_declared_and_the_new_epoch_arrives(
    chain: Chain,
) -> None:
    append(chain.journal, 400)
    content = bytearray(chain.journal.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = bytes(4096)
    chain.journal.write_bytes(content)
    chain.start(SYNC)
    chain.start(COLLECTOR)
    chain.wait(lambda: bool(chain.ask("SELECT * FROM gates")))
    journal, breach = open_journal(chain.journal, None)
    journal.append(change(1))
    journal.close()
    assert breach is not None
    assert breach.rows_lost > 0
    kept = breach.rows_kept + 1
    chain.wait(lambda: len(chain.stored()) >= kept)
    assert set(chain.journalled()) <= set(chain.stored())
    chain.wait(lambda: bool(chain.ask("SELECT * FROM alerts WHERE code = 'JOURNAL_DAMAGED'")))
    assert chain.ask("SELECT DISTINCT code FROM alerts") == [("JOURNAL_DAMAGED",)]
    with closing(JournalReader.on(chain.journal)) as reader:
        here = {str(each.epoch): int(each.seq) for each in reader.heads()}
    with closing(sqlite3.connect(chain.journal.with_name("sync.db"))) as cursors:
        chain.wait(lambda: dict(cursors.execute("SELECT * FROM cursors")) == here)
        assert dict(cursors.execute("SELECT * FROM cursors")) == here
