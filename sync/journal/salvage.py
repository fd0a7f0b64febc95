"""Replacing a journal file so that no moment of it can lose a row, whatever kills the process.

1. ``journal.db.building`` is made from what is still good; the old file is only read.
2. It is closed, complete, and renamed to ``journal.db.next``.
3. The old file, then its WAL, are renamed: set aside.
4. ``journal.db.next`` becomes ``journal.db``.

Killed before 2 the next start begins again; killed after 2 it goes on with 3 (finish()). A file is never
opened beside the WAL of another one.
"""

import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from checkpoint.chain import JournalRow, is_sound
from checkpoint.ids import EpochId, Seq
from checkpoint.rules.history import LedgerEntry
from sync.journal.reader import JournalReader
from sync.journal.writer import Journal

_CHUNK_ROWS: Final = 64
_LEAST_ROW_BYTES: Final = 300
"""Hashes, salt and epoch alone take more."""
_COMPANIONS: Final = ("", "-wal", "-shm")


def sound_rows(path: Path) -> dict[EpochId, dict[Seq, JournalRow]]:
    """Every row of a damaged file that can be read and verifies, by epoch in the order of their beginning."""
    epochs: dict[EpochId, dict[Seq, JournalRow]] = {}
    try:
        reader = JournalReader.on(path)
    except sqlite3.Error:
        return epochs
    with closing(reader):
        reader.bear_truncation()
        for epoch, row in _readable_rows(reader, _size(path) // _LEAST_ROW_BYTES):
            if is_sound(epoch, row):
                epochs.setdefault(epoch, {})[row.seq] = row
    return epochs


def readable_entries(path: Path) -> list[LedgerEntry]:
    """What can be read of a damaged file's ledger, from its beginning and from its end to the first damaged page.

    It has no chain: an entry is what reads as one. Some may come twice.
    """
    found: list[LedgerEntry] = []
    try:
        reader = JournalReader.on(path)
    except sqlite3.Error:
        return found
    with closing(reader):
        reader.bear_truncation()
        for newest_first in (False, True):
            try:
                for entry in reader.ledger(newest_first=newest_first):
                    found.append(entry)  # noqa: PERF402 (those before the damage stay)
            except sqlite3.Error:
                continue
    return found


def rebuild(
    path: Path,
    epochs: Mapping[EpochId, Mapping[Seq, JournalRow]],
    entries: Iterable[LedgerEntry] = (),
) -> str:
    """Put a new journal with these rows, this ledger and a new epoch in the old one's place.

    Returns the name under which the old one was set aside, or "". Raises OSError, sqlite3.Error or
    JournalDown; then the old one is where it was.
    """
    building = path.with_name(f"{path.name}.building")
    for suffix in _COMPANIONS:
        building.with_name(building.name + suffix).unlink(missing_ok=True)
    journal = Journal.on(building)
    try:
        for epoch, rows in epochs.items():
            journal.adopt(epoch, [rows[seq] for seq in sorted(rows)])
        journal.adopt_entries(entries)
        if epochs:
            journal.begin_epoch()
    finally:
        journal.close()
    if building.with_name(building.name + "-wal").exists():
        raise OSError(f"{building} could not be completed")
    building.rename(_next(path))
    return finish(path)


def finish(path: Path) -> str:
    """Set the old file aside and put the new one in its place, if there is one; the old one's new name."""
    if not _next(path).exists():
        return ""
    aside = path.with_name(
        f"{path.name}.set-aside-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    )
    while aside.exists():
        aside = aside.with_name(aside.name + "x")
    there_was_one = path.exists()
    for suffix in _COMPANIONS:
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    _next(path).rename(path)
    return aside.name if there_was_one else ""


def _readable_rows(reader: JournalReader, most: int) -> list[tuple[EpochId, JournalRow]]:
    """Chunk by chunk, and where a chunk meets a damaged page row by row."""
    found: list[tuple[EpochId, JournalRow]] = []
    try:
        reader.written_between(0, 0)
    except sqlite3.Error:  # not even the schema
        return found
    for first in range(1, most + 1, _CHUNK_ROWS):
        last = first + _CHUNK_ROWS - 1
        try:
            found += reader.written_between(first, last)
        except sqlite3.Error:
            for place in range(first, last + 1):
                found += _readable_row(reader, place)
    return found


def _readable_row(reader: JournalReader, place: int) -> list[tuple[EpochId, JournalRow]]:
    try:
        return reader.written_between(place, place)
    except sqlite3.Error:
        return []


def _size(path: Path) -> int:
    files = [path.with_name(path.name + suffix) for suffix in ("", "-wal")]
    return sum(file.stat().st_size for file in files if file.exists())


def _next(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")
