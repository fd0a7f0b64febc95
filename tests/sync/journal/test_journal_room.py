"""Journals on disks that are full, read-only or busy: nothing is half written, nothing is set aside."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sync.journal.opening import open_journal
from sync.journal.writer import JournalDown
from tests.sync.journal.journal_files import PAGE_BYTES, change, hashes, head, is_whole, run, write


def test_fault_16_a_full_disk_writes_nothing_by_halves_and_the_same_process_goes_on(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.db"
    write(path, 3)
    opened, opened_again, written = run("journal_without_room", path, 60_000)
    assert (opened, opened_again) == ("up", "up"), "an old journal opens without room"
    assert 0 < int(written) < 400
    assert len(hashes(path)) == 3 + int(written) + 1
    assert is_whole(path)


@pytest.mark.parametrize("old", ["none", "damaged"])
def test_fault_16_where_a_new_file_does_not_fit_the_old_one_stays_until_it_does(
    tmp_path: Path, old: str
) -> None:
    path = tmp_path / "journal.db"
    if old == "damaged":
        write(path, 100)
        content = bytearray(path.read_bytes())
        middle = len(content) // 2
        content[middle : middle + PAGE_BYTES] = bytes(PAGE_BYTES)
        path.write_bytes(content)
    opened, opened_again, _ = run("journal_without_room", path, 20_000)
    assert (opened, opened_again) == ("down", "up")
    aside = list(tmp_path.glob("*.set-aside-*Z"))
    assert len(aside) == (old == "damaged")
    assert is_whole(path) is (old == "none"), "rows on the damaged page are missing from the chain"


@pytest.mark.parametrize("read_only", ["folder", "file"])
def test_fault_19_what_may_not_be_written_is_neither_set_aside_nor_replaced(read_only: str) -> None:
    with TemporaryDirectory() as name:
        folder, path = Path(name), Path(name) / "journal.db"
        write(path, 3)
        before = (head(path), sorted(each.name for each in folder.iterdir()))
        folder.chmod(0o555 if read_only == "folder" else 0o777)
        path.chmod(0o444 if read_only == "file" else 0o666)
        assert _write_as_nobody(path) == "down"
        assert (head(path), sorted(each.name for each in folder.iterdir())) == before
        folder.chmod(0o777)
        for each in folder.iterdir():
            each.chmod(0o666)
        assert _write_as_nobody(path) == "goes on"
        assert head(path).epoch == before[0].epoch


def _write_as_nobody(path: Path) -> str:
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may write anything
    try:
        journal, breach = open_journal(path, None)
        try:
            journal.append(change(1))
        finally:
            journal.close()
    except JournalDown:
        return "down"
    finally:
        os.seteuid(user)
    return "goes on" if breach is None else breach.cause


def test_a_journal_that_another_program_has_locked_is_not_taken_for_a_damaged_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.db"
    write(path, 3)
    before = head(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("INSERT INTO status (id) VALUES (1)")
        with pytest.raises(JournalDown, match="locked"):
            open_journal(path, before)
    journal, breach = open_journal(path, before)
    journal.close()
    assert (breach, journal.epoch) == (None, before.epoch)
