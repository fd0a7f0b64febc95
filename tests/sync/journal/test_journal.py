"""The journal as a file: what is written stays, in one chain an epoch."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from checkpoint.chain import GENESIS
from checkpoint.ids import Seq
from checkpoint.records import decode
from sync.journal.opening import open_journal
from sync.journal.reader import NOWHERE, InboxPlace, JournalReader, flaws
from sync.journal.writer import JournalDown
from tests.sync.journal.journal_files import change, hashes, head, is_whole, write


def test_a_healthy_journal_goes_on_in_its_epoch_and_its_chain(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, 3)
    before = head(path)
    journal, breach = open_journal(path, before)
    row = journal.append(change(9))
    journal.close()
    assert breach is None
    assert (row.seq, row.prev) == (4, before.hash)
    assert is_whole(path)


def test_a_row_can_be_read_by_others_when_append_returns(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, _ = open_journal(path, None)
    reader = JournalReader.on(path)
    version = reader.version()
    row = journal.append(change(1))
    assert reader.version() != version
    assert reader.rows(journal.epoch, Seq(0), 10) == [row]
    assert decode(row.body) == change(1)
    reader.close()
    journal.close()


def test_a_new_epoch_begins_a_chain_of_its_own_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, _ = open_journal(path, None)
    old, last = journal.epoch, journal.append(change(1))
    new = journal.begin_epoch()
    first = journal.append(change(2))
    journal.close()
    assert (first.seq, first.prev) == (1, GENESIS)
    reader = JournalReader.on(path)
    assert [(each.epoch, each.hash) for each in reader.heads()] == [
        (old, last.hash),
        (new, first.hash),
    ]
    reader.close()
    again, breach = open_journal(path, None)
    assert (again.epoch, breach) == (new, None)
    again.close()


def test_a_journal_that_is_gone_is_a_breach_if_anybody_remembers_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, 7)
    before = head(path)
    path.unlink()
    journal, breach = open_journal(path, before)
    journal.close()
    assert breach is not None
    assert (breach.cause, breach.old_epoch, breach.rows_lost) == ("behind", before.epoch, 7)
    assert journal.epoch != before.epoch


def test_the_place_in_the_inbox_is_committed_with_the_row_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, _ = open_journal(path, None)
    assert journal.inbox_upto() == NOWHERE
    journal.append(change(1), inbox_upto=InboxPlace("s", 17))
    journal.close()
    reader = JournalReader.on(path)
    assert reader.inbox_upto() == InboxPlace("s", 17)
    reader.close()


def test_the_devices_health_is_left_for_the_sync_process(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, _ = open_journal(path, None)
    reader = JournalReader.on(path)
    assert reader.devices() == "{}"
    journal.publish_status('{"camera":"ok"}', None)
    journal.publish_status('{"camera":"gone"}', None)
    assert reader.devices() == '{"camera":"gone"}'
    reader.close()
    journal.close()


INSERT_BEHIND_THE_LAST = """INSERT INTO rows (epoch, seq, prev, salt, digest, hash, body)
    SELECT epoch, 9, prev, salt, digest, hash, body FROM rows WHERE seq = 8"""


@pytest.mark.parametrize(
    ("sql", "at", "says"),
    [
        ("UPDATE rows SET body = replace(body, 'camera', 'lock') WHERE seq = 4", 4, "belong"),
        ("UPDATE rows SET hash = '00' || substr(hash, 3) WHERE seq = 4", 4, "belong"),
        ("UPDATE rows SET prev = hash WHERE seq = 4", 4, "belong"),
        ("DELETE FROM rows WHERE seq = 4", 5, "rows 4 to 4 are missing"),
        ("UPDATE rows SET seq = 99 WHERE seq = 4", 99, "belong"),
        ("UPDATE rows SET prev = hash WHERE seq = 1", 1, "does not begin"),
        (INSERT_BEHIND_THE_LAST, 9, "does not continue"),
        ("UPDATE rows SET id = id + 100 WHERE seq = 4", 4, "stands behind row 8"),
    ],
    ids=["body", "hash", "prev", "deleted", "renumbered", "first", "inserted", "moved"],
)
def test_fault_63_an_edited_deleted_inserted_or_moved_row_is_found(
    tmp_path: Path, sql: str, at: int, says: str
) -> None:
    path = tmp_path / "journal.db"
    write(path, 8)
    assert is_whole(path)
    with closing(sqlite3.connect(path)) as db, db:
        assert db.execute(sql).rowcount >= 1
    reader = JournalReader.on(path)
    found = list(flaws(reader))
    reader.close()
    assert any(flaw.seq == at and says in flaw.what for flaw in found), found
    assert len(hashes(path)) in {7, 8, 9}


def test_an_inbox_item_whose_place_cannot_be_noted_is_not_journalled_either(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, _ = open_journal(path, None)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TRIGGER no BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(JournalDown):
        journal.append(change(1), inbox_upto=InboxPlace("s", 7))
    assert hashes(path) == []
    journal.close()
