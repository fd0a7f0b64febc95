"""The sync process while its files misbehave: what could not be saved comes again, what is odd stands alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config.key_files import OPERATIONS_KEY
from config.trust import load_private_key
from simulation.compound import signed_roster
from sync.journal.salvage import rebuild, sound_rows
from sync.journal.writer import Journal
from tests.broker import Broker
from tests.faults.chain import COLLECTOR, SYNC, Chain
from tests.sync.journal.journal_files import change, head, write


@pytest.fixture
def chain(tmp_path: Path, broker: Broker) -> Iterator[Chain]:
    chain = Chain(tmp_path, broker.port)
    for name in (COLLECTOR, SYNC):
        chain.start(name)
    chain.wait(lambda: bool(chain.ask("SELECT * FROM gates")))
    yield chain
    chain.stop()


def cursors(chain: Chain) -> dict[str, int]:
    db = sqlite3.connect(chain.journal.with_name("sync.db"), timeout=5)
    try:
        return dict(db.execute("SELECT epoch, upto FROM cursors"))
    except sqlite3.OperationalError:  # just being made
        return {}
    finally:
        db.close()


def change_store(chain: Chain, sql: str) -> None:
    with closing(sqlite3.connect(chain.journal.with_name("sync.db"), timeout=5)) as db, db:
        db.execute(sql)


def test_an_acknowledgement_that_could_not_be_saved_is_not_forgotten(chain: Chain) -> None:
    change_store(
        chain,
        "CREATE TRIGGER full BEFORE INSERT ON cursors BEGIN SELECT RAISE(ABORT, 'no room'); END",
    )
    write(chain.journal, 1)
    chain.wait(lambda: "no room" in chain.log(SYNC))
    change_store(chain, "DROP TRIGGER full")
    chain.wait(lambda: cursors(chain) == {head(chain.journal).epoch: 1})
    assert cursors(chain) == {head(chain.journal).epoch: 1}
    assert chain.stored() == chain.journalled()


def test_a_sync_db_that_is_lost_while_sync_runs_is_made_anew_and_works(chain: Chain) -> None:
    write(chain.journal, 3)
    chain.wait(lambda: sum(cursors(chain).values()) == 3)
    for file in chain.journal.parent.glob("sync.db*"):
        file.unlink()
    chain.wait(lambda: chain.journal.with_name("sync.db").exists())
    write(chain.journal, 2)
    chain.wait(lambda: cursors(chain) == {head(chain.journal).epoch: 5})
    assert cursors(chain) == {head(chain.journal).epoch: 5}
    assert chain.stored() == chain.journalled()
    assert len(chain.stored()) == 5


def test_something_odd_in_the_spool_keeps_no_roster_from_being_taken(chain: Chain) -> None:
    spool = chain.journal.with_name("spool")
    (spool / "a.json").mkdir()
    roster = spool / "b.json"
    key = load_private_key(chain.compound.keys / OPERATIONS_KEY)
    roster.with_suffix(".part").write_bytes(signed_roster(key))
    roster.with_suffix(".part").rename(roster)
    chain.wait(lambda: not roster.exists())
    assert not roster.exists()
    query = "SELECT count(*) FROM gates WHERE roster_revision IS NOT NULL"
    chain.wait(lambda: chain.ask(query) == [(1,)])
    assert chain.ask(query) == [(1,)]


def test_journals_that_are_replaced_while_rows_and_acknowledgements_travel_all_arrive(
    chain: Chain,
) -> None:
    for _ in range(12):
        journal = Journal.on(chain.journal)
        for number in range(60):
            journal.append(change(number))
        journal.close()
        rebuild(chain.journal, sound_rows(chain.journal))
    write(chain.journal, 5)
    count = 12 * 60 + 5
    chain.wait(lambda: sum(cursors(chain).values()) >= count)
    assert chain.stored() == chain.journalled()
    assert (len(chain.stored()), sum(cursors(chain).values())) == (count, count)
    assert chain.ask("SELECT code FROM alerts") == []
    with closing(sqlite3.connect(chain.journal.with_name("sync.db"), timeout=5)) as db:
        assert db.execute("SELECT item FROM inbox").fetchall() == []
