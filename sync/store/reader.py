"""The gate's view of sync.db, which the sync process writes (writer.py)."""

import os
import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from checkpoint.ids import Revision
from sync.journal.reader import Head, InboxPlace
from sync.store import queries as store_queries
from sync.store.inbox import ITEMS, InboxItem, RefusedItem
from sync.wire.signed import Purpose

INBOX_AT_ONCE: Final = 20
"""Each is synced to the card by itself, and the gate serves nobody meanwhile: a day's items must not come at once."""
_INBOX: Final = """
SELECT id, CAST(item AS BLOB) FROM inbox WHERE id > ? ORDER BY id LIMIT ?
"""
_ORDER: Final = "SELECT CAST(message AS BLOB) FROM orders WHERE purpose = ? ORDER BY revision DESC"


class SyncReader:
    """The gate's view of sync.db, of whatever file has that name now.

    Every method raises sqlite3.Error while there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[tuple[int, int] | None, bool] | None = None

    def head(self) -> Head | None:
        """The journal's newest row as sync remembers it."""
        value = store_queries.recall(self._open(), "head")
        return None if value is None else msgspec.json.decode(value, type=Head)

    def roster_revision(self) -> Revision | None:
        """The revision in force; cheap."""
        return store_queries.roster_revision(self._open())

    def whole_roster_revision(self) -> Revision | None:
        """The revision of the last whole roster, on which changes rest."""
        return store_queries.whole_roster_revision(self._open())

    def roster_message(self) -> bytes | None:
        """The signed message of the last whole roster."""
        return store_queries.whole_roster(self._open())

    def roster_changes(self, after: Revision) -> list[bytes]:
        """The signed messages of later changes, in order."""
        return store_queries.roster_changes(self._open(), after)

    def order_revision(self, purpose: Purpose) -> Revision | None:
        """The revision of the policy or the notices in force; cheap."""
        return store_queries.order_revision(self._open(), purpose)

    def order_message(self, purpose: Purpose) -> bytes | None:
        """The signed message of the policy or the notices in force."""
        found = self._open().execute(_ORDER, (purpose.value,)).fetchone()
        return None if found is None else bytes(found[0])

    def inbox(
        self, after: InboxPlace, most: int = INBOX_AT_ONCE
    ) -> list[tuple[InboxPlace, InboxItem]]:
        """The first items beyond this place, in order; from the beginning where that lies in another file."""
        connection = self._open()
        store = store_queries.recall(connection, "store") or ""
        seen = after.id if after.store == store else 0
        found = connection.execute(_INBOX, (seen, most))
        return [(InboxPlace(store, id_), _item(text)) for id_, text in found]

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        # Asked for before opening: a file that takes the place in between must not pass for the one opened.
        found = identity(self._path), _is_frozen(self._path)
        if self._connection is not None and found != self._opened:
            self.close()
        if self._connection is None:
            self._opened = found
            uri = f"{self._path.absolute().as_uri()}?mode=ro{'&immutable=1' if found[1] else ''}"
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


def _is_frozen(path: Path) -> bool:
    """Whether the disk is read-only and sync ended in order: SQLite then reads the file only if it is told that
    nobody can change it, because it cannot make the WAL's index beside it.
    """
    try:
        read_only = os.statvfs(path).f_flag & os.ST_RDONLY
    except OSError:
        return False
    return bool(read_only) and not path.with_name(f"{path.name}-wal").exists()


def _item(text: bytes) -> InboxItem:
    """One item. What cannot be read, as one of a later version, must not hold up what lies behind it."""
    try:
        item: InboxItem = ITEMS.decode(text)
    except (ValueError, RecursionError) as error:
        return RefusedItem("inbox", f"an item cannot be read: {error}")
    return item
