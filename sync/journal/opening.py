"""How a gate comes by a journal that it can trust, in this order:

1. No file, or an empty one: a new one with a new epoch. If sync.db remembers rows of it, the file was lost:
   cause "behind".
2. SQLite finds wrong bytes in it, or the newest row does not verify: "damaged". The rows that still verify are
   adopted under their old epoch by a new file, the rest are counted, the damaged file is set aside. So is
   whatever can be read of the ledger; what the other gates have told is asked for again from the beginning.
3. The file is healthy, but a row that sync.db remembers having read is missing or differs: "behind". That
   is what a lost or foreign WAL looks like (seen: 50 of 80 rows there, quick_check ok). Going on in that
   epoch would use its numbers twice.
4. Otherwise the epoch goes on.

In cases 2 and 3, and in 1 if something was lost, a new epoch begins whose first record tells the story.
A disk that is full or fails, a lock, a missing permission say nothing about the file: JournalDown is raised,
everything stays as it is, and the caller tries again later.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from checkpoint.chain import is_sound
from checkpoint.ids import EpochId, Seq
from sync.journal.reader import Head, JournalReader
from sync.journal.salvage import finish, readable_entries, rebuild, sound_rows
from sync.journal.writer import Journal, JournalDown, is_damage


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
        finish(path)
        if not path.exists() or path.stat().st_size == 0:
            return _new(path, remembered)
        try:
            return _continue(path, remembered)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if isinstance(error, sqlite3.Error) and not is_damage(error):
                raise
        return _salvage(path, remembered)
    except (OSError, sqlite3.Error) as error:
        raise JournalDown(f"{path}: {error}") from error


def _new(path: Path, remembered: Head | None) -> tuple[Journal, Breach | None]:
    rebuild(path, {})
    journal = Journal.on(path)
    if remembered is None:
        return journal, None
    lost = Breach("behind", "", remembered.epoch, remembered.seq, 0, remembered.seq)
    return journal, lost


def _continue(path: Path, remembered: Head | None) -> tuple[Journal, Breach | None]:
    reader = JournalReader.on(path)
    try:
        _check(reader)
        missing = remembered and reader.hash_at(remembered.epoch, remembered.seq) != remembered.hash
        here = [head for head in reader.heads() if remembered and head.epoch == remembered.epoch]
    finally:
        reader.close()
    journal = Journal.on(path)
    if not missing or remembered is None:
        return journal, None
    try:
        journal.begin_epoch()
    except JournalDown:
        journal.close()
        raise
    kept = here[0].seq if here else 0
    lost = max(0, remembered.seq - kept)
    return journal, Breach("behind", "", remembered.epoch, remembered.seq, kept, lost)


def _salvage(path: Path, remembered: Head | None) -> tuple[Journal, Breach]:
    epochs = sound_rows(path)
    aside = rebuild(path, epochs, readable_entries(path))
    newest = remembered.epoch if remembered else next(reversed(epochs), None)
    kept = epochs.get(newest, {}) if newest else {}
    upto = max([remembered.seq if remembered else Seq(0), *kept])
    breach = Breach("damaged", aside, newest, upto, len(kept), upto - len(kept))
    return Journal.on(path), breach


def _check(reader: JournalReader) -> None:
    """Raises sqlite3.DatabaseError for a file that cannot be gone on with."""
    if not reader.is_healthy():
        raise sqlite3.DatabaseError("quick_check finds faults")
    for head in reader.heads()[-1:]:
        newest = reader.rows(head.epoch, Seq(head.seq - 1), 1)
        if not newest or not is_sound(head.epoch, newest[0]):
            raise sqlite3.DatabaseError("the newest row does not verify")
