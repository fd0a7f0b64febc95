"""sync.db: what the sync process remembers and what it hands to the gate. Only sync writes it.

cursors   what the collector has acknowledged, by epoch
memory    one value a name: db_generation, the journal's head as last read, and an id of this very file
roster    the signed message of the last whole roster
orders    the signed messages of the roster changes since, and of the policy and notices in force
commands  ids of the last commands, so that none is obeyed twice
inbox     what the gate must journal, enter or do
"""

import sqlite3
import time
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

import msgspec
from sqlite_utils import Database, Migrations

from checkpoint.gate.commands import Command
from checkpoint.ids import EpochId, Revision, Seq
from config.log_lines import logger
from sync.journal.reader import Head, InboxPlace
from sync.store import queries as store_queries
from sync.store.inbox import CommandItem, InboxItem, RosterItem
from sync.store.reader import identity
from sync.wire.signed import Purpose

SCHEMA = Migrations("sync")
_LOG: Final = logger()
KEPT_COMMANDS: Final = 10_000
"""Years of them; none is obeyed ten minutes after it was issued."""
MANY_WAITING: Final = 2_000
"""Items, some megabytes: a gate that is switched off, or cannot write, must not let the card fill up."""
_DROP_PASSAGES: Final = """DELETE FROM inbox WHERE item LIKE '{"type":"passages"%'"""
_FORGET_COMMANDS: Final = """
DELETE FROM commands WHERE rowid <= (SELECT max(rowid) FROM commands) - ?
"""


@SCHEMA()
def first(db: Database) -> None:
    """See the head of the file."""
    db.table("cursors").create({"epoch": str, "upto": int}, pk="epoch", not_null={"upto"})
    db.table("memory").create({"name": str, "value": str}, pk="name", not_null={"value"})
    db.table("roster").create({"revision": int, "message": bytes}, pk="revision")
    # AUTOINCREMENT, because the gate remembers ids that have long been pruned.
    db.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT NOT NULL)")


@SCHEMA()
def with_orders(db: Database) -> None:
    """See the head of the file."""
    orders = {"purpose": str, "revision": int, "message": bytes}
    db.table("orders").create(orders, pk=("purpose", "revision"), not_null={"message"})
    db.table("commands").create({"id": str, "expires_us": int}, pk="id", not_null={"expires_us"})


class SyncStore:
    """The writer of sync.db."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db, self._path = db, path
        self._identity = identity(path)
        self._id = store_queries.recall(db.conn, "store")

    def is_replaced(self) -> bool:
        """Whether the file is gone or another has taken its place: what is written now, nobody reads."""
        return identity(self._path) != self._identity

    @classmethod
    def on(cls, path: Path) -> Self:
        """Open or make it; one that is no database any more is set aside. Raises sqlite3.Error or OSError.

        Nothing in it is lost for good: the centre is asked for what comes down, and rows that it has go up once more.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return cls._open(path)
        except sqlite3.OperationalError:  # locked, no room, read-only: it is still a database
            raise
        except sqlite3.DatabaseError as error:
            _LOG.error("sync.db is damaged and set aside", why=str(error))
            _set_aside(path)
            return cls._open(path)

    @classmethod
    def _open(cls, path: Path) -> Self:
        db = Database(sqlite3.connect(path, timeout=5.0))
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            SCHEMA.apply(db)
            with db.atomic():
                db.execute("INSERT OR IGNORE INTO memory VALUES ('store', ?)", (str(uuid4()),))
            return cls(db, path)
        except BaseException:
            db.close()
            raise

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
        return store_queries.recall(self._db.conn, "db_generation")

    def remember_head(self, head: Head) -> None:
        """Remember the journal's newest row, so that the gate can tell a journal that fell behind."""
        with self._db.atomic():
            self._remember("head", msgspec.json.encode(head).decode())

    def roster_revision(self) -> Revision | None:
        """The revision in force."""
        return store_queries.roster_revision(self._db.conn)

    def whole_roster_revision(self) -> Revision | None:
        """The revision of the last whole roster, on which the changes rest."""
        return store_queries.whole_roster_revision(self._db.conn)

    def roster_messages(self) -> tuple[bytes, list[bytes]] | None:
        """The signed messages of the last whole roster and of the changes since."""
        message = store_queries.whole_roster(self._db.conn)
        return (
            None
            if message is None
            else (message, store_queries.roster_changes(self._db.conn, Revision(0)))
        )

    def replace_roster(self, revision: Revision, message: bytes, residents: int) -> None:
        """Put a whole roster in force and tell the gate, all or nothing."""
        with self._db.atomic():
            self._rest_on(revision, message)
            self._put(RosterItem(revision, residents))

    def rest_on_whole(self, revision: Revision, message: bytes) -> None:
        """Keep what is in force as this whole roster, without the changes that led to it."""
        with self._db.atomic():
            self._rest_on(revision, message)

    def change_roster(self, revision: Revision, message: bytes, residents: int) -> None:
        """Put a changed roster in force and tell the gate, all or nothing."""
        with self._db.atomic():
            self._add_order(store_queries.CHANGE, revision, message)
            self._put(RosterItem(revision, residents))

    def order_revision(self, purpose: Purpose) -> Revision | None:
        """The revision of the policy or the notices in force."""
        return store_queries.order_revision(self._db.conn, purpose)

    def replace_order(
        self, purpose: Purpose, revision: Revision, message: bytes, item: InboxItem | None
    ) -> None:
        """Put a policy or notices in force, and leave the item if there is one, all or nothing."""
        with self._db.atomic():
            self._db.execute("DELETE FROM orders WHERE purpose = ?", (purpose.value,))
            self._add_order(purpose.value, revision, message)
            if item is not None:
                self._put(item)

    def take_command(self, command: Command) -> bool:
        """Leave a command for the gate, once. False: its id has been seen before."""
        with self._db.atomic():
            seen = self._db.execute("SELECT 1 FROM commands WHERE id = ?", (command.id,)).fetchone()
            if seen is not None:
                return False
            self._db.execute("INSERT INTO commands VALUES (?, ?)", (command.id, command.expires_us))
            self._db.execute(_FORGET_COMMANDS, (KEPT_COMMANDS,))
            self._put(CommandItem(command))
        return True

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

    def has_many_waiting(self) -> bool:
        """Whether the gate has not taken items from the inbox for long."""
        found = self._db.execute("SELECT count(*) FROM inbox").fetchone()
        return int(found[0]) >= MANY_WAITING

    def drop_passages(self) -> None:
        """Drop the pages of passages that the gate has not taken yet."""
        with self._db.atomic():
            self._db.execute(_DROP_PASSAGES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _rest_on(self, revision: Revision, message: bytes) -> None:
        self._db.execute("DELETE FROM roster")
        self._db.execute("DELETE FROM orders WHERE purpose = ?", (store_queries.CHANGE,))
        self._db.execute("INSERT INTO roster VALUES (?, ?)", (revision, message))

    def _put(self, item: InboxItem) -> None:
        text = msgspec.json.encode(item).decode()
        self._db.execute("INSERT INTO inbox (item) VALUES (?)", (text,))

    def _add_order(self, purpose: str, revision: Revision, message: bytes) -> None:
        self._db.execute("INSERT INTO orders VALUES (?, ?, ?)", (purpose, revision, message))

    def _remember(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (name, value))


def _set_aside(path: Path) -> None:
    now = time.time_ns()
    for file in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        if file.exists():
            file.rename(file.with_name(f"damaged-{now}-{file.name}"))
