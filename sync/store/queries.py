"""What both the writer and the reader of sync.db ask it."""

import sqlite3
from typing import Final

from checkpoint.ids import Revision
from sync.wire.signed import Purpose

CHANGE: Final = Purpose.ROSTER_CHANGE.value
_NEWEST_ROSTER: Final = """
SELECT max(revision) FROM (
    SELECT revision FROM roster UNION ALL SELECT revision FROM orders WHERE purpose = ?)
"""
_CHANGES: Final = """
SELECT CAST(message AS BLOB) FROM orders WHERE purpose = ? AND revision > ? ORDER BY revision
"""


def recall(connection: sqlite3.Connection, name: str) -> str | None:
    """A remembered value."""
    found = connection.execute("SELECT value FROM memory WHERE name = ?", (name,)).fetchone()
    return None if found is None else str(found[0])


def roster_revision(connection: sqlite3.Connection) -> Revision | None:
    """The revision in force: of the last whole roster or of the newest change to it."""
    found = connection.execute(_NEWEST_ROSTER, (CHANGE,)).fetchone()
    return None if found[0] is None else Revision(found[0])


def whole_roster_revision(connection: sqlite3.Connection) -> Revision | None:
    """The revision of the last whole roster, on which changes rest."""
    found = connection.execute("SELECT max(revision) FROM roster").fetchone()
    return None if found[0] is None else Revision(found[0])


def whole_roster(connection: sqlite3.Connection) -> bytes | None:
    """The signed message of the last whole roster."""
    found = connection.execute("SELECT CAST(message AS BLOB) FROM roster").fetchone()
    return None if found is None else bytes(found[0])


def roster_changes(connection: sqlite3.Connection, after: Revision) -> list[bytes]:
    """The signed messages of later changes, in order."""
    return [bytes(message) for (message,) in connection.execute(_CHANGES, (CHANGE, after))]


def order_revision(connection: sqlite3.Connection, purpose: Purpose) -> Revision | None:
    """The revision of the policy or the notices in force."""
    query = "SELECT max(revision) FROM orders WHERE purpose = ?"
    found = connection.execute(query, (purpose.value,)).fetchone()
    return None if found[0] is None else Revision(found[0])
