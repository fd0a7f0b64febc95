"""The journal as sync sees it while somebody replaces, damages and removes the file: it never raises."""

import random
import time
from collections.abc import Callable
from pathlib import Path

from checkpoint.ids import EpochId, Seq
from sync.journal.reader import NOWHERE, Head
from sync.journal.salvage import rebuild, sound_rows
from sync.journal.view import JournalView
from sync.journal.writer import Journal
from tests.patience import PATIENCE_S
from tests.sync.journal.journal_files import change, head, write

NOBODYS = EpochId("00000000-0000-4000-8000-000000000000")


def wait_for(ask: Callable[[], tuple[Head, ...] | None]) -> tuple[Head, ...]:
    """The next heads that are seen."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        heads = ask()
        if heads is not None:
            return heads
        time.sleep(0.01)
    raise AssertionError("nothing has grown")


def test_a_journal_that_is_not_there_yet_is_taken_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    view = JournalView(path)
    assert view.grown() is None
    assert view.rows(NOBODYS, Seq(0), 9) == []
    assert view.hash_at(NOBODYS, Seq(1)) is None
    assert (view.inbox_upto(), view.devices()) == (NOWHERE, {})
    write(path, 3)
    assert wait_for(view.grown) == (head(path),)
    view.close()


def test_every_commit_is_seen_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, view = Journal.on(path), JournalView(path)
    journal.append(change(1))
    assert view.grown() == (head(path),)
    assert view.grown() is None
    row = journal.append(change(2))
    assert view.grown() == (head(path),)
    assert view.rows(journal.epoch, Seq(1), 9) == [row]
    journal.close()
    view.close()


def test_fault_17_a_journal_that_is_replaced_under_the_view_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, 3)
    view = JournalView(path)
    old = wait_for(view.grown)
    rebuild(path, sound_rows(path))
    write(path, 2)
    heads = wait_for(view.grown)
    assert heads[0] == old[0], "the rows that were adopted"
    assert heads[1] == head(path)
    assert [row.seq for row in view.rows(heads[1].epoch, Seq(0), 9)] == [1, 2]
    view.close()


def test_fault_17_a_journal_that_is_damaged_under_the_view_is_empty_until_it_is_replaced(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.db"
    write(path, 300)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + random.Random(1).randbytes(len(content) - 4096))
    view = JournalView(path)
    assert view.grown() is None
    assert view.rows(NOBODYS, Seq(0), 9) == []
    assert (view.inbox_upto(), view.devices()) == (NOWHERE, {})
    path.unlink()
    write(path, 2)
    assert wait_for(view.grown) == (head(path),)
    view.close()


def test_a_devices_report_that_is_no_json_is_none(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, view = Journal.on(path), JournalView(path)
    journal.publish_status("[1", None)
    view.grown()
    assert view.devices() == {}
    journal.publish_status('{"camera":"ok"}', None)
    assert view.devices() == {"camera": "ok"}
    journal.close()
    view.close()
