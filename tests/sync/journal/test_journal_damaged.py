"""Journals with wrong bytes, and journals that lost their WAL or got another one's."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from checkpoint.chain import is_sound
from checkpoint.ids import GateId, Seq
from sync.journal.opening import open_journal
from sync.journal.reader import JournalReader, flaws
from sync.journal.writer import Journal
from sync.wire.batch import fit, make_batch
from tests.sync.journal.journal_files import PAGE_BYTES, change, head, write


def damage(content: bytes, place: str) -> bytes:
    middle = len(content) // 2
    rubbish = bytes(range(256)) * (PAGE_BYTES // 256)
    match place:
        case "header":
            return rubbish + content[PAGE_BYTES:]
        case "middle":
            return content[:middle] + rubbish + content[middle + PAGE_BYTES :]
        case "cut to half":
            return content[:middle]
        case _:
            return random.Random(1).randbytes(len(content))


@pytest.mark.parametrize(
    ("place", "at_least"),
    [("header", 0), ("middle", 280), ("cut to half", 90), ("everything", 0)],
)
def test_fault_17_a_damaged_file_is_set_aside_what_verifies_is_adopted_and_the_rest_counted(
    tmp_path: Path, place: str, at_least: int
) -> None:
    path = tmp_path / "journal.db"
    write(path, 300)
    before = head(path)
    content = damage(path.read_bytes(), place)
    path.write_bytes(content)
    journal, breach = open_journal(path, before)
    first = journal.append(change(0))
    journal.close()
    assert breach is not None
    assert (breach.cause, breach.old_epoch, breach.old_upto) == ("damaged", before.epoch, 300)
    assert breach.rows_kept + breach.rows_lost == 300
    assert at_least <= breach.rows_kept < 300
    assert (tmp_path / breach.set_aside).read_bytes() == content
    reader = JournalReader.on(path)
    rows = list(reader.everything())
    reader.close()
    assert [epoch for epoch, _ in rows] == [before.epoch] * breach.rows_kept + [journal.epoch]
    assert first.seq == 1
    assert journal.epoch != before.epoch


def test_fault_17_rows_between_two_damaged_pages_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, 600)
    before = head(path)
    content = bytearray(path.read_bytes())
    pages = len(content) // PAGE_BYTES
    for page in (pages // 3, 2 * pages // 3):
        content[page * PAGE_BYTES : (page + 1) * PAGE_BYTES] = bytes(PAGE_BYTES)
    path.write_bytes(content)
    journal, breach = open_journal(path, before)
    journal.close()
    assert breach is not None
    assert 0 < breach.rows_lost < 30


@pytest.fixture(scope="module")
def sixty_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("written") / "journal.db"
    write(path, 60)
    return path


@pytest.mark.parametrize("seed", range(80))
def test_fault_17_whatever_bytes_are_wrong_reading_raises_nothing_strange_and_the_gate_can_write(
    tmp_path: Path, sixty_rows: Path, seed: int
) -> None:
    chance, path = random.Random(seed), tmp_path / "journal.db"
    content = bytearray(sixty_rows.read_bytes())
    for _ in range(chance.choice([1, 2, 5, 40])):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content)
    _read_everything(path)
    journal, breach = open_journal(path, head(sixty_rows))
    journal.append(change(0))
    journal.close()
    assert breach is None or breach.rows_kept + breach.rows_lost == 60
    if breach is not None and breach.cause == "damaged":
        reader = JournalReader.on(path)
        assert all(is_sound(epoch, row) for epoch, row in reader.everything())
        reader.close()


def _read_everything(path: Path) -> None:
    """As sync and ``journal verify`` do; sqlite3.Error is the only thing they expect."""
    try:
        reader = JournalReader.on(path)
    except sqlite3.Error:
        return
    try:
        for each in reader.heads():
            rows = fit(reader.rows(each.epoch, Seq(0), 200))
            make_batch(GateId("g"), each.epoch, Seq(0), rows)
        list(flaws(reader))
    except sqlite3.Error:
        return
    finally:
        reader.close()


@pytest.mark.parametrize("change_to", ["hash = CAST(x'ff' AS TEXT)", "body = '{}'"])
def test_fault_17_a_newest_row_that_does_not_verify_is_not_built_upon(
    tmp_path: Path, change_to: str
) -> None:
    path = tmp_path / "journal.db"
    write(path, 8)
    before = head(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE rows SET {change_to} WHERE seq = 8")
    journal, breach = open_journal(path, before)
    journal.close()
    assert breach is not None
    assert (breach.cause, breach.rows_kept, breach.rows_lost) == ("damaged", 7, 1)


@pytest.mark.parametrize("wal", ["lost", "foreign"])
def test_fault_18_a_lost_or_foreign_wal_begins_a_new_epoch(tmp_path: Path, wal: str) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "after" / "journal.db"
    write(path, 20)
    journal = Journal.on(path)
    for number in range(10):
        journal.append(change(number))
    remembered = head(path)
    copy.parent.mkdir()
    shutil.copy(path, copy)
    if wal == "foreign":
        other = Journal.on(tmp_path / "other.db")
        other.append(change(1))
        shutil.copy(tmp_path / "other.db-wal", copy.with_name("journal.db-wal"))
        other.close()
    journal.close()
    again, breach = open_journal(copy, remembered)
    again.append(change(0))
    again.close()
    assert breach is not None
    assert (breach.old_epoch, breach.old_upto) == (remembered.epoch, 30)
    assert breach.rows_kept + breach.rows_lost == 30
    assert breach.cause == "behind" or wal == "foreign"
    assert again.epoch != remembered.epoch
    quiet, no_more = open_journal(copy, head(copy))
    quiet.close()
    assert no_more is None
