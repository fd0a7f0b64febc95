"""Presence and charged outings: the crossings table of journal.db, written in one transaction with the record.

It is never trimmed with the journal. It holds each crossing once, whatever its gate: ours under OWN_GATE, the
other gates' as they become known. What it keeps is bounded without asking any clock: of each person the
KEPT_EACH latest crossings, the latest entry by each pass, and the latest outing charged to each household.

checkpoint.rules.history says what the entries mean; this file only finds those that bear on a scan.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from checkpoint.ids import HouseholdId, PersonId
from checkpoint.policy import Direction
from checkpoint.rules.history import LedgerEntry

KEPT_EACH: Final = 12
"""Some days of a person's comings and goings: so many may still be taken back or become known late."""
_FIELDS: Final = tuple(field.encode_name for field in msgspec.structs.fields(LedgerEntry))
_COLUMNS: Final = ", ".join(_FIELDS)


def create(db: Database) -> None:
    """Make the tables."""
    numbers = dict.fromkeys(("of_us", "said_us", "seq", "serial"), int)
    texts = dict.fromkeys(("gate", "person", "direction", "how"), str)
    crossings = db.table("crossings")
    crossings.create(
        {"id": int, **numbers, **texts, "household": str, "charged_day": str},
        pk="id",
        not_null={*numbers, *texts},
    )
    crossings.create_index(["gate", "of_us"], unique=True)
    crossings.create_index(["person", "of_us"])
    crossings.create_index(["household", "charged_day"])
    db.table("known_of_others").create({"id": int, "cursor": str}, pk="id", not_null={"cursor"})


def enter(connection: sqlite3.Connection, entry: LedgerEntry) -> None:
    """Put in one entry, or the later word on one that is there, within the caller's transaction."""
    connection.execute(_ENTER, msgspec.to_builtins(entry))
    connection.execute(_FORGET, {"person": entry.person, "kept": KEPT_EACH - 1})


def enter_of_others(
    connection: sqlite3.Connection, entries: Iterable[LedgerEntry], cursor: str
) -> None:
    """Put in other gates' entries and how far they reach, within the caller's transaction."""
    for entry in entries:
        enter(connection, entry)
    connection.execute("INSERT OR REPLACE INTO known_of_others VALUES (1, ?)", (cursor,))


def cursor_of_others(connection: sqlite3.Connection) -> str:
    """How far the other gates' crossings are known; "" before any are."""
    found = connection.execute("SELECT cursor FROM known_of_others").fetchone()
    return "" if found is None else str(found[0])


def entries_about(
    connection: sqlite3.Connection, person: PersonId, household: HouseholdId | None
) -> list[LedgerEntry]:
    """All entries of this person, and of everybody who was ever charged for this household."""
    named = {"person": person, "household": household}  # ?1 is taken for a name by Python 3.12.1
    return [_entry(row) for row in connection.execute(_ABOUT, named)]


def own_since(connection: sqlite3.Connection, since_us: int) -> dict[Direction, int]:
    """How many have really gone through this gate's lane each way."""
    return {Direction(way): n for way, n in connection.execute(_OWN_SINCE, (since_us,))}


def last_ways(connection: sqlite3.Connection) -> dict[PersonId, Direction]:
    """Which way each person went last, at any gate."""
    found = connection.execute(_LAST_WAYS)
    return {PersonId(person): Direction(way) for person, way, _ in found}


def every_entry(connection: sqlite3.Connection, *, newest_first: bool) -> Iterator[LedgerEntry]:
    """All entries by their place in a file that may be damaged; what is no entry is passed over."""
    order = "DESC" if newest_first else "ASC"
    query = f"SELECT {_COLUMNS} FROM crossings ORDER BY id {order}"  # noqa: S608
    for row in connection.execute(query):
        try:
            yield _entry(row)
        except msgspec.ValidationError:
            continue


def _entry(row: tuple[Any, ...]) -> LedgerEntry:
    return msgspec.convert(dict(zip(_FIELDS, row, strict=True)), LedgerEntry)


_ENTER: Final = f"""
INSERT INTO crossings ({_COLUMNS}) VALUES (:{", :".join(_FIELDS)})
ON CONFLICT (gate, of_us) DO UPDATE SET
{", ".join(f"{name} = excluded.{name}" for name in _FIELDS)}
WHERE (excluded.how = 'undone', excluded.said_us, excluded.seq)
    > (crossings.how = 'undone', crossings.said_us, crossings.seq)
"""  # noqa: S608 (names only); the order is that of checkpoint.rules.history.latest_word

_ABOUT: Final = f"""
SELECT {_COLUMNS} FROM crossings WHERE person IN (
    SELECT :person UNION ALL SELECT person FROM crossings WHERE household = :household AND charged_day NOT NULL)
"""  # noqa: S608

_FORGET: Final = """
DELETE FROM crossings AS old WHERE person = :person
AND of_us < (SELECT of_us FROM crossings WHERE person = :person
             ORDER BY of_us DESC LIMIT 1 OFFSET :kept)
AND NOT (how IN ('door', 'relock') AND direction = 'in' AND NOT EXISTS (
    SELECT 1 FROM crossings WHERE person = :person AND serial = old.serial AND direction = 'in'
    AND how IN ('door', 'relock') AND of_us > old.of_us))
AND NOT (how IN ('door', 'relock') AND charged_day NOT NULL AND NOT EXISTS (
    SELECT 1 FROM crossings WHERE household = old.household AND how IN ('door', 'relock')
    AND (charged_day, id) > (old.charged_day, old.id)))
"""

_OWN_SINCE: Final = """
SELECT direction, count(*) FROM crossings
WHERE gate = '' AND of_us >= ? AND how IN ('door', 'relock') GROUP BY direction
"""
_LAST_WAYS: Final = """
SELECT person, direction, max(of_us) FROM crossings WHERE how IN ('door', 'relock') GROUP BY person
"""
