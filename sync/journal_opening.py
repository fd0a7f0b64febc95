"""How a gate comes by a journal that it can trust, in this order:

1. No file, or one that a crash left empty: a new one with a new epoch. If sync.db remembers rows of it,
   the file was lost: cause "behind".
2. SQLite cannot open it or quick_check complains: "damaged". The file is set aside under a new name,
   rows that still verify are adopted under their old epoch, the rest are counted.
3. The file is healthy, but a row that sync.db remembers having read is missing or differs: "behind". That
   is what a lost or foreign WAL looks like (seen: 50 of 80 rows there, quick_check ok). Going on in that
   epoch would use its numbers twice.
4. Otherwise the epoch goes on.

In cases 2 and 3, and in 1 if something was lost, a new epoch begins whose first record tells the story.
Where not even that can be written JournalDown is raised and the caller tries again later.
"""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from checkpoint.chain import Row, is_sound
from checkpoint.ids import EpochId, Seq
from sync.journal import Journal, JournalDown
from sync.journal_reader import Head, JournalReader


@dataclass(frozen=True, slots=True)
class Breach:
    """Why a new epoch had to begin."""

    cause: str
    """damaged or behind."""
    set_aside: str = ""
    old_epoch: EpochId | None = None
    old_upto: Seq | None = None
    rows_kept: int = 0
    rows_lost: int = 0


def open_journal(path: Path, remembered: Head | None) -> tuple[Journal, Breach | None]:
    """The journal to write to, and what was wrong with the one found. Raises JournalDown."""
    try:
        if not path.exists() or path.stat().st_size == 0:
            return _new(path, remembered)
        if not _is_healthy(path):
            return _salvage(path, remembered)
        return _continue(path, remembered)
    except (OSError, sqlite3.Error) as error:
        raise JournalDown(f"{path}: {error}") from error


def _new(path: Path, remembered: Head | None) -> tuple[Journal, Breach | None]:
    journal = Journal.on(path)
    if remembered is None:
        return journal, None
    lost = Breach("behind", "", remembered.epoch, remembered.seq, 0, remembered.seq)
    return journal, lost


def _continue(path: Path, remembered: Head | None) -> tuple[Journal, Breach | None]:
    reader = JournalReader.on(path)
    try:
        missing = remembered and reader.hash_at(remembered.epoch, remembered.seq) != remembered.hash
        here = [head for head in reader.heads() if remembered and head.epoch == remembered.epoch]
    finally:
        reader.close()
    journal = Journal.on(path)
    if not missing or remembered is None:
        return journal, None
    journal.begin_epoch()
    kept = here[0].seq if here else 0
    lost = max(0, remembered.seq - kept)
    return journal, Breach("behind", "", remembered.epoch, remembered.seq, kept, lost)


def _salvage(path: Path, remembered: Head | None) -> tuple[Journal, Breach]:
    aside = _set_aside(path)
    rows = _readable_rows(aside)
    by_epoch: dict[EpochId, list[Row]] = {}
    for epoch, row in rows:
        if is_sound(epoch, row):
            by_epoch.setdefault(epoch, []).append(row)
    journal = Journal.on(path)
    for epoch, kept in by_epoch.items():
        journal.adopt(epoch, kept)
    journal.begin_epoch()
    newest = remembered.epoch if remembered else (rows[-1][0] if rows else None)
    kept = by_epoch.get(newest, []) if newest else []
    seen_upto = remembered.seq if remembered else Seq(0)
    upto = max([seen_upto, *(row.seq for epoch, row in rows if epoch == newest)])
    return journal, Breach("damaged", aside.name, newest, upto, len(kept), upto - len(kept))


def _is_healthy(path: Path) -> bool:
    try:
        reader = JournalReader.on(path)
        try:
            reader.heads()
            return reader.is_healthy()
        finally:
            reader.close()
    except sqlite3.DatabaseError:
        return False


def _set_aside(path: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.with_name(f"{path.name}.set-aside-{stamp}")
    while aside.exists():
        aside = aside.with_name(aside.name + "x")
    for suffix in ("-wal", "-shm"):  # before the file itself: a new one must never meet an old WAL
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    path.rename(aside)
    return aside


def _readable_rows(path: Path) -> list[tuple[EpochId, Row]]:
    """What can be read on both sides of a damaged page: forwards to the first error, then backwards."""
    found: dict[int, tuple[EpochId, Row]] = {}
    for order in ("ASC", "DESC"):
        try:
            connection = sqlite3.connect(path)
        except sqlite3.Error:
            continue
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            query = "SELECT id, epoch, seq, prev, salt, digest, hash, body FROM rows ORDER BY id "
            for id_, epoch, *columns in connection.execute(query + order):
                found[id_] = (EpochId(epoch), Row(*columns))
        except (sqlite3.Error, TypeError):
            continue
        finally:
            connection.close()
    return [found[id_] for id_ in sorted(found)]
