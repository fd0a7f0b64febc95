"""sync.db: what sync remembers over a restart, and what the gate reads of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from checkpoint.ids import EpochId, Revision, Seq
from sync.journal.reader import NOWHERE, Head
from sync.store.inbox import ContradictedItem, RefusedItem, RosterItem
from sync.store.reader import SyncReader
from sync.store.writer import SyncStore

A, B = EpochId("a"), EpochId("b")


def test_cursors_and_generation_are_there_after_a_restart(tmp_path: Path) -> None:
    store = SyncStore.on(tmp_path / "sync.db")
    assert (store.cursors(), store.db_generation()) == ({}, None)
    store.save_cursor(A, Seq(3), "1", forget_others=False)
    store.save_cursor(B, Seq(5), "1", forget_others=False)
    store.save_cursor(A, Seq(4), "1", forget_others=False)
    store.close()
    store = SyncStore.on(tmp_path / "sync.db")
    assert (store.cursors(), store.db_generation()) == ({A: 4, B: 5}, "1")
    store.close()


def test_another_generation_forgets_the_other_cursors(tmp_path: Path) -> None:
    store = SyncStore.on(tmp_path / "sync.db")
    store.save_cursor(A, Seq(3), "1", forget_others=False)
    store.save_cursor(B, Seq(1), "2", forget_others=True)
    assert (store.cursors(), store.db_generation()) == ({B: 1}, "2")
    store.close()


def test_the_gate_reads_the_remembered_head_roster_and_inbox(tmp_path: Path) -> None:
    store, reader = SyncStore.on(tmp_path / "sync.db"), SyncReader(tmp_path / "sync.db")
    assert (reader.head(), reader.roster_revision(), reader.roster_message()) == (None, None, None)
    store.remember_head(Head(A, Seq(3), "h3"))
    store.remember_head(Head(A, Seq(4), "h4"))
    store.replace_roster(Revision(10), b"first", 1)
    store.replace_roster(Revision(11), b"\xff second", 2)
    store.put(RefusedItem("roster", "old"))
    store.put(ContradictedItem(A, "other"))
    assert reader.head() == Head(A, Seq(4), "h4")
    assert (reader.roster_revision(), reader.roster_message()) == (11, b"\xff second")
    items = reader.inbox(NOWHERE)
    assert [item for _, item in items] == [
        RosterItem(Revision(10), 1),
        RosterItem(Revision(11), 2),
        RefusedItem("roster", "old"),
        ContradictedItem(A, "other"),
    ]
    assert reader.inbox(items[1][0]) == items[2:]
    reader.close()
    store.close()


def test_an_inbox_id_is_never_used_again(tmp_path: Path) -> None:
    # The gate remembers the last id that it journalled, and would pass over anything below.
    store, reader = SyncStore.on(tmp_path / "sync.db"), SyncReader(tmp_path / "sync.db")
    store.put(RefusedItem("a", ""))
    [(first, _)] = reader.inbox(NOWHERE)
    store.prune_inbox(first)
    assert reader.inbox(NOWHERE) == []
    store.close()
    store = SyncStore.on(tmp_path / "sync.db")
    store.put(RefusedItem("b", ""))
    [(second, item)] = reader.inbox(first)
    assert (second.id > first.id, item) == (True, RefusedItem("b", ""))
    reader.close()
    store.close()


@pytest.mark.parametrize(
    "damage", [b"no database at all" * 400, b"SQLite format 3\x00" + b"\xff" * 8000]
)
def test_a_file_that_is_no_database_any_more_is_set_aside_and_made_anew(
    tmp_path: Path, damage: bytes
) -> None:
    path = tmp_path / "sync.db"
    path.write_bytes(damage)
    store = SyncStore.on(path)
    store.put(RefusedItem("a", ""))
    store.close()
    [aside] = tmp_path.glob("damaged-*-sync.db")
    assert aside.read_bytes() == damage


def test_a_reader_follows_the_file_that_has_the_name_now(tmp_path: Path) -> None:
    path = tmp_path / "sync.db"
    store, reader = SyncStore.on(path), SyncReader(path)
    store.replace_roster(Revision(10), b"old", 1)
    assert reader.roster_revision() == 10
    other = SyncStore.on(tmp_path / "other.db")
    other.replace_roster(Revision(20), b"new", 1)
    other.close()
    store.close()
    for old in tmp_path.glob("sync.db*"):  # the WAL too: it would be taken for the new file's
        old.unlink()
    (tmp_path / "other.db").rename(path)
    assert (reader.roster_revision(), reader.roster_message()) == (20, b"new")
    path.unlink()
    with pytest.raises(sqlite3.Error):
        reader.roster_revision()
    reader.close()


def test_a_store_knows_when_its_file_is_gone_or_another(tmp_path: Path) -> None:
    path = tmp_path / "sync.db"
    store = SyncStore.on(path)
    assert not store.is_replaced()
    path.unlink()
    assert store.is_replaced()
    path.write_bytes(b"another")
    assert store.is_replaced()
    store.close()


def test_what_the_gate_has_journalled_of_one_file_hides_nothing_in_the_next(tmp_path: Path) -> None:
    # A new file counts from one again.
    store, reader = SyncStore.on(tmp_path / "sync.db"), SyncReader(tmp_path / "sync.db")
    store.put(RefusedItem("roster", "first"))
    [(journalled, _)] = reader.inbox(NOWHERE)
    store.close()
    (tmp_path / "sync.db").unlink()
    store = SyncStore.on(tmp_path / "sync.db")
    store.put(RefusedItem("roster", "second"))
    store.prune_inbox(journalled)
    assert [item for _, item in reader.inbox(journalled)] == [RefusedItem("roster", "second")]
    reader.close()
    store.close()


def test_a_roster_whose_news_cannot_be_left_for_the_gate_does_not_come_into_force(
    tmp_path: Path,
) -> None:
    store, reader = SyncStore.on(tmp_path / "sync.db"), SyncReader(tmp_path / "sync.db")
    store.replace_roster(Revision(10), b"first", 1)
    with closing(sqlite3.connect(tmp_path / "sync.db")) as db, db:
        db.execute("CREATE TRIGGER no BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(sqlite3.Error):
        store.replace_roster(Revision(11), b"second", 2)
    assert (reader.roster_revision(), reader.roster_message()) == (10, b"first")
    reader.close()
    store.close()


def test_a_store_that_is_not_there_yet_says_so_and_is_not_made_by_reading(tmp_path: Path) -> None:
    reader = SyncReader(tmp_path / "sync.db")
    with pytest.raises(sqlite3.Error):
        reader.head()
    assert list(tmp_path.iterdir()) == []
    store = SyncStore.on(tmp_path / "sync.db")
    assert reader.head() is None
    reader.close()
    store.close()
