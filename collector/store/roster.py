"""The people, households and revoked passes of a compound: written by deeds, read whole or as what has changed.

What is read for a gate has names masked and phones cut; what the centre reads for itself is as it was given.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Column, Connection, Table, select

from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import (
    Household,
    Resident,
    RosterChange,
    RosterDocument,
    last_four,
    mask_name,
)
from collector.domain.people import People
from collector.store.database import replace_rows
from collector.store.down_schema import HOUSEHOLDS, PEOPLE, REVOKED

Entry = TypeVar("Entry", Household, Resident)
Pass = tuple[PersonId, int]
_BEFORE_ALL: Final = Revision(-1)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row to write; ``key`` names the person, the household, or the pass."""

    key: tuple[str | int, ...]
    entry: Household | Resident | None
    gone: bool = False


def people_of(connection: Connection, compound: CompoundId) -> People:
    """The roster as it was given, by id."""
    return People(
        compound=compound,
        households=tuple(_entries(connection, HOUSEHOLDS, compound, Household)),
        residents=tuple(_entries(connection, PEOPLE, compound, Resident)),
        revoked=_passes(connection, compound, _BEFORE_ALL, gone=False),
    )


def lowest_serials(connection: Connection, compound: CompoundId) -> dict[PersonId, int]:
    """Of everybody who is or was in the roster: passes below are revoked."""
    found = connection.execute(select(PEOPLE.c.entry).where(PEOPLE.c.compound == compound))
    residents = (msgspec.json.decode(entry, type=Resident) for entry in found.scalars())
    return {each.id: each.lowest_serial for each in residents}


def resident(connection: Connection, compound: CompoundId, person: PersonId) -> Resident | None:
    """One person as given; None: not in the roster."""
    query = select(PEOPLE.c.entry).where(
        PEOPLE.c.compound == compound, PEOPLE.c.person == person, ~PEOPLE.c.gone
    )
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else msgspec.json.decode(found, type=Resident)


def household(
    connection: Connection, compound: CompoundId, household: HouseholdId
) -> Household | None:
    """One household; None: not in the roster."""
    query = select(HOUSEHOLDS.c.entry).where(
        HOUSEHOLDS.c.compound == compound, HOUSEHOLDS.c.household == household, ~HOUSEHOLDS.c.gone
    )
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else msgspec.json.decode(found, type=Household)


def is_revoked(connection: Connection, compound: CompoundId, which: Pass) -> bool:
    """Whether this single pass is void."""
    return which in _passes(connection, compound, _BEFORE_ALL, gone=False)


def write(
    connection: Connection,
    table: Table,
    compound: CompoundId,
    revision: Revision,
    rows: Iterable[RosterRow],
) -> None:
    """Put rows of PEOPLE, HOUSEHOLDS or REVOKED in the place of those with their keys."""
    names = [column.name for column in table.primary_key][1:]
    written: list[dict[str, Any]] = []
    for row in rows:
        entry = {} if row.entry is None else {"entry": _encoded(row.entry)}
        key = dict(zip(names, row.key, strict=True))
        written.append(
            {"compound": compound, **key, **entry, "revision": revision, "gone": row.gone}
        )
    replace_rows(connection, table, written)


def whole_roster(
    connection: Connection, compound: CompoundId, revision: Revision
) -> RosterDocument:
    """The roster as gates get it."""
    people = people_of(connection, compound)
    return RosterDocument(
        compound=compound,
        revision=revision,
        households=people.households,
        residents=tuple(map(cut, people.residents)),
        revoked=people.revoked,
    )


def roster_change(
    connection: Connection, compound: CompoundId, base: Revision, revision: Revision
) -> RosterChange:
    """All that is different from the roster of ``base``, as gates get it."""
    return RosterChange(
        compound=compound,
        base=base,
        revision=revision,
        households=tuple(_entries(connection, HOUSEHOLDS, compound, Household, base)),
        residents=tuple(map(cut, _entries(connection, PEOPLE, compound, Resident, base))),
        revoked=_passes(connection, compound, base, gone=False),
        gone_households=tuple(
            HouseholdId(id_) for id_ in _gone(connection, HOUSEHOLDS.c.household, compound, base)
        ),
        gone_residents=tuple(
            PersonId(id_) for id_ in _gone(connection, PEOPLE.c.person, compound, base)
        ),
        restored=_passes(connection, compound, base, gone=True),
    )


def cut(person: Resident) -> Resident:
    """What a gate may know of somebody: the masked name, four digits of the phone."""
    return msgspec.structs.replace(
        person, name=mask_name(person.name), phone=last_four(person.phone)
    )


def _entries(
    connection: Connection,
    table: Table,
    compound: CompoundId,
    kind: type[Entry],
    base: Revision = _BEFORE_ALL,
) -> Iterator[Entry]:
    query = (
        select(table.c.entry)
        .where(table.c.compound == compound, table.c.revision > base, ~table.c.gone)
        .order_by(list(table.primary_key)[1])
    )
    decoder = msgspec.json.Decoder(kind)
    return map(decoder.decode, connection.execute(query).scalars().all())


def _gone(
    connection: Connection, key: Column[Any], compound: CompoundId, base: Revision
) -> list[str]:
    query = (
        select(key)
        .where(key.table.c.compound == compound, key.table.c.revision > base, key.table.c.gone)
        .order_by(key)
    )
    return list(connection.execute(query).scalars())


def _passes(
    connection: Connection, compound: CompoundId, base: Revision, *, gone: bool
) -> tuple[Pass, ...]:
    query = (
        select(REVOKED.c.person, REVOKED.c.serial)
        .where(REVOKED.c.compound == compound, REVOKED.c.revision > base, REVOKED.c.gone.is_(gone))
        .order_by(REVOKED.c.person, REVOKED.c.serial)
    )
    return tuple((PersonId(person), serial) for person, serial in connection.execute(query))


def _encoded(entry: Household | Resident) -> str:
    """Equal entries are equal texts."""
    return msgspec.json.encode(entry, order="deterministic").decode()
