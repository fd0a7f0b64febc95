"""sync.db: what the sync process remembers and what it hands to the gate. Only sync writes it.

cursors   what the collector has acknowledged, by epoch
memory    one value a name: db_generation, the journal's head as last read, and an id of this very file
roster    the signed message of the roster in force
inbox     what the gate must journal: a roster applied, something refused, an epoch contradicted
"""

import sqlite3
from pathlib import Path
from typing import Self
from uuid import uuid4

import msgspec
from sqlite_utils import Database, Migrations

from checkpoint.ids import EpochId, Revision, Seq
from sync.journal_reader import Head, InboxPlace

SCHEMA = Migrations("sync")


@SCHEMA()
def first(db: Database) -> None:
    """See the head of the file."""
    db.table("cursors").create({"epoch": str, "upto": int}, pk="epoch", not_null={"upto"})
    db.table("memory").create({"name": str, "value": str}, pk="name", not_null={"value"})
    db.table("roster").create({"revision": int, "message": bytes}, pk="revision")
    # AUTOINCREMENT, because the gate remembers ids that have long been pruned.
    db.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT NOT NULL)")


class RosterItem(msgspec.Struct, frozen=True, tag="roster"):
    """A roster has come into force."""

    revision: Revision
    residents: int


class RefusedItem(msgspec.Struct, frozen=True, tag="refused"):
    """Something was not obeyed."""

    what: str
    why: str


class ContradictedItem(msgspec.Struct, frozen=True, tag="contradicted"):
    """The collector knows another journal under this epoch: begin a new one."""

    epoch: EpochId
    why: str


InboxItem = RosterItem | RefusedItem | ContradictedItem
_ITEMS = msgspec.json.Decoder[InboxItem](InboxItem)


class SyncStore:
    """The writer of sync.db."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db, self._path = db, path
        self._identity = identity(path)
        self._id = _recall(db.conn, "store")

    def is_replaced(self) -> bool:
        """Whether the file is gone or another has taken its place: what is written now, nobody reads."""
        return identity(self._path) != self._identity

    @classmethod
    def on(cls, path: Path) -> Self:
        """Open or make it. Raises sqlite3.Error or OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        db = Database(sqlite3.connect(path, timeout=5.0))
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        SCHEMA.apply(db)
        with db.atomic():
            db.execute("INSERT OR IGNORE INTO memory VALUES ('store', ?)", (str(uuid4()),))
        return cls(db, path)

    def cursors(self) -> dict[EpochId, Seq]:
        """What is acknowledged, by epoch."""
        found = self._db.execute("SELECT epoch, upto FROM cursors")
        return {EpochId(epoch): Seq(upto) for epoch, upto in found}

    def save_cursor(
        self, epoch: EpochId, upto: Seq, db_generation: str, *, forget_others: bool
    ) -> None:
        """Remember an acknowledgement."""
        with self._db.atomic():
            if forget_others:
                self._db.execute("DELETE FROM cursors")
            self._db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (epoch, upto))
            self._remember("db_generation", db_generation)

    def db_generation(self) -> str | None:
        """The collector's database that the cursors belong to."""
        return _recall(self._db.conn, "db_generation")

    def remember_head(self, head: Head) -> None:
        """Remember the journal's newest row, so that the gate can tell a journal that fell behind."""
        with self._db.atomic():
            self._remember("head", msgspec.json.encode(head).decode())

    def roster_revision(self) -> Revision | None:
        """The revision in force."""
        found = self._db.execute("SELECT max(revision) FROM roster").fetchone()
        return None if found[0] is None else Revision(found[0])

    def replace_roster(self, revision: Revision, message: bytes, residents: int) -> None:
        """Put a roster in force and tell the gate, all or nothing."""
        with self._db.atomic():
            self._db.execute("DELETE FROM roster")
            self._db.execute("INSERT INTO roster VALUES (?, ?)", (revision, message))
            self._put(RosterItem(revision, residents))

    def put(self, item: InboxItem) -> None:
        """Leave something for the gate to journal."""
        with self._db.atomic():
            self._put(item)

    def prune_inbox(self, upto: InboxPlace) -> None:
        """Drop what the gate has journalled of this file's inbox."""
        if upto.store != self._id:
            return
        with self._db.atomic():
            self._db.execute("DELETE FROM inbox WHERE id <= ?", (upto.id,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _put(self, item: InboxItem) -> None:
        text = msgspec.json.encode(item).decode()
        self._db.execute("INSERT INTO inbox (item) VALUES (?)", (text,))

    def _remember(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (name, value))


class SyncReader:
    """The gate's view of sync.db, of whatever file has that name now.

    Every method raises sqlite3.Error while there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def head(self) -> Head | None:
        """The journal's newest row as sync remembers it."""
        value = _recall(self._open(), "head")
        return None if value is None else msgspec.json.decode(value, type=Head)

    def roster_revision(self) -> Revision | None:
        """The revision in force; cheap."""
        found = self._open().execute("SELECT max(revision) FROM roster").fetchone()
        return None if found[0] is None else Revision(found[0])

    def roster_message(self) -> bytes | None:
        """The signed message of the roster in force."""
        found = self._open().execute("SELECT CAST(message AS BLOB) FROM roster").fetchone()
        return None if found is None else bytes(found[0])

    def inbox(self, after: InboxPlace) -> list[tuple[InboxPlace, InboxItem]]:
        """What is to be journalled beyond this place, in order; all of it where that lies in another file."""
        connection = self._open()
        store = _recall(connection, "store") or ""
        seen = after.id if after.store == store else 0
        found = connection.execute("SELECT id, item FROM inbox WHERE id > ? ORDER BY id", (seen,))
        return [(InboxPlace(store, id_), _ITEMS.decode(item)) for id_, item in found]

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and identity(self._path) != self._identity:
            self.close()
        if self._connection is None:
            # Asked for before opening: a file that takes the place in between must not pass for the one opened.
            self._identity = identity(self._path)
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(
                uri, uri=True, timeout=0.2, isolation_level=None, check_same_thread=False
            )
        return self._connection


def identity(path: Path) -> tuple[int, int] | None:
    """What tells one file from another of the same name; None: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _recall(connection: sqlite3.Connection, name: str) -> str | None:
    found = connection.execute("SELECT value FROM memory WHERE name = ?", (name,)).fetchone()
    return None if found is None else str(found[0])
