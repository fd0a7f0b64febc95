"""Processes that write, salvage and exchange a journal, killed with SIGKILL at random moments."""

import shutil
from pathlib import Path

import pytest

from sync.journal.opening import open_journal
from tests.sync.journal.journal_files import PAGE_BYTES, hashes, head, is_whole, run, write


def test_fault_14_what_was_reported_written_survives_kill_9_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    said = run("journal_killed", path, 40)
    assert len(said) >= 20, "every second writer was killed after its first row"
    assert set(said) <= set(hashes(path))
    assert is_whole(path)
    journal, breach = open_journal(path, head(path))
    journal.close()
    assert breach is None


def test_faults_14_17_a_salvage_that_is_killed_again_and_again_loses_nothing(
    tmp_path: Path,
) -> None:
    path, twin = tmp_path / "journal.db", tmp_path / "twin" / "journal.db"
    write(path, 1500)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + PAGE_BYTES] = bytes(PAGE_BYTES)
    path.write_bytes(content)
    twin.parent.mkdir()
    twin.write_bytes(content)
    salvaged, _ = open_journal(twin, None)
    salvaged.close()
    assert len(hashes(twin)) > 1400
    run("journal_killed", path, 30)
    assert set(hashes(twin)) <= set(hashes(path))


@pytest.mark.parametrize("old_file_is", ["there", "gone"])
def test_fault_14_an_exchange_of_files_that_was_cut_off_is_finished(
    tmp_path: Path, old_file_is: str
) -> None:
    path = tmp_path / "journal.db"
    write(path, 5)
    complete = path.with_name("journal.db.next")
    shutil.copy(path, complete)
    path.with_name("journal.db-wal").write_bytes(b"of the old file")
    if old_file_is == "gone":
        path.unlink()
    journal, breach = open_journal(path, head(complete))
    journal.close()
    assert breach is None
    assert len(hashes(path)) == 5
    assert not complete.exists()
