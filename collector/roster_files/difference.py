"""What an import would change: people and households added, changed, removed, against the roster of before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from checkpoint.people import Household, Resident
from collector.domain.people import People

Entry = TypeVar("Entry", Household, Resident)


@dataclass(frozen=True, slots=True)
class Changes(Generic[Entry]):
    """Of people or of households, each by id."""

    added: tuple[Entry, ...]
    changed: tuple[tuple[Entry, tuple[str, ...]], ...]
    """As they would be, and the names of the fields that change."""
    removed: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two rosters of one compound."""

    residents: Changes[Resident]
    households: Changes[Household]


def difference(old: People, new: People) -> Difference:
    """What becomes of the old roster when the new one takes its place."""
    return Difference(
        _changes(old.residents, new.residents), _changes(old.households, new.households)
    )


def with_revocations(new: People, old: People) -> People:
    """The new people with the old roster's revoked passes: files do not hold them, and they must not come back."""
    lowest = {resident.id: resident.lowest_serial for resident in old.residents}
    residents = tuple(
        msgspec.structs.replace(resident, lowest_serial=lowest.get(resident.id, 0))
        for resident in new.residents
    )
    return msgspec.structs.replace(new, residents=residents, revoked=old.revoked)


def _changes(old: Sequence[Entry], new: Sequence[Entry]) -> Changes[Entry]:
    before: Mapping[str, Entry] = {entry.id: entry for entry in old}
    after: Mapping[str, Entry] = {entry.id: entry for entry in new}
    return Changes(
        added=tuple(entry for entry in new if entry.id not in before),
        changed=tuple(
            (entry, _fields(before[entry.id], entry))
            for entry in new
            if entry.id in before and before[entry.id] != entry
        ),
        removed=tuple(entry for entry in old if entry.id not in after),
    )


def _fields(before: Entry, after: Entry) -> tuple[str, ...]:
    return tuple(
        field
        for field in after.__struct_fields__
        if getattr(before, field) != getattr(after, field)
    )
