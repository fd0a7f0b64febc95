"""Reading a journal that another process writes: for the uplink, ``journal verify`` and ``export``.

The file may be damaged. Whatever its bytes, reading raises sqlite3.Error or gives rows of the right types:
a text that is none is read as an empty one and does not verify; a row whose number is none is left out.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from checkpoint.chain import GENESIS, JournalRow, is_sound
from checkpoint.ids import EpochId, Revision, Seq
from checkpoint.rules.history import LedgerEntry
from sync.journal.ledger import every_entry

_COLUMNS: Final = "seq, prev, salt, digest, hash, body"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of one epoch."""

    epoch: EpochId
    seq: Seq
    hash: str


@dataclass(frozen=True, slots=True)
class InboxPlace:
    """An item of sync's inbox. Ids rise within one sync.db; a new file has a new ``store`` and begins again."""

    store: str
    id: int


NOWHERE: Final = InboxPlace("", 0)
"""Before the first item."""


class JournalReader:
    """A read-only view of the journal file that is there now."""

    def __init__(self, connection: sqlite3.Connection, path: Path, inode: int) -> None:
        self._connection = connection
        self._path, self._inode = path, inode

    @classmethod
    def on(cls, path: Path) -> Self:
        """Open the file. Raises sqlite3.Error or OSError, also where there is none."""
        # Asked for before opening: a file that takes the place in between must not pass for the one opened.
        inode = path.stat().st_ino
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        return cls(connection, path, inode)

    def is_replaced(self) -> bool:
        """Whether another file has taken this one's place."""
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def version(self) -> int:
        """A number that changes whenever somebody else has committed to the file."""
        return next(int(version) for (version,) in self._select("PRAGMA data_version"))

    def heads(self) -> tuple[Head, ...]:
        """The newest row of each epoch that has rows, oldest epoch first."""
        found = self._select(
            "SELECT e.epoch, r.seq, r.hash FROM epochs e JOIN rows r ON r.epoch = e.epoch AND r.seq ="
            " (SELECT max(seq) FROM rows WHERE epoch = e.epoch) ORDER BY e.id"
        )
        return tuple(
            Head(EpochId(_text(epoch)), Seq(seq), _text(hash_))
            for epoch, seq, hash_ in found
            if isinstance(seq, int)
        )

    def rows(self, epoch: EpochId, after: Seq, most: int) -> list[JournalRow]:
        """At most ``most`` rows with a higher seq, rising."""
        return list(self.each_row(epoch, after, most))

    def each_row(self, epoch: EpochId, after: Seq, most: int) -> Iterator[JournalRow]:
        """The same, read one by one as they are taken."""
        query = (
            f"SELECT epoch, {_COLUMNS} FROM rows WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        )
        return (row for _, row in self._read(query, epoch, after, most))

    def hash_at(self, epoch: EpochId, seq: Seq) -> str | None:
        """The hash of one row; of seq 0 the chain's beginning; None where there is no such row."""
        if seq == 0:
            return GENESIS
        query = "SELECT hash FROM rows WHERE epoch = ? AND seq = ?"
        return next((_text(hash_) for (hash_,) in self._select(query, epoch, seq)), None)

    def everything(self) -> Iterator[tuple[EpochId, JournalRow]]:
        """All rows in the order in which they were written."""
        return self._read(f"SELECT epoch, {_COLUMNS} FROM rows ORDER BY id")  # noqa: S608

    def bear_truncation(self) -> None:
        """Read what is left of a file that was cut short, which SQLite else refuses as a whole."""
        self._connection.execute("PRAGMA writable_schema = ON")

    def written_between(self, first: int, last: int) -> list[tuple[EpochId, JournalRow]]:
        """Rows by their place in the file, both ends included; the first ever written has place 1."""
        query = f"SELECT epoch, {_COLUMNS} FROM rows WHERE id BETWEEN ? AND ? ORDER BY id"  # noqa: S608
        return list(self._read(query, first, last))

    def ledger(self, *, newest_first: bool) -> Iterator[LedgerEntry]:
        """All entries of the ledger, in the order in which their crossings became known or the other way."""
        try:
            yield from every_entry(self._connection, newest_first=newest_first)
        except UnicodeDecodeError as error:
            raise sqlite3.DatabaseError(f"the schema is damaged: {error}") from error

    def inbox_upto(self) -> InboxPlace:
        """The last inbox item that the gate has journalled."""
        found = self._select("SELECT store, upto FROM inbox")
        places = (InboxPlace(_text(store), upto) for store, upto in found if isinstance(upto, int))
        return next(places, NOWHERE)

    def known_of_others(self) -> str:
        """How far the gate knows the other gates' crossings; "": nothing yet."""
        found = self._select("SELECT cursor FROM known_of_others")
        return next((_text(cursor) for (cursor,) in found), "")

    def devices(self) -> str:
        """The devices' health as the gate last left it, JSON; "{}" before that."""
        found = self._select("SELECT devices FROM status")
        return next((_text(devices) for (devices,) in found), "{}")

    def roster_obeyed(self) -> Revision | None:
        """The revision of the roster that the gate obeys, as it last left word; None: none, or no word."""
        found = self._select("SELECT roster_revision FROM status")
        return next(
            (Revision(revision) for (revision,) in found if isinstance(revision, int)), None
        )

    def is_healthy(self) -> bool:
        """SQLite's own quick_check."""
        return list(self._select("PRAGMA quick_check(1)")) == [("ok",)]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _read(self, query: str, *arguments: object) -> Iterator[tuple[EpochId, JournalRow]]:
        for epoch, seq, prev, salt, digest, hash_, body in self._select(query, *arguments):
            if isinstance(seq, int):
                texts = _text(prev), _text(salt), _text(digest), _text(hash_), _text(body)
                yield EpochId(_text(epoch)), JournalRow(Seq(seq), *texts)

    def _select(self, query: str, *arguments: object) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(query, arguments)
        except UnicodeDecodeError as error:  # in the names of a damaged schema
            raise sqlite3.DatabaseError(f"the schema is damaged: {error}") from error


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place where a chain does not hold."""

    epoch: EpochId
    seq: Seq
    what: str


def flaws(reader: JournalReader) -> Iterator[Flaw]:
    """Every row that was changed, lost or put in, as far as the chain shows it."""
    last: dict[EpochId, JournalRow] = {}
    for epoch, row in reader.everything():
        before = last.get(epoch)
        if not is_sound(epoch, row):
            yield Flaw(epoch, row.seq, "body, digest and hash do not belong together")
        if before is None and row.seq == 1 and row.prev != GENESIS:
            yield Flaw(epoch, row.seq, "the first row does not begin a chain")
        if before is not None and row.seq <= before.seq:
            yield Flaw(epoch, row.seq, f"stands behind row {before.seq}")
        elif before is not None and row.seq != before.seq + 1:
            yield Flaw(epoch, row.seq, f"rows {before.seq + 1} to {row.seq - 1} are missing")
        elif before is not None and row.prev != before.hash:
            yield Flaw(epoch, row.seq, "does not continue the row before")
        last[epoch] = row
