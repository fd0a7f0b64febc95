"""The journal as files that are killed, filled, damaged and exchanged."""

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sync.journal import Journal
from sync.journal_opening import open_journal
from sync.journal_reader import Head, JournalReader, flaws
from tests.sync.journal_writer import change


def write(path: Path, count: int) -> None:
    journal = Journal.on(path)
    for number in range(count):
        journal.append(change(number))
    journal.close()


def writer(path: Path, count: int, most_bytes: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.sync.journal_writer"]
    arguments = [str(path), str(count), "0", str(most_bytes)]
    root = Path(__file__).parents[2]  # an earlier test may have changed the working folder
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True, cwd=root)


def hashes(path: Path) -> list[str]:
    reader = JournalReader.on(path)
    found = [row.hash for _, row in reader.everything()]
    assert list(flaws(reader)) == []
    reader.close()
    return found


def head(path: Path) -> Head:
    reader = JournalReader.on(path)
    newest = reader.heads()[-1]
    reader.close()
    return newest


def test_fault_14_what_was_reported_written_survives_kill_9_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    said: list[str] = []
    for _ in range(8):
        child = writer(path, 100_000)
        assert child.stdout is not None
        said.append(child.stdout.readline().strip())
        time.sleep(random.uniform(0, 0.1))
        child.kill()
        said += [line.strip() for line in child.stdout if len(line.strip()) == 64]
        child.stdout.close()
        child.wait()
    assert len(said) >= 8
    assert set(said) <= set(hashes(path))


def test_fault_16_a_full_disk_writes_nothing_by_halves_and_works_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, 1)
    child = writer(path, 100_000, most_bytes=200_000)
    said, _ = child.communicate(timeout=60)
    *written, last = said.split()
    assert last == "down"
    assert hashes(path)[1:] == written
    write(path, 1)
    assert len(hashes(path)) == len(written) + 2


@pytest.mark.parametrize("place", ["middle", "header", "half"])
def test_fault_17_a_damaged_file_is_set_aside_and_every_lost_row_is_counted(
    tmp_path: Path, place: str
) -> None:
    path = tmp_path / "journal.db"
    write(path, 300)
    before = head(path)
    content = bytearray(path.read_bytes())
    if place == "half":
        content = content[: len(content) // 2]
    else:
        start = 0 if place == "header" else len(content) // 2
        content[start : start + 4096] = bytes(range(256)) * 16
    path.write_bytes(content)
    journal, breach = open_journal(path, before)
    assert breach is not None
    assert (breach.cause, breach.old_epoch, breach.old_upto) == ("damaged", before.epoch, 300)
    assert breach.rows_kept + breach.rows_lost == 300
    assert journal.epoch != before.epoch
    journal.append(change(0))
    journal.close()
    assert len(list(tmp_path.glob("journal.db.set-aside-*"))) >= 1
    reader = JournalReader.on(path)
    assert sum(epoch == before.epoch for epoch, _ in reader.everything()) == breach.rows_kept
    reader.close()


@pytest.mark.parametrize("foreign", [False, True])
def test_fault_18_a_lost_or_foreign_wal_begins_a_new_epoch(tmp_path: Path, foreign: bool) -> None:
    path = tmp_path / "journal.db"
    write(path, 20)
    journal = Journal.on(path)
    for number in range(10):
        journal.append(change(number))
    remembered = head(path)
    copy = tmp_path / "after" / "journal.db"
    copy.parent.mkdir()
    shutil.copy(path, copy)
    if foreign:
        other = Journal.on(tmp_path / "other.db")
        other.append(change(1))
        shutil.copy(tmp_path / "other.db-wal", copy.with_name("journal.db-wal"))
        other.close()
    journal.close()
    again, breach = open_journal(copy, remembered)
    assert breach is not None
    assert (breach.cause, breach.old_upto) == ("behind", 30)
    assert again.epoch != remembered.epoch
    again.close()


def test_a_healthy_journal_goes_on_in_its_epoch(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, 3)
    journal, breach = open_journal(path, head(path))
    assert breach is None
    assert journal.append(change(9)).seq == 4
    journal.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE rows SET body = replace(body, 'camera', 'lock') WHERE seq = 4",
        "DELETE FROM rows WHERE seq = 4",
        "UPDATE rows SET seq = 99 WHERE seq = 4",
        "UPDATE rows SET prev = hash WHERE seq = 4",
    ],
)
def test_fault_63_an_edited_or_deleted_row_shows(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "journal.db"
    write(path, 8)
    with sqlite3.connect(path) as db:
        assert db.execute(sql).rowcount == 1
    db.close()
    reader = JournalReader.on(path)
    assert list(flaws(reader))
    reader.close()
