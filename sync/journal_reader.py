"""Reading a journal that another process writes: for the uplink, ``journal verify`` and ``export``."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from checkpoint.chain import GENESIS, Row, is_sound
from checkpoint.ids import EpochId, Seq

_COLUMNS: Final = "seq, prev, salt, digest, hash, body"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of one epoch."""

    epoch: EpochId
    seq: Seq
    hash: str


class JournalReader:
    """A read-only view of the journal file that is there now."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._inode = path.stat().st_ino

    @classmethod
    def on(cls, path: Path) -> Self:
        """Open the file. Raises sqlite3.Error or OSError, also where there is none."""
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return cls(connection, path)

    def is_replaced(self) -> bool:
        """Whether another file has taken this one's place."""
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def version(self) -> int:
        """A number that changes whenever somebody else has committed to the file."""
        found = self._connection.execute("PRAGMA data_version").fetchone()
        return int(found[0])

    def heads(self) -> tuple[Head, ...]:
        """The newest row of each epoch that has rows, oldest epoch first."""
        found = self._connection.execute(
            "SELECT e.epoch, r.seq, r.hash FROM epochs e JOIN rows r ON r.epoch = e.epoch AND r.seq ="
            " (SELECT max(seq) FROM rows WHERE epoch = e.epoch) ORDER BY e.id"
        )
        return tuple(Head(EpochId(epoch), Seq(seq), hash_) for epoch, seq, hash_ in found)

    def rows(self, epoch: EpochId, after: Seq, most: int) -> list[Row]:
        """At most ``most`` rows with a higher seq, rising."""
        found = self._connection.execute(
            f"SELECT {_COLUMNS} FROM rows WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?",  # noqa: S608
            (epoch, after, most),
        )
        return [Row(*columns) for columns in found]

    def hash_at(self, epoch: EpochId, seq: Seq) -> str | None:
        """The hash of one row; of seq 0 the chain's beginning; None where there is no such row."""
        if seq == 0:
            return GENESIS
        found = self._connection.execute(
            "SELECT hash FROM rows WHERE epoch = ? AND seq = ?", (epoch, seq)
        ).fetchone()
        return None if found is None else str(found[0])

    def everything(self) -> Iterator[tuple[EpochId, Row]]:
        """All rows in the order in which they were written."""
        query = f"SELECT epoch, {_COLUMNS} FROM rows ORDER BY id"  # noqa: S608 (a constant)
        for epoch, *columns in self._connection.execute(query):
            yield EpochId(epoch), Row(*columns)

    def inbox_upto(self) -> int:
        """The last inbox item that the gate has journalled."""
        found = self._connection.execute("SELECT upto FROM inbox").fetchone()
        return 0 if found is None else int(found[0])

    def devices(self) -> str:
        """The devices' health as the gate last left it, JSON; "{}" before that."""
        found = self._connection.execute("SELECT devices FROM status").fetchone()
        return "{}" if found is None else str(found[0])

    def is_healthy(self) -> bool:
        """SQLite's own quick_check."""
        try:
            found = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError:
            return False
        return bool(found == ("ok",))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place where a chain does not hold."""

    epoch: EpochId
    seq: Seq
    what: str


def flaws(reader: JournalReader) -> Iterator[Flaw]:
    """Every row that was changed, lost or put in, as far as the chain shows it."""
    last: dict[EpochId, Row] = {}
    for epoch, row in reader.everything():
        before = last.get(epoch)
        if not is_sound(epoch, row):
            yield Flaw(epoch, row.seq, "body, digest and hash do not belong together")
        if before is None and row.seq == 1 and row.prev != GENESIS:
            yield Flaw(epoch, row.seq, "the first row does not begin a chain")
        if before is not None and row.seq != before.seq + 1:
            yield Flaw(epoch, row.seq, f"rows {before.seq + 1} to {row.seq - 1} are missing")
        elif before is not None and row.prev != before.hash:
            yield Flaw(epoch, row.seq, "does not continue the row before")
        last[epoch] = row
